"""``eda bench``: reproduce the figures of the README."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.options import Json, Seed
from eda.cli.output import note, put, put_json

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("links", "simulate", "spice", "structures")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench", short_help="Reproduce the figures of the README.")(bench)


def bench(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="What to measure: links, simulate, spice, structures."),
    ],
    full: Annotated[
        bool, typer.Option("--full", help="All of it, resumable; without, some minutes.")
    ] = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Measure, and print the tables; what is compared with is measured in the same run."""
    if name not in NAMES:
        raise typer.BadParameter(f"there is no bench named {name!r}; there are: {', '.join(NAMES)}")
    module: Any = import_module(f"eda.bench.{name}")
    result: Mapping[str, Any] = module.run(full=full, seed=seed, log=note)
    if json:
        put_json(f"eda.bench.{name}/1", result)
    else:
        put(module.render(result))
