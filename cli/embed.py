"""``eda embed``: a logic circuit as numbers, its equal signals, and the circuits nearest to it."""

from __future__ import annotations

from typing import Annotated

import typer

from eda.cli.logic_input import read_logic_file
from eda.cli.options import Json, Seed
from eda.cli.output import put, put_json, put_table, waiting

SCHEMA = "eda.embed/1"
MOST_SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("embed", short_help="Describe logic by numbers; find equal signals and kin.")(embed)


def embed(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A logic file; - reads standard input.")
    ],
    among: Annotated[
        list[str] | None,
        typer.Option("--among", metavar="FILE", help="Rank these circuits by likeness to FILE."),
    ] = None,
    prove: Annotated[
        float,
        typer.Option(
            min=0.0,
            metavar="T",
            help="Prove equal signals for T seconds; leave out what differs.",
        ),
    ] = 0.0,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Simulate random patterns: signatures of all signals, and a vector for the circuit.

    Signals with one signature, up to complement, are listed as candidates for being equal.
    """
    from eda.logic.embedding import embed as make
    from eda.logic.embedding import equal_signals, mine_equal, nearness

    aig = read_logic_file(file)
    with waiting("simulating"):
        made = make(aig, seed=seed)
        classes = equal_signals(aig, seed=seed)
        others = [(name, make(read_logic_file(name), seed=seed)) for name in among or ()]
    ranked = sorted(
        ((nearness(made, other), name) for name, other in others), key=lambda item: -item[0]
    )
    pairs = [(members[0], other) for members in classes for other in members[1:]]
    answers: list[str] = []
    if prove:
        mined = mine_equal(aig, seconds=prove, seed=seed)
        pairs = [*mined.proved, *mined.open]
        answers = ["equivalent"] * len(mined.proved) + ["unknown"] * len(mined.open)
    if json:
        put_json(
            SCHEMA,
            {
                "file": file,
                "function": made.function.tolist(),
                "structure": made.structure.tolist(),
                "equal_signals": classes,
                "pairs": [list(pair) for pair in pairs],
                "proved": answers,
                "nearest": [{"file": name, "likeness": round(x, 4)} for x, name in ranked],
            },
        )
        return
    count = sum(len(members) - 1 for members in classes)
    put(f"{file}: {count} signals have the signature of another one, in {len(classes)} classes")
    if pairs:
        told = answers + [""] * (len(pairs) - len(answers))
        rows = [(_name(a), _name(b), told[at]) for at, (a, b) in enumerate(pairs[:MOST_SHOWN])]
        put_table(rows, headers=("literal", "same as", "proof"))
    if len(pairs) > MOST_SHOWN:
        put(f"... and {len(pairs) - MOST_SHOWN} more; --json lists them all")
    if ranked:
        put("")
        rows2 = [(name, f"{likeness:.3f}") for likeness, name in ranked]
        put_table(rows2, headers=("circuit", "likeness"), right=("likeness",))


def _name(literal: int) -> str:
    if literal <= 1:
        return f"constant {literal}"
    return ("not " if literal & 1 else "") + f"{literal & ~1}"
