"""``eda datasets``: which corpora there are, and fetching them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eda.cli.options import Json
from eda.cli.output import note, put_json, put_table

LIST_SCHEMA = "eda.datasets.list/1"
GET_SCHEMA = "eda.datasets.get/1"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Corpora: list them, fetch them.", no_args_is_help=True, rich_markup_mode=None
    )
    group.command("list")(list_)
    group.command("get")(get)
    app.add_typer(group, name="datasets")


def list_(json: Json = False) -> None:
    """List the corpora, and where each one is."""
    from eda.datasets import CORPORA, find_corpus

    rows = [
        {
            "name": corpus.name,
            "licence": corpus.licence,
            "folder": str(find_corpus(corpus.name) or ""),
            "about": corpus.about,
        }
        for corpus in CORPORA.values()
    ]
    if json:
        put_json(LIST_SCHEMA, {"datasets": rows})
        return
    put_table(
        ((row["name"], row["licence"], row["folder"] or "not here", row["about"]) for row in rows),
        headers=("name", "licence", "folder", "about"),
    )


def get(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As in `eda datasets list`.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to; otherwise the user's data folder."),
    ] = None,
    json: Json = False,
) -> None:
    """Fetch a corpus from its public source and compare its checksum."""
    from eda.datasets import get_corpus

    folder = get_corpus(name, out=out, log=note)
    if json:
        put_json(GET_SCHEMA, {"name": name, "folder": str(folder)})
    else:
        note(f"{name} is in {folder}")
