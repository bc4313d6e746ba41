"""``eda filters``: data of printed filters in full wave, to learn from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eda.cli.options import Json, Seed
from eda.cli.output import counting, put, put_json, put_table

BUILD_SCHEMA = "eda.filters.build-data/1"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    commands = typer.Typer(
        help="Printed filters in full wave: solve layouts to learn from.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    commands.callback()(_group)
    commands.command("build-data", short_help="Solve layouts in full wave.")(build_data)
    app.add_typer(commands, name="filters", short_help="Solve printed filters to learn from.")


def _group() -> None:
    # A group of one command would take its place.
    pass


def build_data(
    count: Annotated[
        int, typer.Option(min=1, max=100_000, metavar="N", help="How many layouts.")
    ] = 100,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder for records.jsonl.")
    ] = Path("filters-data"),
    family: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Only hairpin, edge_coupled, stub, stepped_impedance, open_loop or notch.",
        ),
    ] = None,
    solver: Annotated[
        str, typer.Option(metavar="NAME", help="What solves: openems or planar.")
    ] = "openems",
    jobs: Annotated[
        int, typer.Option(min=1, max=64, metavar="N", help="How many are solved at once.")
    ] = 1,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Draw printed filters and solve them in full wave, some 10 to 30 s each on one core.

    A run that was killed goes on where it was. Layouts that cannot be solved are kept with the
    reason, and not tried again. Exit code 1 where that befell all of them.
    """
    from eda.datasets.printed_build import build_printed

    with counting("solving filters", count) as progress:
        made = build_printed(
            out, count, seed=seed, family=family, solver=solver, jobs=jobs, progress=progress
        )
    if json:
        put_json(BUILD_SCHEMA, {"out": str(out), **made})
    else:
        put_table(
            (
                (*name.split(", "), *(str(counts.get(part, 0)) for part in _PARTS))
                for name, counts in made["kinds"].items()
            ),
            headers=("family", "response", "order", *_PARTS),
            right=("order", *_PARTS),
        )
        put(f"{out}: {made['records']} solved, {made['failed']} failed; {made['made']} in this run")
    if not made["records"]:
        raise typer.Exit(1)


_PARTS = ("train", "validation", "test")
