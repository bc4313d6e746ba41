"""``eda simulate``: run a deck with ngspice, show its measures, draw what it gives."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eda.cli import simulate_testbench as bench
from eda.cli.netlist_input import read_with_errors
from eda.cli.options import Dialect, File, Include, Json, SubcircuitName
from eda.cli.output import check_out, complain, note, put, put_json, put_table, replacing, waiting
from eda.numbers import format_engineering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.spice import SimulationResult
    from eda.spice.simulation import Waveforms

SCHEMA = "eda.simulate/1"
REFUSED: Final = 2
FAILED: Final = 4
MOST_SHOWN: Final = 60

Plot = Annotated[
    Path | None,
    typer.Option(
        "--plot", metavar="OUT", help="Draw every analysis to OUT: .png, .svg, .pdf or .html."
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("-o", metavar="OUT", help="Write the waveforms to OUT: .raw, .csv or .npz."),
]
Show = Annotated[
    list[str] | None,
    typer.Option("--show", metavar="NAME", help="Draw this waveform; may be repeated."),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust-deck", help="Run the deck's .control block as it is, and include any file."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate", short_help="Run a deck with ngspice, show measures and curves.")(
        simulate
    )


def simulate(
    file: File,
    plot: Plot = None,
    out: Out = None,
    show: Show = None,
    time_limit: Annotated[
        float, typer.Option(metavar="S", help="Stop after so many seconds.")
    ] = 60.0,
    memory_limit: Annotated[
        float, typer.Option(metavar="MB", help="Memory the simulation may take.")
    ] = 2000.0,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Run it even if it was run before.")
    ] = False,
    dialect: Dialect = "auto",
    include: Include = None,
    pdk: Annotated[
        str, typer.Option("--pdk", metavar="NAME", help="Take the models of this PDK of eda.toml.")
    ] = "",
    corner: Annotated[
        str, typer.Option("--corner", metavar="NAME", help="At this corner; else its first one.")
    ] = "",
    trust_deck: Trust = False,
    testbench: bench.Kind = None,
    subcircuit: SubcircuitName = None,
    port: bench.Ports = None,
    bias: bench.Biases = None,
    supply: bench.Supply = None,
    split: bench.Split = False,
    vcm: bench.Common = None,
    load: bench.Load = None,
    load_current: bench.LoadCurrent = None,
    clock: bench.Clock = None,
    z0: bench.Impedance = None,
    models: bench.Models = None,
    touchstone: bench.Touchstone = None,
    json: Json = False,
) -> None:
    """Run a deck with ngspice: its analyses, its measures, its curves.

    With --testbench, put sources, loads and feedback round a bare subcircuit and measure it.

    Exit code 2 where the deck is refused, 3 where ngspice is missing, 4 where it failed.
    """
    import eda

    for given in (plot, out, touchstone):
        if given is not None:
            check_out(given, inputs=[file])
    wanted = bench.Wanted(
        *(testbench, port, bias, supply, split, vcm, load, load_current, clock, z0, models),
        touchstone=touchstone,
        subcircuit=subcircuit,
    )
    _check_options(wanted, out, show)
    circuit = read_with_errors(
        file,
        dialect=dialect,
        include=include,
        trust_deck=trust_deck,
        preamble=_models(pdk, corner),
    )
    if testbench is not None:
        code = bench.characterise(
            circuit,
            file,
            wanted,
            plot=plot,
            json=json,
            time_limit=time_limit,
            memory_limit=memory_limit,
            cache=not no_cache,
        )
        raise typer.Exit(code)
    with waiting(f"simulating {file}"):
        result = eda.simulate(
            circuit,
            time_limit_s=time_limit,
            memory_limit_mb=memory_limit,
            trust_deck=trust_deck,
            cache=not no_cache,
        )
    _write(result, plot, out, show, file=file, title=circuit.title)
    if json:
        put_json(SCHEMA, {"file": file, **_answer(result)})
    else:
        _show(file, result)
    if not result.ok:
        raise typer.Exit(REFUSED if result.status == "refused" else FAILED)


def _models(pdk: str, corner: str) -> tuple[str, ...]:
    """Return the cards of a PDK's corner."""
    from eda.errors import InputError
    from eda.spice import find_pdk

    if pdk:
        return find_pdk(pdk).cards(corner)
    if corner:
        raise InputError(f"--corner {corner} belongs to a PDK; name it with --pdk")
    return ()


