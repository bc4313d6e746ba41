"""``eda datasets``: which corpora there are, fetching them, and building generated ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eda.cli.options import Json, Seed
from eda.cli.output import note, put_json, put_table, waiting

LIST_SCHEMA = "eda.datasets.list/1"
GET_SCHEMA = "eda.datasets.get/1"
BUILD_SCHEMA = "eda.datasets.build/1"
BUILT = ("generated",)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="Corpora: list them, fetch them, build them.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("list")(list_)
    group.command("get")(get)
    group.command("build")(build)
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


def build(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to build: generated.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder to write it to.")
    ] = Path("generated"),
    count: Annotated[
        int, typer.Option(min=1, max=1_000_000, metavar="N", help="How many circuits.")
    ] = 100,
    types: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only circuits of this type; may be repeated."),
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Write circuits of the generator: netlists, manifest.jsonl with labels, and a card."""
    if name not in BUILT:
        raise typer.BadParameter(f"there is nothing to build named {name!r}; there is: generated")
    from eda.datasets.build import write_generated

    with waiting(f"generating {count} circuits"):
        summary = write_generated(out, count, seed=seed, types=types)
    if json:
        put_json(BUILD_SCHEMA, {"out": str(out), **summary})
    else:
        note(f"wrote {summary['circuits']} circuits ({summary['distinct']} distinct) to {out}")
