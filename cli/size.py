"""``eda size``: sizes of a circuit that meet a spec, confirmed by ngspice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eda.cli.options import Include, Json, Seed
from eda.cli.output import note, put, put_json, put_table
from eda.cli.settings import settings
from eda.cli.simulate_testbench import Biases, Common, Load, Models, Ports, Supply

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.agents.goal import Goal
    from eda.agents.result import SizingResult
    from eda.agents.sizer import Progress
    from eda.spice.case import Case

SCHEMA = "eda.size/1"
NEGATIVE: Final = 1
INTERRUPTED: Final = 130
BUDGET: Final = 40


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("size", short_help="Find sizes that meet a spec; ngspice confirms.")(size)


def size(
    case: Annotated[
        str,
        typer.Argument(
            metavar="CASE", help="A case folder, or a netlist with --testbench; opamp2 is shipped."
        ),
    ] = "",
    spec: Annotated[
        str, typer.Option("--spec", metavar="SPEC", help="A level of the case, or a JSON file.")
    ] = "",
    budget: Annotated[
        int | None,
        typer.Option("--budget", metavar="N", help="Most online simulations, check included (40)."),
    ] = None,
    corners: Annotated[
        bool, typer.Option("--corners", help="The spec must hold at every corner of the case.")
    ] = False,
    monte_carlo: Annotated[
        int,
        typer.Option(
            "--monte-carlo", metavar="N", help="It must hold with N samples of mismatch, 3 sigma."
        ),
    ] = 0,
    model: Annotated[
        str,
        typer.Option(metavar="NAME", help="What leads: auto, tables, network or gp."),
    ] = "auto",
    offline: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="Designs simulated before, as golden.csv, to learn from."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The run's folder: runs/size/NAME.")
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", metavar="RUN", help="Go on with a run; nothing is repeated."),
    ] = None,
    seed: Seed = 0,
    testbench: Annotated[str, typer.Option(metavar="KIND", help="Of a bare netlist: opamp.")] = "",
    ports: Ports = None,
    bias: Biases = None,
    supply: Supply = None,
    common: Common = None,
    load: Load = None,
    models: Models = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Simulate even what was simulated before.")
    ] = False,
    include: Include = None,
    json: Json = False,
) -> None:
    """Find sizes that meet a spec, in as few simulations as possible.

    Writes a folder with report.html, the sized netlist, and every simulation. Exit code 1 where
    no design was found that meets the spec: the answer is then the closest one.
    """
    from eda.agents import run_folder
    from eda.agents.goal import read_goal
    from eda.agents.leading import MODELS
    from eda.agents.sizer import size as run_size
    from eda.errors import InputError

    folder: Path | None
    if resume is not None:
        config = run_folder.read_config(resume)
        folder = resume
        case = case or str(config.get("case", ""))
        given: Any = spec if spec else config.get("spec", {})
        budget = budget if budget is not None else int(config.get("budget", BUDGET))
        seed, model = int(config.get("seed", seed)), str(config.get("model", model))
        corners = corners or bool(config.get("corners", False))
        monte_carlo = monte_carlo or int(config.get("monte_carlo", 0))
        offline = offline or (Path(config["offline"]) if config.get("offline") else None)
        source = str(config.get("netlist", ""))
        beside = [Path(source).parent] if source else []
        loaded = _case(case, [*(include or ()), *beside])
    else:
        if not case:
            raise typer.BadParameter("name a case folder or a netlist, or --resume RUN")
        if not spec:
            raise typer.BadParameter("--spec is missing: a level of the case, or a JSON file")
        loaded, source, folder = _begin(
            case, testbench, out, {"ports": ports, "bias": bias, "supply": supply, "common": common,
            "load": load, "models": models}, include,
        )  # fmt: skip
        given = spec
    goal = read_goal(loaded, given)
    if model not in MODELS:
        raise InputError(f"--model {model}: there are {', '.join(MODELS)}")
    budget = BUDGET if budget is None else budget
    if resume is None:
        folder = folder or run_folder.new_folder(Path("runs") / "size", loaded.name)
        if run_folder.is_run(folder):
            raise InputError(f"{folder} holds a run already; resume it, or name another folder")
        folder.mkdir(parents=True, exist_ok=True)
        run_folder.write_config(
            folder,
            {
                "case": str(loaded.folder),
                "netlist": source,
                "spec": run_folder.goal_object(goal),
                "budget": budget,
                "seed": seed,
                "model": model,
                "corners": corners,
                "monte_carlo": monte_carlo,
                "offline": None if offline is None else str(offline.resolve()),
            },
        )
    assert folder is not None  # for the type checker
    with _watching(loaded, goal) as progress:
        result = run_size(
            loaded,
            goal,
            budget,
            seed,
            model=model,  # type: ignore[arg-type]  # checked above
            corners=corners,
            monte_carlo=monte_carlo,
            offline=_offline(loaded, offline),
            folder=folder,
            resume=True,
            cache=not no_cache,
            progress=progress,
        )
    netlist = _sized_source(loaded, result, source)
    report = run_folder.write_run(result, folder, netlist=netlist)
    if json:
        put_json(SCHEMA, {**result.to_dict(), "report": str(report)})
    else:
        show(result)
    note(f"wrote {report}")
    if result.interrupted:
        raise typer.Exit(INTERRUPTED)
    if not result.met:
        raise typer.Exit(NEGATIVE)


def _case(text: str, include: list[Path] | None) -> Case:
    from eda.spice.case_reader import example_case, read_case

    if text == "opamp2" and not Path(text).exists():
        return example_case()
    return read_case(text, include_dirs=include or ())


def _begin(
    text: str,
    testbench: str,
    out: Path | None,
    how: dict[str, Any],
    include: list[Path] | None,
) -> tuple[Case, str, Path | None]:
    """Return the case, the netlist it was made of if any, and the run's folder if settled."""
    from eda.errors import InputError

    path = Path(text)
    if not testbench:
        if path.is_file() and path.suffix != ".json":
            raise InputError(f"{text} is a netlist; say what it is with --testbench opamp")
        stray = next((name for name, value in how.items() if value), "")
        if stray:
            raise InputError(f"--{stray} belongs to a netlist; give --testbench opamp too")
        return _case(text, include), "", out
    from eda.agents.netlist_case import netlist_case
    from eda.agents.run_folder import is_run, new_folder
    from eda.cli.simulate_testbench import _number, _pairs

    if not path.is_file():
        raise InputError(f"{text}: there is no such netlist")
    if out is not None and is_run(out):
        raise InputError(f"{out} holds a run already; resume it, or name another folder")
    folder = out or new_folder(Path("runs") / "size", path.stem)
    case = netlist_case(
        path,
        testbench,
        folder / "case",
        supply_v=_number("--supply", how["supply"]),
        common_v=_number("--vcm", how["common"]),
        load_f=_number("--load", how["load"]),
        ports=_pairs("--port", how["ports"], "ROLE=PORT, as inp=vip"),
        bias=_pairs("--bias", how["bias"], "PORT=VALUE, as ib=10u"),
        models=how["models"],
        include_dirs=include or (),
    )
    return case, str(path.resolve()), folder


