"""Leave one source out: models that saw no circuit of a source, nor one like it, tested on it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from eda.bench.links_completion import COLUMNS, row
from eda.bench.links_data import SOURCES, kept_folder
from eda.bench.links_matrix import SMALL
from eda.bench.table import Table
from eda.datasets.links import TEST_CORPORA, LinkData, training_samples, validation_samples
from eda.datasets.splits import split_circuits
from eda.links.prior import count_prior, loose_end
from eda.links.protocol import model_scorer
from eda.links.weights import Shape, load_weights

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from eda.bench.links_data import BenchData

QUICK_SOURCES: Final = ("sky130_cells", "openfasoc")
QUICK_STEPS: Final = 300
FULL_STEPS: Final = 1_500
BATCH: Final = 32
VALIDATION_PINS: Final = 300


def left_out_table(bench: BenchData, *, log: Callable[[str], None] | None = None) -> Table:
    """Return P1 on each source by a model that was trained on all the others.

    All circuits of the source are asked, whatever part of the split they are in. Models are
    kept, and a training that was stopped goes on.
    """
    say = log or (lambda _: None)
    there = {circuit.corpus for circuit in bench.data.circuits}
    names = [name for name, _ in SOURCES if name in there and name not in TEST_CORPORA]
    rows: list[tuple[Any, ...]] = []
    notes = []
    for name in names if bench.full else [item for item in names if item in QUICK_SOURCES]:
        say(f"leaving out {name}")
        data = _without(bench.data, name)
        samples, _ = training_samples(data)
        asked = bench.cut(data.select("test", bench.wanted(name)))
        prior = count_prior(samples)
        model = load_weights(_trained(bench, data, name, say))
        figures = []
        for method, scorer in (
            ("model", model_scorer([model])),
            ("loose end, else prior", loose_end(prior)),
            ("counted prior", prior),
        ):
            answers = bench.answers(asked, scorer, cut=True)
            figures.append(answers.figures()["hits_at_1"])
            rows.append(row(f"{name}: {method}", answers, bench.seed))
        gain = 100 * (figures[0] - max(figures[1:]))
        notes.append(
            f"{name}: {len(asked)} circuits asked, {len(samples)} trained on; "
            f"the model is {gain:+.1f} points from the better baseline"
        )
    steps, shape = _size(full=bench.full)
    notes.append(
        f"one seed each, {steps} steps of {BATCH} scenes, width {shape.width}; the shipped models "
        "were trained longer, on every source and on generated circuits"
    )
    return Table(
        "P1, one source left out of training at a time", COLUMNS, tuple(rows), tuple(notes)
    )


def _size(*, full: bool) -> tuple[int, Shape]:
    return (FULL_STEPS, Shape()) if full else (QUICK_STEPS, SMALL)


def _without(data: LinkData, name: str) -> LinkData:
    """Return the data with a source, and whatever is like a circuit of it, kept out of training."""
    parts = split_circuits(data.circuits, seed=0, left_out={name, *TEST_CORPORA})
    return LinkData(data.circuits, data.samples, tuple(parts))


def _trained(bench: BenchData, data: LinkData, name: str, log: Callable[[str], None]) -> Path:
    """Train the model that leaves a source out, where it is not there yet; return its file."""
    from eda.links.train import FIRST_STAGE, train

    samples, importance = training_samples(data)
    steps, shape = _size(full=bench.full)
    text = "".join(sample.name for sample in samples)
    digest = sha256(f"left out:{name}:{steps}:{bench.seed}:{text}".encode()).hexdigest()[:16]
    folder = kept_folder() / f"left-out-{digest}"
    if not (folder / "summary.json").exists():
        validation = [
            sample for sample in validation_samples(data) if len(sample.edge_net) <= VALIDATION_PINS
        ]
        train(
            samples,
            importance,
            validation,
            out=folder,
            plan=replace(FIRST_STAGE, shape=shape, steps=steps, batch=BATCH),
            seed=bench.seed,
            resume=True,
            log=log,
        )
    return folder / "links.safetensors"
