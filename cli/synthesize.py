"""``eda synthesize``: a small circuit for truth tables, a PLA file, or expressions."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from eda.cli.optimize_aig import Progress
from eda.cli.options import Json, Seed
from eda.cli.output import check_out, note, put, put_json, put_table, replacing
from eda.errors import InputError

SCHEMA = "eda.synthesize/1"
MAX_BYTES = 64 << 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("synthesize", short_help="Find a small logic circuit for truth tables.")(synthesize)


def synthesize(
    truth: Annotated[
        str,
        typer.Argument(
            metavar="TRUTH",
            help="Truth tables in binary or hexadecimal, a line each, a PLA file, or expressions "
            "such as y = a & !b; - reads standard input.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="OUT", help="The file to write, by its ending.")
    ],
    seconds: Annotated[float, typer.Option(min=0.1, metavar="T", help="Time of the search.")] = 10,
    objective: Annotated[
        str, typer.Option(metavar="NAME", help="What shall become small: ands, levels, product.")
    ] = "ands",
    jobs: Annotated[
        int, typer.Option(min=1, metavar="N", help="Recipes that run at a time.")
    ] = min(2, os.cpu_count() or 1),
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Synthesise a circuit of at most 16 inputs; it is checked in every assignment that matters.

    A truth table has the assignment in which all inputs are 1 first. Where a PLA file or a - in a
    table says that a value does not matter, the smaller choice is taken.
    """
    from eda.logic.files import write_logic
    from eda.logic.synthesis import synthesize as find
    from eda.logic.truth import parse_truth

    spec = parse_truth(_text(truth), truth)
    check_out(out, inputs=[truth])
    with Progress() as watch:
        made = find(
            spec,
            seconds=seconds,
            objective=objective,
            seed=seed,
            workers=jobs,
            progress=watch.step,
        )
    with replacing(out, inputs=[truth]) as temporary:
        write_logic(made.aig, temporary)
    if not made.abc:
        note("ABC is not installed: the result is larger than it would be with it")
    free = sum(bin(((1 << (1 << spec.inputs)) - 1) & ~care).count("1") for care in spec.cares)
    if json:
        put_json(
            SCHEMA,
            {
                "file": truth,
                "out": str(out),
                "inputs": spec.inputs,
                "outputs": len(spec.ones),
                "free_values": free,
                "ands": made.aig.num_ands,
                "levels": made.aig.depth,
                "verified": True,
                "start": made.start,
                "starts": {name: list(pair) for name, pair in made.starts.items()},
                "seconds": round(made.seconds, 2),
            },
        )
        return
    put_table(
        [(name, str(one), str(two)) for name, (one, two) in made.starts.items()],
        headers=("start", "ANDs", "after short scripts"),
        right=("ANDs", "after short scripts"),
    )
    does_not = f", {free} values that do not matter" if free else ""
    put(
        f"\n{spec.inputs} inputs, {len(spec.ones)} outputs{does_not}: {made.aig.num_ands} ANDs, "
        f"{made.aig.depth} levels in {made.seconds:.1f} s; verified in all assignments"
    )


def _text(path: str) -> str:
    try:
        if path == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with Path(path).open("rb") as file:
                data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise InputError(f"{path}: more than {MAX_BYTES >> 20} MB")
    return data.decode("utf-8", "replace")
