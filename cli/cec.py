"""``eda cec``: do two circuits compute the same?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from eda.cli.logic_input import read_logic_file
from eda.cli.options import Json, Seed
from eda.cli.output import note, put, put_json, waiting

if TYPE_CHECKING:
    from eda.logic.equivalence import Verdict

SCHEMA = "eda.cec/1"
NEGATIVE = 1
MOST_SHOWN = 12


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("cec", short_help="Prove two logic circuits equivalent, or show where not.")(cec)


def cec(
    first: Annotated[
        str, typer.Argument(metavar="A", help="A logic file; - reads standard input.")
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    seconds: Annotated[
        float, typer.Option(min=0.1, metavar="T", help="Answer 'unknown' after so many seconds.")
    ] = 60.0,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Compare AIGER, BLIF, BENCH, PLA or Verilog: equivalent, different, or unknown.

    Latches are matched by name or order, and the logic between them is compared. Exit code 0
    means equivalent, 1 different or unknown.
    """
    from eda.logic.equivalence import check_equivalence, verdict_json

    if first == second == "-":
        raise typer.BadParameter("only one of the two can come from standard input")
    a, b = read_logic_file(first), read_logic_file(second)
    with waiting("comparing"):
        verdict = check_equivalence(a, b, seconds=seconds, seed=seed, names=(first, second))
    if json:
        put_json(SCHEMA, {"first": first, "second": second, **verdict_json(verdict)})
    else:
        _show(first, second, verdict)
    if not verdict.equivalent:
        raise typer.Exit(NEGATIVE)


def _show(first: str, second: str, verdict: Verdict) -> None:
    for step in verdict.steps:
        note(step)
    how = f" ({verdict.method}, {verdict.seconds:.1f} s)" if verdict.method else ""
    put(f"{verdict.answer}: {first} and {second}{how}")
    if verdict.registers:
        by = verdict.matched_by.get("latches", "order")
        put(
            f"{verdict.registers} registers were matched by {by}; the logic between them is "
            "what was compared"
        )
    example = verdict.counterexample
    if example is None:
        return
    for kind, name, one, two in example.outputs[:MOST_SHOWN]:
        word = {"outputs": "output", "next_states": "next state of"}.get(kind, kind)
        put(f"  {word} {name}: {one} in {first}, {two} in {second}")
    if len(example.outputs) > MOST_SHOWN:
        put(f"  and {len(example.outputs) - MOST_SHOWN} more")
    for word, values in (("inputs", example.inputs), ("latches", example.latches)):
        ones = [name for name, value in values.items() if value]
        if values:
            put(f"  for {word}: {_listed(ones)} = 1, the other {len(values) - len(ones)} = 0")


def _listed(names: list[str]) -> str:
    if not names:
        return "none"
    more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    return " ".join(names[:MOST_SHOWN]) + more
