"""Train on one source, test on another: small models, a matrix of Hits@1."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from eda.bench.links_data import QUICK_QUERIES, kept_folder
from eda.bench.table import Table
from eda.links.prior import count_prior
from eda.links.protocol import complete_pins, model_scorer
from eda.links.weights import Shape, load_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from eda.bench.links_data import BenchData
    from eda.links.sample import Sample

SMALL: Final = Shape(width=32, inner=64, hidden=64, layers=4)
QUICK_STEPS: Final = 80
FULL_STEPS: Final = 1_500
BATCH: Final = 24
MIN_TRAINING: Final = 30
"""Sources with fewer training circuits are only tested on."""
QUICK_CIRCUITS: Final = 12
ALL: Final = "all of these"


def matrix_table(bench: BenchData, *, log: Callable[[str], None] | None = None) -> Table:
    """Return Hits@1 of a small model per source, on the held-out circuits of every source.

    Models are kept, and a training that was stopped goes on.
    """
    say = log or (lambda _: None)
    names = list(dict.fromkeys(circuit.corpus for circuit in bench.data.circuits))
    tests = {name: _test(bench, name) for name in names}
    tests = {name: samples for name, samples in tests.items() if samples}
    pools = {name: bench.training(frozenset((name,))) for name in names}
    trained = [name for name in names if len(pools[name][0]) >= MIN_TRAINING]
    pools[ALL] = bench.training(frozenset(trained))
    rows: list[tuple[Any, ...]] = []
    for name in (*trained, ALL):
        say(f"training on {name}")
        scorer = model_scorer([load_weights(_trained(bench, name, *pools[name], say))])
        rows.append((name, len(pools[name][0]), *(_hits(bench, tests[to], scorer) for to in tests)))
    prior = count_prior(pools[ALL][0])
    count = len(pools[ALL][0])
    rows.append(("(counted prior)", count, *(_hits(bench, tests[to], prior) for to in tests)))
    steps = FULL_STEPS if bench.full else QUICK_STEPS
    return Table(
        "Train on a source (row), test on a source (column): Hits@1 of P1, small models",
        ("trained on", "circuits", *tests),
        tuple(rows),
        (
            f"{steps} steps of {BATCH} scenes, width {SMALL.width}, {SMALL.layers} rounds, one"
            " seed each; they show what carries over, not what the shipped models reach",
            "test circuits: " + ", ".join(f"{name} {len(tests[name])}" for name in tests),
        ),
    )


def _test(bench: BenchData, name: str) -> list[Sample]:
    samples = bench.data.select("test", lambda circuit: circuit.corpus == name)
    samples = [sample for sample in samples if len(sample.queries())]
    return samples if bench.full else samples[:QUICK_CIRCUITS]


def _hits(bench: BenchData, samples: Sequence[Sample], scorer: Any) -> float:
    queries = None if bench.full else QUICK_QUERIES
    answers = complete_pins(samples, scorer, seed=bench.seed, queries=queries)
    return round(answers.figures()["hits_at_1"], 4)


def _trained(
    bench: BenchData,
    name: str,
    samples: Sequence[Sample],
    importance: Sequence[float],
    log: Callable[[str], None],
) -> Path:
    """Train the small model of a source, where it is not there yet; return its file."""
    from eda.links.train import FIRST_STAGE, train

    steps = FULL_STEPS if bench.full else QUICK_STEPS
    text = "".join(sample.name for sample in samples)
    digest = sha256(f"{steps}:{bench.seed}:{text}".encode()).hexdigest()[:16]
    folder = kept_folder() / f"matrix-{digest}"
    path = folder / "links.safetensors"
    if not (folder / "summary.json").exists():
        train(
            samples,
            importance,
            _validation(bench, name),
            out=folder,
            plan=replace(FIRST_STAGE, shape=SMALL, steps=steps, batch=BATCH),
            seed=bench.seed,
            resume=True,
            log=log,
        )
    return path


def _validation(bench: BenchData, name: str) -> list[Sample]:
    """Return the validation circuits of a source, or of all where it has none."""
    own = bench.data.select("validation", lambda circuit: circuit.corpus == name)
    every = own or bench.data.select("validation", lambda circuit: not circuit.composed)
    return every[:QUICK_CIRCUITS] if not bench.full else every