def _check_options(wanted: bench.Wanted, out: Path | None, show: list[str] | None) -> None:
    from eda.errors import InputError

    if wanted.kind is None and wanted.stray():
        raise InputError(f"{wanted.stray()} belongs to a testbench; name one with --testbench KIND")
    if wanted.kind is not None and (out is not None or show):
        option = "-o" if out is not None else "--show"
        raise InputError(
            f"{option} does not go with --testbench; --plot and --json give its curves"
        )


def _write(
    result: SimulationResult,
    plot: Path | None,
    out: Path | None,
    show: list[str] | None,
    *,
    file: str,
    title: str,
) -> None:
    if not result.waveforms:
        return
    if out is not None:
        from eda.spice import write_waveforms

        with replacing(out, inputs=[file]) as temporary:
            write_waveforms(temporary, result.waveforms, title=title or file)
        note(f"wrote {out}")
    if plot is not None:
        from eda.plots import result_figure, save_figure

        with replacing(plot, inputs=[file]) as temporary:
            save_figure(result_figure(result, show, title=title), temporary)
        note(f"wrote {plot}")


def _answer(result: SimulationResult) -> dict[str, Any]:
    return {
        "status": result.status.value,
        "analyses": [_analysis(item) for item in result.waveforms],
        "measures": _finite(result.measures),
        "operating_point": _finite(result.operating_point),
        "log": result.log.splitlines(),
        "seconds": round(result.seconds, 6),
        "cached": result.cached,
    }


def _analysis(item: Waveforms) -> dict[str, Any]:
    return {
        "kind": item.analysis.kind if item.analysis is not None else None,
        "command": item.analysis.command() if item.analysis is not None else None,
        "axis": item.axis_name or None,
        "points": _points(item),
        "waveforms": list(item),
    }


def _points(item: Waveforms) -> int:
    return len(item.axis) if item.axis_name else 1


def _finite(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def _show(file: str, result: SimulationResult) -> None:
    if not result.ok:
        for line in result.log.splitlines():
            complain(line)
        complain(f"error: {file}: the simulation ended as {result.status.value}")
    elif result.log:
        for line in result.log.splitlines():
            note(line)
    if result.measures:
        put_table(
            ((name, _number(value)) for name, value in result.measures.items()),
            headers=("measure", "value"),
            right=("value",),
        )
    if result.operating_point:
        if result.measures:
            put("")
        _show_point(result.operating_point)
    for item in result.waveforms:
        if item.axis_name and item.analysis is not None:
            note(f"{item.analysis.command()}: {_points(item)} points of {len(item)} waveforms")
    if result.ok and not result.cached:
        note(f"{file}: {result.seconds:.3g} s")
    elif result.cached:
        note(f"{file}: from the cache; --no-cache runs it again")


def _show_point(point: Mapping[str, float]) -> None:
    names = sorted(point, key=lambda name: (not name.startswith("v("), name))
    put_table(
        ((name, _number(point[name], unit=_unit(name))) for name in names[:MOST_SHOWN]),
        headers=("operating point", "value"),
        right=("value",),
    )
    if len(names) > MOST_SHOWN:
        note(f"... and {len(names) - MOST_SHOWN} more; --json and -o give them all")


def _unit(name: str) -> str:
    return {"v(": "V", "i(": "A"}.get(name[:2], "")


def _number(value: float, *, unit: str = "") -> str:
    if not math.isfinite(value):
        return "not found"
    if 0 < abs(value) < 1e-18:
        return f"{value:.4g}{unit}"
    return format_engineering(value, digits=5, unit=unit)
