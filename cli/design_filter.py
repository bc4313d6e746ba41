"""``eda design-filter``: from a mask to a filter, verified by ngspice on what is delivered."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.options import Json, Seed
from eda.cli.output import note, put, put_json, put_table
from eda.cli.settings import settings

if TYPE_CHECKING:
    from eda.filters.microstrip.design import PrintedResult
    from eda.filters.result import FilterResult
    from eda.filters.spec import FilterSpec

SCHEMA = "eda.design-filter/1"
NEGATIVE = 1
_LARGEST_INPUT = 2**20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("design-filter", short_help="Design a filter to a mask, verified by ngspice.")(
        design_filter
    )


def design_filter(
    spec: Annotated[
        str | None,
        typer.Argument(metavar="[SPEC]", help="A filter-spec/1 file; - reads standard input."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="DIR", help="Write the files there (filter/)."),
    ] = None,
    lowpass: Annotated[
        str | None, typer.Option(metavar="F", help="Without SPEC: pass up to F, as 10MHz.")
    ] = None,
    highpass: Annotated[str | None, typer.Option(metavar="F", help="Pass from F on.")] = None,
    bandpass: Annotated[
        str | None, typer.Option(metavar="F1-F2", help="Pass a band, as 2.4-2.5GHz.")
    ] = None,
    bandstop: Annotated[
        str | None, typer.Option(metavar="F1-F2", help="Pass below F1 and above F2.")
    ] = None,
    stop: Annotated[
        str | None,
        typer.Option(metavar="F:DB,...", help='Attenuation, as "2.2GHz:30dB,2.7-3GHz:40dB".'),
    ] = None,
    rl: Annotated[
        float | None, typer.Option("--rl", metavar="DB", help="Return loss to keep (12).")
    ] = None,
    il: Annotated[
        float | None,
        typer.Option("--il", metavar="DB", help="Loss allowed (3 or what Q needs; active 1)."),
    ] = None,
    ripple: Annotated[
        float | None, typer.Option("--ripple", metavar="DB", help="Ripple allowed, active (1).")
    ] = None,
    gain: Annotated[float, typer.Option("--gain", metavar="DB", help="Gain, active.")] = 0.0,
    family: Annotated[
        str, typer.Option(metavar="NAME", help="lumped, active or microstrip.")
    ] = "lumped",
    z: Annotated[
        float, typer.Option("--z", metavar="OHM", help="Source and load of a lumped filter.")
    ] = 50.0,
    parts: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Most parts (11), or op-amps (4) of an active one."),
    ] = None,
    series: Annotated[
        str | None, typer.Option(metavar="E24", help="Series of values: E6 to E192.")
    ] = None,
    q: Annotated[
        float | None, typer.Option("--q", metavar="Q", help="Quality of the inductors (60).")
    ] = None,
    gbw: Annotated[
        str, typer.Option("--gbw", metavar="F", help="Gain-bandwidth of the op-amps.")
    ] = "10MHz",
    objective: Annotated[
        str,
        typer.Option(metavar="NAME", help="Made best: yield, margin, parts, worst-case or spread."),
    ] = "yield",
    start: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Retune the circuit of this deck, or a microstrip layout.json."
        ),
    ] = None,
    library: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Use the measured parts (.s2p) in DIR, lumped only."),
    ] = None,
    policy: Annotated[
        bool, typer.Option("--policy/--no-policy", help="Let the learned policy choose first.")
    ] = True,
    full_wave: Annotated[
        int,
        typer.Option(
            "--full-wave",
            min=0,
            max=10,
            metavar="N",
            help="Verify a microstrip layout in full wave, and correct it: at most N calls (0).",
        ),
    ] = 0,
    solver: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What solves full wave: openems or planar (openems).",
        ),
    ] = None,
    report: Annotated[
        bool, typer.Option("--report/--no-report", help="Write report.html too.")
    ] = True,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Design a filter; exit code 1 where the mask is not met, with the closest design delivered.

    Writes filter.cir, filter.s2p and report.html; of a microstrip filter layout.json and its copper
    (.svg, .dxf, .gds, .kicad_mod) too. With --full-wave a field solver decides.
    """
    words = {
        **{"lowpass": lowpass, "highpass": highpass, "bandpass": bandpass, "bandstop": bandstop},
        **{"stop": stop, "rl_db": rl, "il_db": il, "ripple_db": ripple, "gain_db": gain},
        **{"family": family, "z_ohm": z, "parts": parts, "series": series, "q": q},
    }
    wanted = _spec(spec, words, gbw)
    from eda.filters import design_filter as design

    if solver is not None and not (full_wave and wanted.technology == "microstrip"):
        raise typer.BadParameter("--solver goes with --full-wave N and microstrip filters")

    with _telling() as say:
        result = design(
            wanted,
            seed,
            objective=objective,
            start=start,
            library=library,
            policy=policy,
            full_wave=full_wave,
            solver=solver,
            progress=say,
        )
        say("writing the files")
        folder = out if out is not None else Path("filter")
        written = result.write(folder, report=report)
    if json:
        put_json(SCHEMA, {**result.to_dict(), "files": [str(path) for path in written]})
    else:
        _tell(result)
        for path in written:
            note(f"wrote {path}")
    if not result.solved:
        raise typer.Exit(NEGATIVE)