def _offline(case: Case, path: Path | None) -> list[tuple[dict[str, float], dict[str, float]]]:
    if path is None:
        return []
    from eda.spice.case_golden import read_golden

    return [(dict(row.design), dict(row.metrics)) for row in read_golden(case, path)]


def _sized_source(case: Case, result: SizingResult, source: str) -> str:
    """Return the user's own netlist with the new values, where the case was made of one."""
    if not source:
        return ""
    from eda.agents.netlist_case import sized_netlist

    return sized_netlist(Path(source), case, result.design)


def show(result: SizingResult) -> None:
    """Print a result."""
    from eda.agents.report import told, why_not

    case, counts = result.case, result.counts
    put(f"{case.name}: {'met' if result.met else 'not met'}" + _where(result))
    if not result.met:
        put(why_not(result))
    put("")
    missed = {item.metric for item in result.missed}
    put_table(
        (
            (
                metric,
                told(result.metrics[metric], case.unit(metric))
                if metric in result.metrics
                else "-",
                f"{target.op} {told(target.value, case.unit(metric))}" if target else "",
                "" if target is None else "missed" if metric in missed else "met",
            )
            for metric in case.metrics
            for target in (result.goal.targets.get(metric),)
        ),
        headers=("metric", "value", "target", ""),
        right=("value", "target"),
    )
    put("")
    put_table(
        (
            (item.name, f"{result.design[item.name]:.6g}", f"{item.lo:g} to {item.hi:g}", item.kind)
            for item in case.design_parameters
        ),
        headers=("parameter", "value", "range", "kind"),
        right=("value",),
    )
    put("")
    put(
        f"simulations: {counts.online} online (final check included), {counts.offline} offline, "
        f"{counts.corner} corner, {counts.mismatch} mismatch; {counts.device} of single "
        f"transistors, {counts.cached} known before"
    )


def _where(result: SizingResult) -> str:
    parts = []
    if result.corners:
        passed = sum(result.goal.met(item.metrics) for item in result.corners.values())
        parts.append(f"{passed} of {len(result.case.corners)} corners")
    if result.samples is not None and result.sigma is not None:
        parts.append(
            f"{result.samples.passes} of {len(result.samples.samples)} samples, "
            f"closest target {result.sigma:.2f} sigma away"
        )
    return f" ({'; '.join(parts)})" if parts else ""


@contextmanager
def _watching(case: Case, goal: Goal) -> Iterator[Callable[[Progress], object] | None]:
    """Show a bar with the worst target, on a terminal."""
    import sys

    del goal
    if settings.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    words = {
        "model": "measuring transistors",
        "size": "sizing",
        "check": "checking from a fresh deck",
        "corners": "corners",
        "monte-carlo": "mismatch samples",
    }
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("online"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        row = bar.add_task(f"{case.name}: measuring transistors", total=None)

        def tell(now: Progress) -> None:
            worst = f", worst: {now.worst}" if now.worst else ""
            bar.update(
                row,
                description=f"{case.name}: {words[now.stage]}{worst}",
                completed=now.online,
                total=now.budget,
            )

        yield tell
