"""P1, pin completion: the model beside what it has to beat, on every held-out set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.links_data import SETS, SOURCES, interval
from eda.bench.links_motifs import motif_answers
from eda.bench.table import Table
from eda.links.motif_index import shipped_index
from eda.links.prior import highest_degree, loose_end
from eda.links.protocol import model_scorer
from eda.links.weights import SHIPPED

if TYPE_CHECKING:
    from eda.bench.links_data import BenchData
    from eda.links.metrics import Answers

COLUMNS: Final = ("method", "Hits@1", "95 %", "Hits@3", "MRR", "95 %", "pair", "95 %", "pins")


def drawn_table(bench: BenchData) -> Table:
    """Return P1 on the hand-drawn circuits: each model, all together, and the baselines."""
    samples = bench.test("drawn")
    rows: list[tuple[Any, ...]] = []
    figures = []
    for name, model in zip(SHIPPED, bench.models, strict=True):
        answers = bench.answers(samples, model_scorer([model]), cut=False)
        figures.append(answers.figures())
        rows.append(row(f"model {name.removeprefix('links-')}", answers, bench.seed))
    mean = {key: float(np.mean([item[key] for item in figures])) for key in figures[0]}
    rows.append(
        (
            f"mean of {len(figures)} seeds",
            *(round(mean["hits_at_1"], 4), None, round(mean["hits_at_3"], 4)),
            *(round(mean["mrr"], 4), None, round(mean["pair"], 4), None, None),
        )
    )
    for name, scorer in (
        ("all seeds together (as shipped)", model_scorer(bench.models)),
        ("the only net touched once, else the prior", loose_end(bench.prior)),
        ("counted prior", bench.prior),
        ("highest degree", highest_degree),
    ):
        rows.append(row(name, bench.answers(samples, scorer, cut=False), bench.seed))
    nearest = motif_answers(samples, shipped_index(), seed=bench.seed)
    rows.insert(-1, row("nearest training wire (motif alone)", nearest, bench.seed))
    return Table(
        "P1 pin completion, hand-drawn AnalogGenie circuits held out",
        COLUMNS,
        tuple(rows),
        (
            f"{len(samples)} circuits; every pin but bulks is hidden once, by itself;"
            " rank is the mean over ties; intervals by drawing circuits anew",
        ),
    )


def others_table(bench: BenchData) -> Table:
    """Return P1 on the other sets of the corpora that every training has had."""
    rows = []
    for name, _ in SETS[1:]:
        samples = bench.cut(bench.test(name))
        for method, scorer in (
            ("model", model_scorer(bench.models)),
            ("loose end, else prior", loose_end(bench.prior)),
            ("counted prior", bench.prior),
            ("highest degree", highest_degree),
        ):
            answers = bench.answers(samples, scorer, cut=True)
            rows.append(row(f"{name}: {method}", answers, bench.seed))
    about = tuple(f"{name}: {text}" for name, text in SETS[1:])
    return Table("P1 pin completion, other held-out sets", COLUMNS, tuple(rows), about)


def sources_table(bench: BenchData) -> Table:
    """Return P1 on netlists of other sources, those the models never saw marked so."""
    rows: list[tuple[Any, ...]] = []
    notes = []
    there = {circuit.corpus for circuit in bench.data.circuits}
    for name, text in SOURCES:
        if name not in there:
            continue
        seen = name in bench.trained_on
        samples = bench.cut(bench.test(name))
        figures = []
        for method, scorer in (
            ("model", model_scorer(bench.models)),
            ("loose end, else prior", loose_end(bench.prior)),
            ("counted prior", bench.prior),
        ):
            answers = bench.answers(samples, scorer, cut=True)
            figures.append(answers.figures()["hits_at_1"])
            rows.append(row(f"{name}: {method}", answers, bench.seed))
        gain = 100 * (figures[0] - max(figures[1:]))
        part = "its training part was trained on" if seen else "no circuit of it was trained on"
        notes.append(
            f"{name}: {text}; {len(samples)} circuits, {part}; "
            f"the model is {gain:+.1f} points from the better baseline"
        )
    return Table("P1 pin completion, netlists of other sources", COLUMNS, tuple(rows), tuple(notes))


def row(name: str, answers: Answers, seed: int) -> tuple[Any, ...]:
    """Return a row of a table of P1."""
    figures = answers.figures()
    intervals = answers.intervals(seed=seed)
    cells: list[Any] = [name]
    for key, with_interval in (("hits_at_1", 1), ("hits_at_3", 0), ("mrr", 1), ("pair", 1)):
        cells.append(round(figures[key], 4))
        if with_interval:
            cells.append(interval(intervals[key]) if key in intervals else None)
    return (*cells, len(answers.rank))
