"""``eda optimize-aig``: a smaller or flatter circuit, proved to compute the same."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eda.cli.logic_input import read_logic_file
from eda.cli.options import Json, Seed
from eda.cli.output import check_out, note, put, put_json, put_table, replacing
from eda.cli.settings import settings

if TYPE_CHECKING:
    from eda.logic.optimize import Optimized, Step

SCHEMA = "eda.optimize-aig/1"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("optimize-aig", short_help="Make a logic circuit smaller or flatter, proved.")(
        optimize_aig
    )


def optimize_aig(
    file: Annotated[
        str, typer.Argument(metavar="IN", help="A logic file; - reads standard input.")
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="OUT", help="The file to write, by its ending.")
    ],
    seconds: Annotated[
        float,
        typer.Option(min=0.1, metavar="T", help="Time of the search; the proof comes on top."),
    ] = 10.0,
    objective: Annotated[
        str, typer.Option(metavar="NAME", help="What shall become small: ands, levels, product.")
    ] = "ands",
    jobs: Annotated[
        int, typer.Option(min=1, metavar="N", help="Recipes that run at a time.")
    ] = min(2, os.cpu_count() or 1),
    liberty: Annotated[
        Path | None,
        typer.Option(metavar="LIB", help="Map to these cells too: area and delay, before, after."),
    ] = None,
    luts: Annotated[
        bool, typer.Option(help="Count 6-input LUTs before and after, where ABC is installed.")
    ] = True,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Optimise AIGER, BLIF, BENCH, PLA or Verilog; what is written is proved equivalent.

    Recipes of ABC and aigverse take turns while the time lasts, those first that gained most per
    second elsewhere. Without ABC it works with aigverse alone, and gains less. Fewer ANDs are not
    always fewer LUTs or less area: both are counted, before and after.
    """
    from eda.logic.mapping import map_liberty, map_luts
    from eda.logic.optimize import optimize_aig as optimize

    aig = read_logic_file(file)
    check_out(out, inputs=[file])
    watch = Progress()
    with watch:
        made = optimize(
            aig,
            seconds=seconds,
            objective=objective,
            seed=seed,
            workers=jobs,
            progress=watch.step,
        )
    if not made.abc:
        note("ABC is not installed: only the recipes of aigverse ran, which gain less")
    mapped = []
    if luts and made.abc:
        mapped.append(("6-input LUTs", "LUT levels", map_luts(aig), map_luts(made.aig)))
    if liberty is not None:
        before, after = map_liberty(aig, liberty), map_liberty(made.aig, liberty)
        mapped.append(("area", "delay_ps", before, after))
    from eda.logic.files import write_logic

    with replacing(out, inputs=[file]) as temporary:
        write_logic(made.aig, temporary)
    if json:
        put_json(SCHEMA, {"file": file, "out": str(out), **answer(made, mapped)})
    else:
        _show(file, out, made, mapped)


_Mapped = list[tuple[str, str, tuple[float, float] | None, tuple[float, float] | None]]


def answer(made: Optimized, mapped: _Mapped) -> dict[str, object]:
    """Return a result as plain values."""
    found: dict[str, object] = {
        "ands_before": made.ands_before,
        "ands": made.ands,
        "levels_before": made.levels_before,
        "levels": made.levels,
        "proved": made.proved,
        "proof": made.proof,
        "seconds": round(made.seconds, 2),
        "proof_seconds": round(made.proof_seconds, 2),
        "steps": len(made.log),
        "abc": made.abc,
        "unproved_ands": made.unproved_ands,
    }
    for what, depth, before, after in mapped:
        for name, at in ((what, 0), (depth, 1)):
            key = name.lower().replace("6-input luts", "luts").replace(" ", "_")
            found[f"{key}_before"] = None if before is None else before[at]
            found[key] = None if after is None else after[at]
    return found


def _show(file: str, out: Path, made: Optimized, mapped: _Mapped) -> None:
    rows = [_row("ANDs", made.ands_before, made.ands)]
    rows.append(_row("levels", made.levels_before, made.levels))
    for what, depth, before, after in mapped:
        if before is not None and after is not None:
            rows.append(_row(what, before[0], after[0]))
            rows.append(_row(depth.replace("_ps", " (ps)"), before[1], after[1]))
    put_table(rows, headers=("", "before", "after", "change"), right=("before", "after", "change"))
    put(
        f"\n{len(made.log)} steps in {made.seconds:.1f} s; proved equivalent to {file} by "
        f"{made.proof} in {made.proof_seconds:.1f} s"
        if made.proved
        else f"\n{len(made.log)} steps in {made.seconds:.1f} s; nothing could be proved, "
        f"so {out} is the input"
    )
    if made.unproved_ands is not None:
        note(f"a circuit of {made.unproved_ands} ANDs was found, could not be proved, and is lost")


def _row(name: str, before: float, after: float) -> tuple[str, str, str, str]:
    change = f"{100 * (after - before) / before:+.1f} %" if before else ""
    return name, f"{before:g}", f"{after:g}", change


class Progress:
    """The best so far, on a line of the terminal that is rewritten."""

    def __init__(self) -> None:
        """Show something on a terminal only."""
        self.shown = not settings.quiet and sys.stderr.isatty()
        self.steps = 0

    def __enter__(self) -> Progress:
        """Start."""
        return self

    def step(self, step: Step) -> None:
        """Show the best so far."""
        self.steps += 1
        if self.shown:
            sys.stderr.write(
                f"\r{step.spent:6.1f} s  best {step.best_ands} ANDs, {step.best_levels} levels  "
                f"({self.steps} steps, last: {step.recipe})\x1b[K"
            )
            sys.stderr.flush()

    def __exit__(self, *_: object) -> None:
        """End the line."""
        if self.shown and self.steps:
            sys.stderr.write("\n")
