"""Arguments and options that several commands share, each described once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[str, typer.Argument(metavar="FILE", help="A netlist; - reads standard input.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]
Dialect = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="ngspice, hspice, ltspice, pspice, cdl, kicad, spectre or verilog; auto finds out.",
    ),
]
Include = Annotated[
    list[Path] | None,
    typer.Option("-I", metavar="DIR", help="Look for included files in DIR too; may be repeated."),
]
TrustDeck = Annotated[
    bool,
    typer.Option(
        "--trust-deck", help="Include files from anywhere, not only from FILE's folder and -I."
    ),
]
SubcircuitName = Annotated[
    str | None,
    typer.Option(
        "--subcircuit",
        metavar="NAME",
        help="Take this subcircuit; otherwise the top level, or the one nobody instantiates.",
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", help="Where chance enters, it starts from N.")]
