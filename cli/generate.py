"""``eda generate``: new circuits of a type, as netlists that ngspice runs as they stand."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eda.cli.options import Json, Seed
from eda.cli.output import note, put, put_json, put_table, waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.topology import GeneratedCircuit

SCHEMA = "eda.generate/1"
LIST_SCHEMA = "eda.generate.list/1"
MANIFEST: Final = "manifest.jsonl"
NEGATIVE: Final = 1
_MAX_SPEC_BYTES: Final = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("generate", short_help="Make new circuits of a type, checked and simulated.")(
        generate
    )


def generate(
    circuit_type: Annotated[
        str | None,
        typer.Argument(metavar="TYPE", help="What to make, as opamp; --list names the types."),
    ] = None,
    count: Annotated[
        int, typer.Option("-n", "--count", min=1, metavar="N", help="How many circuits.")
    ] = 10,
    seed: Seed = 0,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="DIR", help="Folder for netlists and manifest.jsonl."),
    ] = None,
    spec: Annotated[
        Path | None,
        typer.Option("--spec", metavar="SPEC.json", help="What to aim at, as gain_db, devices."),
    ] = None,
    size: Annotated[
        bool, typer.Option("--size", help="Search for better sizes, 200 simulations a circuit.")
    ] = False,
    agent: Annotated[
        bool,
        typer.Option("--agent", help="Of op-amps: the agent of eda size sizes each as well."),
    ] = False,
    simulate: Annotated[
        bool, typer.Option("--simulate", help="Operating point and testbench of each in ngspice.")
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Write a gallery, report.html, with schematics.")
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="PATH", help="Weights of one's own: a file or a folder."),
    ] = None,
    list_types: Annotated[bool, typer.Option("--list", help="Name the types and end.")] = False,
    json: Json = False,
) -> None:
    """Make new circuits: every one keeps the electrical rules, none that is begun is dropped.

    One netlist a circuit, with supplies, biases and models; what is known of each is a line of
    manifest.jsonl. Exit code 1: a spec was given and no circuit is known to have what it asks.
    """
    from eda.topology import TYPES

    if list_types:
        _list(json=json)
        return
    if circuit_type is None:
        raise typer.BadParameter(f"name a type; there are: {', '.join(TYPES)}")
    if out is None:
        raise typer.BadParameter("name a folder for the netlists with -o DIR")
    if agent and circuit_type != "opamp":
        raise typer.BadParameter("--agent goes with: eda generate opamp")
    import eda

    wanted = read_spec(spec) if spec is not None else None
    with waiting(f"generating {count} circuits"):
        made = eda.generate(
            circuit_type,
            count=count,
            seed=seed,
            spec=wanted,
            size=size,
            simulate=simulate or size,
            weights=weights,
        )
    with waiting("writing"):
        files, records = write(out, made)
        if report:
            from eda.topology import write_gallery

            write_gallery(out / "report.html", made, title=f"New circuits: {circuit_type}")
    if agent:
        records = _with_agent(out, made, records, seed)
    if json:
        put_json(SCHEMA, {"out": str(out), "type": circuit_type, "circuits": records})
    else:
        _show(made, files)
        if agent:
            _show_agent(records)
        note(f"wrote {len(files)} netlists and {MANIFEST} to {out}")
        if report:
            note(f"wrote {out / 'report.html'}")
    met = [item.met for item in made]
    if agent:
        met = [
            any(pair) for pair in zip(met, (item["agent"]["met"] for item in records), strict=True)
        ]
    if wanted and (simulate or size or agent) and not any(met):
        note("none of the circuits is known to have what the spec asks for")
        raise typer.Exit(NEGATIVE)


def read_spec(path: Path) -> dict[str, Any]:
    """Return a spec from a file.

    Raises:
        SpecError: The file cannot be read, or is no JSON object.
    """
    from eda.errors import SpecError
    from eda.topology.conditions import conditions_of

    try:
        if path.stat().st_size > _MAX_SPEC_BYTES:
            raise SpecError(f"{path}: larger than {_MAX_SPEC_BYTES} bytes; this is no spec")
        found = json_module.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise SpecError(f"{path}: not JSON ({error})") from error
    if not isinstance(found, dict):
        raise SpecError(f'{path}: must be an object, as {{"gain_db": 60}}')
    conditions_of(found, where=str(path))
    return found


def write(out: Path, made: Sequence[GeneratedCircuit]) -> tuple[list[str], list[dict[str, Any]]]:
    """Write the netlists and the manifest; return the names of the files, and what is in it.

    Raises:
        InputError: The folder cannot be written.
    """
    from eda.errors import InputError
    from eda.tensors import replace_file

    records = []
    names = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for item in made:
            name = f"{item.name}.cir"
            replace_file(out / name, item.netlist().encode())
            names.append(name)
            records.append({"file": name, **item.record()})
        _write_manifest(out, records)
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror or error}") from error
    return names, records


def _write_manifest(out: Path, records: Sequence[dict[str, Any]]) -> None:
    from eda.tensors import replace_file

    lines = [json_module.dumps(item) for item in records]
    replace_file(out / MANIFEST, ("\n".join(lines) + "\n").encode())


def _with_agent(
    out: Path, made: Sequence[GeneratedCircuit], records: Sequence[dict[str, Any]], seed: int
) -> list[dict[str, Any]]:
    """Size each op-amp with the agent; what is finished is in the manifest at once."""
    from eda.agents.generated import size_generated
    from eda.tensors import replace_file

    done = [dict(item) for item in records]
    for at, item in enumerate(made):
        with waiting(f"sizing {item.name}, {at + 1} of {len(made)}"):
            found = size_generated(
                item.design, item.name, out / "agent", conditions=item.conditions, seed=seed
            )
        name = f"{item.name}.sized.sp" if found.netlist else ""
        if name:
            replace_file(out / name, found.netlist.encode())
        done[at]["agent"] = {"file": name, **found.record()}
        _write_manifest(out, done)
    return done


def _show_agent(records: Sequence[dict[str, Any]]) -> None:
    put("")
    rows = []
    for item in records:
        said = item["agent"]
        figures = (said["metrics"].get(name) for name in ("gain_db", "pm_deg", "power_w"))
        told = ("-" if value is None else f"{value:.4g}" for value in figures)
        rows.append(
            (said["file"] or item["name"], _yes(said["met"]), str(said["simulations"]), *told)
        )
    headers = ("sized by the agent", "met", "simulations", "gain dB", "margin deg", "power W")
    put_table(rows, headers=headers, right=headers[2:])


def _list(*, json: bool) -> None:
    from eda.topology import TYPES

    if json:
        put_json(
            LIST_SCHEMA,
            {
                "types": [
                    {
                        "name": item.name,
                        "meaning": item.meaning,
                        "ports": {name: list(limits) for name, limits in item.ports.items()},
                        "testbench": item.testbench or None,
                    }
                    for item in TYPES.values()
                ]
            },
        )
        return
    rows = [(item.name, item.testbench or "-", item.meaning) for item in TYPES.values()]
    put_table(rows, headers=("type", "testbench", "what it is"))


def _show(made: Sequence[GeneratedCircuit], files: Sequence[str]) -> None:
    rows = []
    for name, item in zip(files, made, strict=True):
        said = item.measured
        rows.append(
            (
                name,
                str(len(item.topology)),
                f"{item.design.supply_v:g}",
                _yes(item.novel),
                f"{item.similarity:.2f}",
                _yes(said.op_solved if said else None),
                _yes(said.saturated if said else None),
                _yes(said.works if said else None),
                _figures(item),
            )
        )
    headers = ("file", "devices", "V", "new", "alike", "op", "saturated", "works", "figures")
    put_table(rows, headers=headers, right=("devices", "V", "alike"))
    put(f"\n{len(made)} circuits, {sum(not item.rules for item in made)} keep every strict rule")


def _figures(item: GeneratedCircuit) -> str:
    if item.measured is None:
        return "-"
    from eda.topology.report import figure

    pairs = list(item.measured.metrics.items())[:4]
    return ", ".join(f"{name} {figure(name, value)}" for name, value in pairs) or "-"


def _yes(value: bool | None) -> str:
    return "-" if value is None else "yes" if value else "no"
