"""``eda bench``: reproduce the figures of the README."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.options import Json, Seed
from eda.cli.output import note, put, put_json

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = (
    *(
        "filters",
        "filters-full-wave",
        "filters-neural",
        "generate",
        "generator",
        "links",
        "links-v1",
        "logic",
        "rules",
    ),
    *("schematic", "simulate", "size", "spice", "structures", "surrogate"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench", short_help="Reproduce the figures of the README.")(bench)


def bench(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=f"What to measure: {', '.join(NAMES)}.")
    ],
    full: Annotated[
        bool, typer.Option("--full", help="All of it, resumable; without, some minutes.")
    ] = False,
    seed: Seed = 0,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT",
            help="Write the figure (.png, .svg, .pdf, .html); links and filters-neural have one.",
        ),
    ] = None,
    gallery: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the pictures there; schematic draws some."),
    ] = None,
    json: Json = False,
) -> None:
    """Measure, and print the tables; what is compared with is measured in the same run."""
    if name not in NAMES:
        raise typer.BadParameter(f"there is no bench named {name!r}; there are: {', '.join(NAMES)}")
    module: Any = import_module(f"eda.bench.{name.replace('-', '_')}")
    if plot is not None and not hasattr(module, "figure"):
        raise typer.BadParameter(
            f"the bench {name} has no figure; --plot goes with: links, filters-neural"
        )
    if gallery is not None and name != "schematic":
        raise typer.BadParameter(f"the bench {name} has no gallery; --gallery goes with: schematic")
    more: dict[str, Any] = {} if gallery is None else {"gallery": gallery}
    result: Mapping[str, Any] = module.run(full=full, seed=seed, log=note, **more)
    if plot is not None:
        from eda.plots import save_figure

        save_figure(module.figure(result), plot)
        note(f"wrote {plot}")
    if json:
        put_json(f"eda.bench.{name}/1", result)
    else:
        put(module.render(result))
