"""``eda case``: write a sizing case to start from, and check one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eda.cli.case_corners import corners
from eda.cli.case_yield import case_yield
from eda.cli.options import Include, Json
from eda.cli.output import complain, note, put, put_json, put_table, waiting

if TYPE_CHECKING:
    from eda.spice import Case, CaseResult

NEW_SCHEMA = "eda.case.new/1"
CHECK_SCHEMA = "eda.case.check/1"
NEGATIVE: Final = 1
BAD_INPUT: Final = 2
FAILED: Final = 4

Folder = Annotated[
    str, typer.Argument(metavar="FOLDER", help="The folder with case.json and deck.cir.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(
        help="Sizing cases: write one to start from, check one.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    commands.command("new", short_help="Write a case to start from.")(new)
    commands.command("check", short_help="Check a case, and simulate its nominal design.")(check)
    commands.command("corners", short_help="Simulate a design at every corner.")(corners)
    commands.command("yield", short_help="Simulate a design with many draws of chance.")(case_yield)
    app.add_typer(commands, name="case", short_help="Write or check a sizing case.")


def new(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="A folder that is made.")],
    json: Json = False,
) -> None:
    """Write a complete case, a two-stage op-amp, to be changed into one's own."""
    from eda.spice.case_template import new_case

    path = new_case(folder)
    files = sorted(item.name for item in path.iterdir())
    if json:
        put_json(NEW_SCHEMA, {"folder": str(path), "files": files})
    else:
        put(f"{path}: {', '.join(files)}")
        note(f"change them, and run: eda case check {path}")


def check(
    folder: Folder,
    golden: Annotated[
        bool, typer.Option("--golden", help="Simulate the designs of golden.csv too, and compare.")
    ] = False,
    include: Include = None,
    json: Json = False,
) -> None:
    """Check a case, and simulate its nominal design where ngspice is installed.

    Exit code 1 where a golden design differs, 2 where the case is refused, 4 where the nominal
    design cannot be simulated.
    """
    from eda.spice import read_case

    case = read_case(folder, include_dirs=include or ())
    problems = [str(item) for item in case.circuit().errors]
    result = None if problems else _nominal(case)
    compared = _golden(case) if golden and result is not None else None
    if json:
        put_json(CHECK_SCHEMA, _answer(case, problems, result, compared))
    else:
        _show(case, problems, result, compared)
    if problems:
        raise typer.Exit(BAD_INPUT)
    if result is not None and not result.ok:
        raise typer.Exit(FAILED)
    if compared is not None and compared["mismatches"]:
        raise typer.Exit(NEGATIVE)


def _nominal(case: Case) -> CaseResult | None:
    from eda.errors import ToolNotFoundError

    try:
        with waiting(f"simulating {case.name}"):
            return case.simulate([case.nominal])[0]
    except ToolNotFoundError:
        return None


def _golden(case: Case) -> dict[str, Any]:
    from eda.spice.case_golden import compare_golden, read_golden

    rows = read_golden(case)
    with waiting(f"simulating {len(rows)} designs"):
        found = case.simulate([row.design for row in rows])
    return {
        "designs": len(rows),
        "mismatches": [
            {
                "line": item.line,
                "metric": item.metric,
                "expected": item.expected,
                "found": item.found if item.found == item.found else None,
            }
            for row, result in zip(rows, found, strict=True)
            for item in compare_golden(case, row.line, row.metrics, result.metrics)
        ],
    }


def _answer(
    case: Case,
    problems: list[str],
    result: CaseResult | None,
    compared: dict[str, Any] | None,
) -> dict[str, Any]:
    simulated = None
    if result is not None:
        simulated = {
            "status": result.status.value,
            "stage": result.stage,
            "metrics": dict(result.metrics),
            "missed": {
                level: list(spec.missed(result.metrics)) for level, spec in case.specs.items()
            },
            "log": result.log.splitlines(),
        }
    return {
        "folder": str(case.folder),
        "name": case.name,
        "design_parameters": [item.name for item in case.design_parameters],
        "metrics": [
            {"name": name, "unit": case.unit(name), "direction": case.direction[name]}
            for name in case.metrics
        ],
        "stages": [list(stage) for stage in case.stages],
        "corners": len(case.corners),
        "problems": problems,
        "nominal": simulated,
        "golden": compared,
    }


def _show(
    case: Case,
    problems: list[str],
    result: CaseResult | None,
    compared: dict[str, Any] | None,
) -> None:
    put(
        f"{case.name}: {len(case.design_parameters)} design parameters, {len(case.metrics)} "
        f"metrics in {len(case.stages)} stages, {len(case.corners)} corners"
    )
    for problem in problems:
        complain(problem)
    if problems:
        return
    if result is None:
        note("ngspice is not installed, so nothing was simulated; `eda doctor` says how to get it")
        return
    put("")
    put_table(
        (
            (
                metric,
                f"{result.metrics[metric]:.6g}" if metric in result.metrics else "-",
                case.unit(metric),
                *(_target(case, level, metric, result) for level in case.specs),
            )
            for metric in case.metrics
        ),
        headers=("metric", "nominal", "unit", *case.specs),
        right=("nominal",),
    )
    if not result.ok:
        complain(f"the nominal design ended as {result.status.value} in stage {result.stage + 1}")
        complain(result.log)
    if compared is not None:
        for item in compared["mismatches"]:
            found = "nothing" if item["found"] is None else f"{item['found']:.6g}"
            put(
                f"golden.csv:{item['line']}: {item['metric']} is {found}, "
                f"{item['expected']:.6g} expected"
            )
        put(f"golden.csv: {compared['designs']} designs, {len(compared['mismatches'])} mismatches")


def _target(case: Case, level: str, metric: str, result: CaseResult) -> str:
    spec = case.specs[level]
    if metric not in spec.targets:
        return ""
    target = spec.targets[metric]
    missed = metric in spec.missed(result.metrics)
    return f"{target.op} {target.value:g}{' missed' if missed else ''}"
