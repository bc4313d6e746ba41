"""``eda train``: reproduce the weights that the toolkit ships, or train on one's own netlists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.options import Json, Seed
from eda.cli.output import note, put, put_json, put_table

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "eda.train/1"
NAMES = ("filters", "links", "motifs")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train", short_help="Train a model that is shipped, anew or on your netlists.")(
        train
    )


def train(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What to train: filters, links, motifs.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder of the run; by default runs/NAME."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Train on the netlists there instead."),
    ] = None,
    start: Annotated[
        str,
        typer.Option(
            "--from", metavar="WEIGHTS", help="With --data: shipped, scratch, or a folder."
        ),
    ] = "shipped",
    seed: Seed = 0,
    minutes: Annotated[
        float, typer.Option(min=0.01, metavar="M", help="Stop after M minutes.")
    ] = 90.0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint in the folder.")
    ] = False,
    calibrate: Annotated[
        bool,
        typer.Option("--calibrate", help="Only fit the calibration of the weights in --out anew."),
    ] = False,
    generated: Annotated[
        int | None,
        typer.Option(min=0, metavar="N", help="Mix in N circuits of the generator (10,000)."),
    ] = None,
    share: Annotated[
        float | None,
        typer.Option(min=0.0, max=1.0, metavar="S", help="Share of draws they get (0.25)."),
    ] = None,
    json: Json = False,
) -> None:
    """Train a model on the corpora in EDA_DATA, as the shipped ones were, or on your netlists.

    links: the link predictor. motifs: the index of wires that its explanations point to.
    filters: the policy of design-filter; it needs no corpus.
    """
    if name not in NAMES:
        raise typer.BadParameter(
            f"there is nothing to train named {name!r}; there are: {', '.join(NAMES)}"
        )
    if name != "links" and data is not None:
        raise typer.BadParameter("--data goes with: eda train links")
    if data is None and start != "shipped":
        raise typer.BadParameter("--from goes with --data")
    if calibrate and (name != "links" or data is not None):
        raise typer.BadParameter("--calibrate goes with: eda train links, without --data")
    mixed = generated is not None or share is not None
    if mixed and (name != "links" or data is not None):
        raise typer.BadParameter("--generated and --share go with: eda train links, without --data")
    if name == "filters":
        _filters(out or Path("runs") / name, seed=seed, minutes=minutes, json=json)
        return
    from eda.datasets import build_motifs, train_links, train_own_links

    out = out or Path("runs") / (name if data is None else "own-links")
    if calibrate:
        _calibrate(out, json=json)
        return
    summary: Mapping[str, Any]
    if name == "motifs":
        summary = build_motifs(out=out, log=note)
    elif data is None:
        summary = train_links(
            out=out,
            seed=seed,
            minutes=minutes,
            resume=resume,
            generated=generated,
            share=share,
            log=note,
        )
    else:
        summary = train_own_links(
            data, out=out, start=start, seed=seed, minutes=minutes, resume=resume, log=note
        )
    if json:
        put_json(SCHEMA, {"out": str(out), **summary})
    elif data is None:
        put("\n".join(f"{key:<24}{value}" for key, value in summary.items()))
    else:
        _show_own(summary, out)


def _filters(out: Path, *, seed: int, minutes: float, json: bool) -> None:
    """Train the policy of filter design; what is there already is not done again."""
    from eda.agents.filter_training import train_filters

    summary = train_filters(out=out, seed=seed, minutes=minutes, log=note)
    if json:
        put_json(SCHEMA, {"out": str(out), **summary})
    else:
        put("\n".join(f"{key:<24}{value}" for key, value in summary.items()))


def _calibrate(out: Path, *, json: bool) -> None:
    """Fit the calibration of the weights in a folder, and print its numbers."""
    from eda.datasets import calibrate_links

    fitted = calibrate_links(out)
    if json:
        put_json(SCHEMA, {"out": str(out), "calibration": fitted})
    else:
        rows = ((key, *map(str, item.values())) for key, item in fitted.items())
        put_table(rows, headers=("weights", *next(iter(fitted.values()))))


def _show_own(summary: Mapping[str, Any], out: Path) -> None:
    """Print what training on one's own netlists changed."""
    rows = []
    for when in ("before", "after"):
        figures = summary[when]
        if figures is not None:
            low, high = figures["hits_at_1_95"]
            values = [f"{figures[key]:.3f}" for key in ("hits_at_1", "hits_at_3", "mrr", "pair")]
            rows.append((when, values[0], f"{low:.3f}-{high:.3f}", *values[1:]))
    headers = ("", "Hits@1", "95 %", "Hits@3", "MRR", "pair")
    put_table(rows, headers=headers, right=headers[1:])
    pins = summary["after"]["pins"]
    put(
        f"\n{pins} pins of {summary['circuits_test']} circuits held out;"
        f" trained on {summary['circuits_train']}, chosen by {summary['circuits_validation']}"
    )
    note(f"use it: eda predict-links FILE --weights {out}")
