"""``eda train``: reproduce the weights that the toolkit ships."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eda.cli.options import Json, Seed
from eda.cli.output import note, put, put_json, put_table

SCHEMA = "eda.train/1"
NAMES = ("links",)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train", short_help="Train a model that is shipped, anew.")(train)


def train(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to train: links.")],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder of the run; weights go there too.")
    ] = Path("runs/links"),
    seed: Seed = 0,
    minutes: Annotated[
        float, typer.Option(min=0.01, metavar="M", help="Stop after M minutes.")
    ] = 30.0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint in the folder.")
    ] = False,
    calibrate: Annotated[
        bool,
        typer.Option("--calibrate", help="Only fit the calibration of the weights in --out anew."),
    ] = False,
    generated: Annotated[
        int, typer.Option(min=0, metavar="N", help="Mix in N circuits of the generator.")
    ] = 0,
    share: Annotated[
        float, typer.Option(min=0.0, max=1.0, metavar="S", help="Share of draws they get.")
    ] = 0.5,
    json: Json = False,
) -> None:
    """Train a model on the corpora in EDA_DATA; the weights shipped were made by this command."""
    if name not in NAMES:
        raise typer.BadParameter(f"there is nothing to train named {name!r}; there is: links")
    from eda.datasets import calibrate_links, train_links

    if calibrate:
        fitted = calibrate_links(out)
        if json:
            put_json(SCHEMA, {"out": str(out), "calibration": fitted})
        else:
            rows = ((key, *map(str, item.values())) for key, item in fitted.items())
            put_table(rows, headers=("weights", *next(iter(fitted.values()))))
        return
    summary = train_links(
        out=out,
        seed=seed,
        minutes=minutes,
        resume=resume,
        generated=generated,
        share=share,
        log=note,
    )
    if json:
        put_json(SCHEMA, {"out": str(out), **summary})
    else:
        put("\n".join(f"{key:<24}{value}" for key, value in summary.items()))
