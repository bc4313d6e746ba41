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
NAMES = ("filters", "links", "motifs", "sizing", "surrogate", "topology")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("train", short_help="Train a model that is shipped, anew or on your netlists.")(
        train
    )


def train(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help=f"What to train: {', '.join(NAMES)}."),
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
    rounds: Annotated[
        int,
        typer.Option(min=0, max=8, metavar="N", help="With topology: rounds of expert iteration."),
    ] = 0,
    method: Annotated[
        str, typer.Option(metavar="NAME", help="Of sizing: ppo, or sac (with hindsight replay).")
    ] = "ppo",
    case: Annotated[
        str, typer.Option(metavar="CASE", help="Of sizing: the case folder, or opamp2.")
    ] = "opamp2",
    steps: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Of sizing: steps in the network.")
    ] = None,
    finetune: Annotated[
        int, typer.Option(min=0, metavar="N", help="Of sizing: further steps in ngspice.")
    ] = 0,
    json: Json = False,
) -> None:
    """Train a model on the corpora in EDA_DATA, as the shipped ones were, or on your netlists.

    links: the link predictor. motifs: the index of wires that its explanations point to.
    filters: the policy of design-filter; it needs no corpus. topology: the generator of new
    circuits. surrogate: the networks of the neural simulator, with the simulations they learn from.
    sizing: a policy that sizes a case, trained in a network fitted to its transistors.
    """
    summary: Mapping[str, Any]
    if name not in NAMES:
        raise typer.BadParameter(
            f"there is nothing to train named {name!r}; there are: {', '.join(NAMES)}"
        )
    if name == "sizing":
        from eda.cli.train_sizing import train_sizing

        folder = out or Path("runs") / f"sizing-{method}"
        summary = train_sizing(method, case, folder, steps, finetune, seed)
        if json:
            put_json(SCHEMA, {"out": str(folder), **summary})
        else:
            put("\n".join(f"{key:<24}{value}" for key, value in summary.items()))
        return
    if name != "links" and data is not None:
        raise typer.BadParameter("--data goes with: eda train links")
    if data is None and start != "shipped":
        raise typer.BadParameter("--from goes with --data")
    if calibrate and (name != "links" or data is not None):
        raise typer.BadParameter("--calibrate goes with: eda train links, without --data")
    mixed = generated is not None or share is not None
    if mixed and (name != "links" or data is not None):
        raise typer.BadParameter("--generated and --share go with: eda train links, without --data")
    if rounds and name != "topology":
        raise typer.BadParameter("--rounds goes with: eda train topology")
    if name == "filters":
        _filters(out or Path("runs") / name, seed=seed, minutes=minutes, json=json)
        return
    from eda.datasets import build_motifs, train_links, train_own_links, train_topology

    out = out or Path("runs") / (name if data is None else "own-links")
    if calibrate:
        _calibrate(out, json=json)
        return
    if name == "motifs":
        summary = build_motifs(out=out, log=note)
    elif name == "surrogate":
        from eda.datasets import train_surrogate

        summary = train_surrogate(out=out, seed=seed, minutes=minutes, resume=resume, log=note)
    elif name == "topology":
        summary = train_topology(
            out=out, seed=seed, minutes=minutes, resume=resume, rounds=rounds, log=note
        )
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
