"""SEAL beside the model: the same circuits and pins, accuracy and milliseconds a candidate."""

from __future__ import annotations

import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.links_completion import COLUMNS, row
from eda.bench.links_data import kept_folder
from eda.bench.seal import Extractor, port_graph
from eda.bench.seal_network import score_pin, train_seal
from eda.bench.table import Table
from eda.links.metrics import Answers, mean_rank, pair_score
from eda.links.protocol import model_scorer
from eda.links.scene import make_scene, right_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eda.bench.links_data import BenchData
    from eda.links.sample import Sample

QUICK_STEPS: Final = 300
FULL_STEPS: Final = 6_000
QUICK_PINS: Final = 2
"""Pins asked per circuit in the quick form."""


def seal_table(bench: BenchData, *, log: Callable[[str], None] | None = None) -> Table:
    """Return P1 of SEAL with and without hub cut, beside the model and the prior.

    Training is checkpointed, and goes on where it was stopped.
    """
    samples = bench.test("drawn")
    steps = FULL_STEPS if bench.full else QUICK_STEPS
    circuits, importance = bench.training(bench.trained_on)
    digest = sha256("".join(sample.name for sample in circuits).encode()).hexdigest()[:12]
    rows: list[tuple[Any, ...]] = []
    for name, hub_cut in (("SEAL, 2 hops", False), ("SEAL, 2 hops, hub cut", True)):
        network = train_seal(
            circuits,
            importance,
            hub_cut=hub_cut,
            steps=steps,
            path=kept_folder() / f"seal-{digest}-{steps}-{int(hub_cut)}-{bench.seed}.safetensors",
            seed=bench.seed,
            log=log,
        )

        def ask(sample: Sample, pins: Any, network: Any = network, cut: bool = hub_cut) -> Any:
            extractor = Extractor(port_graph(sample, hub_cut=cut))
            for pin in pins.tolist():
                scene = make_scene(sample, np.array([pin]))
                yield score_pin(network, extractor, pin, scene.pair_net.tolist()), scene

        rows.append(_row(name, bench, samples, ask))
    for name, scorer in (("model", model_scorer(bench.models)), ("counted prior", bench.prior)):

        def ask_scorer(sample: Sample, pins: Any, scorer: Any = scorer) -> Any:
            for pin in pins.tolist():
                scene = make_scene(sample, np.array([pin]))
                yield scorer(scene), scene

        rows.append(_row(name, bench, samples, ask_scorer))
    return Table(
        "P1 beside SEAL with DGCNN: the same training circuits, held-out circuits and pins",
        (*COLUMNS, "ms per candidate"),
        tuple(rows),
        (
            f"SEAL: ports are nodes, DRNL labels, {steps} steps of 12 pins with 3 wrong nets each;"
            " --full trains longer and asks every pin",
            "here every pin is asked by itself, one at a time, on small circuits; chips are in the"
            " table of speed",
        ),
    )


def _row(
    name: str, bench: BenchData, samples: Sequence[Sample], ask: Callable[[Sample, Any], Any]
) -> tuple[Any, ...]:
    circuit, rank, pair = [], [], []
    candidates, seconds = 0, 0.0
    for at, sample in enumerate(samples):
        rng = np.random.default_rng((bench.seed, at))
        pins = sample.queries()
        if not bench.full and len(pins) > QUICK_PINS:
            pins = np.sort(rng.choice(pins, QUICK_PINS, replace=False))
        begun = time.perf_counter()
        answers = list(ask(sample, pins))
        seconds += time.perf_counter() - begun
        for scores, scene in answers:
            right = right_pairs(scene, sample)
            wrong = scores[~right]
            candidates += len(scores)
            circuit.append(at)
            rank.append(mean_rank(scores, right))
            pair.append(
                pair_score(float(scores[right].max()), float(wrong[rng.integers(len(wrong))]))
                if len(wrong)
                else np.nan
            )
    made = Answers(np.array(circuit, dtype=np.int64), np.array(rank), np.array(pair))
    return (*row(name, made, bench.seed), round(1e3 * seconds / max(candidates, 1), 3))
