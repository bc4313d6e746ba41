"""``eda train``: reproduce the weights that the toolkit ships, or train on one's own netlists."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.options import Json, Seed
from eda.cli.output import note, put, put_json, put_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SCHEMA = "eda.train/1"
NAMES = (
    *("fanins", "filters", "links", "motifs", "printed", "recipes"),
    *("sizing", "surrogate", "topology"),
)


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
        typer.Option(
            "--data", metavar="DIR", help="Train on the netlists, or solved filters, there instead."
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="WEIGHTS",
            help="With --data: shipped (unless said otherwise), scratch, or a folder. With "
            "topology: weights to go on from, as shipped or a folder.",
        ),
    ] = None,
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
    printed: the neural simulator of printed filters, from what full wave has solved.
    sizing: a policy that sizes a case, trained in a network fitted to its transistors.
    recipes: in which order optimize-aig tries its recipes. fanins: which signal is missing at an
    AND of a logic circuit.
    """
    if name not in NAMES:
        raise typer.BadParameter(
            f"there is nothing to train named {name!r}; there are: {', '.join(NAMES)}"
        )
    if name not in ("links", "printed") and data is not None:
        raise typer.BadParameter("--data goes with: eda train links, eda train printed")
    own = (name == "links" and data is not None) or name == "topology"
    if start is not None and not own:
        raise typer.BadParameter(
            "--from goes with: eda train links --data, and with eda train topology"
        )
    if calibrate and (name != "links" or data is not None):
        raise typer.BadParameter("--calibrate goes with: eda train links, without --data")
    mixed = generated is not None or share is not None
    if mixed and (name != "links" or data is not None):
        raise typer.BadParameter("--generated and --share go with: eda train links, without --data")
    if rounds and name != "topology":
        raise typer.BadParameter("--rounds goes with: eda train topology")
    if name != "sizing" and (method, case, steps, finetune) != ("ppo", "opamp2", None, 0):
        raise typer.BadParameter(
            "--method, --case, --steps and --finetune go with: eda train sizing"
        )
    run = {"sizing": f"sizing-{method}", "links": "links" if data is None else "own-links"}
    out = out or Path("runs") / run.get(name, name)
    if calibrate:
        _calibrate(out, json=json)
        return
    common: dict[str, Any] = {"out": out, "seed": seed, "minutes": minutes, "log": note}
    trainers: dict[str, Callable[[], Mapping[str, Any]]] = {
        "fanins": lambda: _fanins(resume=resume, **common),
        "filters": lambda: _filters(**common),
        "links": lambda: _links(
            data,
            start=start or "shipped",
            generated=generated,
            share=share,
            resume=resume,
            **common,
        ),
        "motifs": lambda: _motifs(out),
        "printed": lambda: _printed(data=data, resume=resume, **common),
        "recipes": lambda: _recipes(out, seed),
        "sizing": lambda: _sizing(method, case, out, steps, finetune, seed),
        "surrogate": lambda: _surrogate(resume=resume, **common),
        "topology": lambda: _topology(start, resume=resume, rounds=rounds, **common),
    }
    summary = trainers[name]()
    if json:
        put_json(SCHEMA, {"out": str(out), **summary})
    elif data is None or name != "links":
        put("\n".join(f"{key:<24}{value}" for key, value in summary.items()))
    else:
        _show_own(summary, out)


def _fanins(**common: Any) -> Mapping[str, Any]:
    from eda.datasets import train_fanins

    return train_fanins(**common)


def _filters(**common: Any) -> Mapping[str, Any]:
    from eda.agents.filter_training import train_filters

    return train_filters(**common)


def _links(
    data: Path | None, *, start: str, generated: int | None, share: float | None, **common: Any
) -> Mapping[str, Any]:
    from eda.datasets import train_links, train_own_links

    if data is None:
        return train_links(generated=generated, share=share, **common)
    return train_own_links(data, start=start, **common)


def _motifs(out: Path) -> Mapping[str, Any]:
    from eda.datasets import build_motifs

    return build_motifs(out=out, log=note)


def _printed(**common: Any) -> Mapping[str, Any]:
    from eda.datasets.printed_training import train_printed

    return train_printed(**common)


def _recipes(out: Path, seed: int) -> Mapping[str, Any]:
    from eda.datasets import train_recipes

    return train_recipes(out=out, seed=seed, log=note)


def _sizing(
    method: str, case: str, out: Path, steps: int | None, finetune: int, seed: int
) -> Mapping[str, Any]:
    from eda.cli.train_sizing import train_sizing

    return train_sizing(method, case, out, steps, finetune, seed)


def _surrogate(**common: Any) -> Mapping[str, Any]:
    from eda.datasets import train_surrogate

    return train_surrogate(**common)


def _topology(start: str | None, **common: Any) -> Mapping[str, Any]:
    from eda.datasets import train_topology
    from eda.topology.weights import weights_at

    if start is not None and start != "scratch":
        common["start"] = weights_at(None if start == "shipped" else Path(start))
    return train_topology(**common)


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