def _spec(path: str | None, words: dict[str, Any], gbw: str) -> FilterSpec:
    """Return the specification of a file, or that of the options."""
    from eda.filters import parse_spec, read_spec, terse_spec

    bands = [words[name] for name in ("lowpass", "highpass", "bandpass", "bandstop")]
    if path is not None:
        if any(bands) or words["stop"]:
            raise typer.BadParameter("give SPEC, or --lowpass ... and --stop, not both")
        if path == "-":
            return parse_spec(sys.stdin.buffer.read(_LARGEST_INPUT + 1), where="standard input")
        return read_spec(path)
    if words["stop"] is None:
        raise typer.BadParameter('give SPEC, or a band and --stop "F:DB"; see --help')
    from eda.filters.terse import frequency_hz

    return terse_spec(**words, gbw_hz=frequency_hz(gbw, option="--gbw"))


@contextmanager
def _telling() -> Iterator[Callable[[str], object]]:
    """Show on a terminal what is being done; elsewhere nothing."""
    if settings.quiet or not sys.stderr.isatty():
        yield lambda text: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading") as status:
        yield lambda text: status.update(text)


def _tell(result: FilterResult | PrintedResult) -> None:
    from eda.filters.result import FilterResult

    if isinstance(result, FilterResult):
        _show(result)
    else:
        _show_printed(result)


def _show_printed(result: PrintedResult) -> None:
    wide, high = result.layout.footprint_mm
    verdict = "met" if result.solved else "NOT met"
    by = f" in {result.verifier}" if result.steps else ""
    put(
        f"{result.spec.id}: mask {verdict}, margin {result.margin_db:.2f} dB{by} "
        f"({result.reference_db:.2f} by the closed forms, "
        f"{result.deck_db:.2f} of the deck in ngspice); {result.layout.family}, "
        f"order {result.layout.order}, {wide:.2f} x {high:.2f} mm"
    )
    for text in result.broken:
        put(f"limit: {text}")
    if result.held_back:
        put(f"the closest found is held back by: {'; '.join(result.held_back)}")
    put_table(
        [(name, f"{value:+.2f} dB") for name, value in result.by_band.items()],
        headers=("band", "margin"),
        right=("margin",),
    )
    _show_calls(result)
    foreseen = None if result.steps else result.foreseen_db
    if foreseen is not None:
        put(
            f"\nfull wave would come to some {foreseen:+.1f} dB, the neural simulator foresees"
            f"{': --full-wave 3 corrects the layout' if foreseen < 0 else ''}"
        )
    put("")
    gaps = {
        name: f"{result.layout.gap_mm(pair):.2f}" for pair in result.layout.coupled for name in pair
    }
    put_table(
        [
            (s.name, f"{s.width_mm:.2f}", f"{s.length_mm:.2f}", gaps.get(s.name, ""))
            for s in result.layout.strips
        ],
        headers=("strip", "width / mm", "length / mm", "gap / mm"),
        right=("width / mm", "length / mm", "gap / mm"),
    )
    low, high = result.batch.interval
    put(
        f"\nyield {result.batch.share:.0%} ({low:.0%} to {high:.0%}) of {result.batch.trials} "
        "boards as they are etched"
    )
    put(
        f"{result.ledger.evaluations} evaluations, {result.ledger.simulations} "
        f"simulation{'s' if result.ledger.simulations != 1 else ''}, {result.seconds:.1f} s; "
        f"began as: {result.origin}"
    )


def _show_calls(result: PrintedResult) -> None:
    """Show what each call of full wave found, and where the closed forms were aimed for it."""
    if not result.steps:
        return
    put("")
    put_table(
        [
            (
                str(number),
                f"{step.aim.scale:.4f}" if step.aim else "",
                f"{step.aim.stretch:.3f}" if step.aim else "",
                f"{step.verified.margin_db:+.2f} dB",
                "cached" if step.solved.cached else f"{step.solved.seconds:.0f} s",
            )
            for number, step in enumerate(result.steps, 1)
        ],
        headers=("full wave", "frequency", "bandwidth", "margin", "time"),
        right=("frequency", "bandwidth", "margin", "time"),
    )


def _show(result: FilterResult) -> None:
    from eda.filters.deck import value_text

    spec = result.spec
    verdict = "met" if result.solved else "NOT met"
    put(
        f"{spec.id}: mask {verdict}, margin {result.margin_db:.2f} dB in ngspice; "
        f"{result.topology.name}, {result.topology.size} parts"
        + (f", {len(result.topology.opamps)} op-amps" if result.topology.opamps else "")
    )
    if result.impossible:
        put(f"impossible: {result.impossible}")
    put_table(
        [(name, f"{value:+.2f} dB") for name, value in result.by_band.items()],
        headers=("band", "margin"),
        right=("margin",),
    )
    units = {"inductor": "H", "capacitor": "F", "resistor": "ohm"}
    put("")
    put_table(
        [
            (part.name, value_text(value), units[part.kind])
            for part, value in zip(result.topology.parts, result.values, strict=True)
        ],
        headers=("part", "value", "unit"),
        right=("value",),
    )
    low, high = result.batch.interval
    put(
        f"\nyield {result.batch.share:.0%} ({low:.0%} to {high:.0%}) of {result.batch.trials} "
        "filters within their parts' tolerances"
    )
    put(
        f"{result.ledger.evaluations} evaluations, {result.ledger.simulations} "
        f"simulation{'s' if result.ledger.simulations != 1 else ''}, {result.seconds:.1f} s; "
        f"began as: {result.origin}"
    )
