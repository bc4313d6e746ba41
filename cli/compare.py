"""``eda compare``: do two netlists describe the same circuit, up to names and order?"""

from __future__ import annotations

from typing import Annotated

import typer

from eda.cli.netlist_input import read_circuit
from eda.cli.options import Dialect, Include, Json, SubcircuitName, TrustDeck
from eda.cli.output import put, put_json, waiting

SCHEMA = "eda.compare/1"
NEGATIVE = 1


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare", short_help="Are two netlists the same circuit?")(compare)


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A netlist; - reads standard input.")],
    b: Annotated[str, typer.Argument(metavar="B", help="Another one.")],
    sizes: Annotated[
        bool, typer.Option("--sizes", help="Models and parameters must be the same too.")
    ] = False,
    parallel: Annotated[
        bool, typer.Option("--parallel", help="Equal devices side by side count as one device.")
    ] = False,
    subcircuit: SubcircuitName = None,
    dialect: Dialect = "auto",
    include: Include = None,
    trust_deck: TrustDeck = False,
    json: Json = False,
) -> None:
    """Compare two circuits up to names and order; exit code 1 where they differ."""
    import eda

    if a == b == "-":
        raise typer.BadParameter("only one of the two can come from standard input")
    first = read_circuit(a, dialect=dialect, include=include, trust_deck=trust_deck).flatten(
        subcircuit=subcircuit
    )
    second = read_circuit(b, dialect=dialect, include=include, trust_deck=trust_deck).flatten(
        subcircuit=subcircuit
    )
    with waiting("comparing"):
        result = eda.compare(first, second, sizes=sizes, parallel=parallel)
    if json:
        differences = [
            {"kind": item.kind, "message": item.message, "a": list(item.a), "b": list(item.b)}
            for item in result.differences
        ]
        put_json(SCHEMA, {"equal": result.equal, "differences": differences})
    elif result.equal:
        put(f"{a} and {b} describe the same circuit")
    else:
        put("\n".join([f"{a} and {b} differ", *(f"  {item}" for item in result.differences)]))
    if not result.equal:
        raise typer.Exit(NEGATIVE)
