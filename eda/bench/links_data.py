"""What the tables of `eda bench links` share: the circuits, the models, the prior."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from eda.datasets.links import training_samples
from eda.links.prior import count_prior
from eda.links.protocol import complete_pins
from eda.links.weights import SHIPPED, shipped_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from eda.datasets.links import LinkData
    from eda.datasets.records import CorpusCircuit
    from eda.links.metrics import Answers
    from eda.links.protocol import Scorer
    from eda.links.sample import Sample
    from eda.links.weights import Weights

SETS: Final[tuple[tuple[str, str], ...]] = (
    ("drawn", "AnalogGenie, analog, drawn by hand"),
    ("composed", "AnalogGenie, machine-composed (near-duplicates of one another)"),
    ("image2net", "Image2Net, read from images"),
    ("align_ota", "ALIGN operational amplifiers (composed)"),
)
"""Sets of the corpora that every training has had."""
SOURCES: Final[tuple[tuple[str, str], ...]] = (
    ("sky130_cells", "standard cells, SkyWater"),
    ("stdcells", "standard cells of no foundry"),
    ("ihp", "cells, pads and test structures of a BiCMOS process"),
    ("align", "sized analog and wireline circuits with testbenches"),
    ("openfasoc", "mixed-signal generators"),
    ("analoggym", "amplifiers of a sizing benchmark"),
    ("ngspice", "example decks of ngspice"),
    ("ltspice", "application circuits in LTspice's style, never trained on"),
)
QUICK_QUERIES: Final = 10
"""Pins asked per circuit of the sets other than the drawn one, in the quick form."""
QUICK_CIRCUITS: Final = 60


class BenchData:
    """Circuits, models and baselines of one run of the bench."""

    def __init__(self, data: LinkData, *, full: bool, seed: int) -> None:
        """Take the circuits; models are the shipped ones."""
        self.data = data
        self.full = full
        self.seed = seed
        self.models: list[Weights] = [shipped_weights(name) for name in SHIPPED]

    @cached_property
    def trained_on(self) -> frozenset[str]:
        """Corpora that the models were trained on, as their cards have it."""
        return frozenset(
            str(item["name"]) for model in self.models for item in model.card.get("data", ())
        )

    def wanted(self, name: str) -> Callable[[CorpusCircuit], bool]:
        """Return whether a circuit is of a set."""
        if name == "drawn":
            return lambda circuit: circuit.drawn
        if name == "composed":
            return lambda circuit: circuit.corpus == "analoggenie" and circuit.composed
        return lambda circuit: circuit.corpus == name

    def test(self, name: str) -> list[Sample]:
        """Return the held-out circuits of a set."""
        return self.data.select("test", self.wanted(name))

    @cached_property
    def prior(self) -> Scorer:
        """The counted prior, counted on the circuits that the models were trained on."""
        samples, _ = self.training(self.trained_on)
        return count_prior(samples)

    def training(self, corpora: frozenset[str]) -> tuple[list[Sample], list[float]]:
        """Return the training circuits of some corpora, and how often each is drawn."""
        samples, importance = training_samples(self.data)
        known = {
            sample.name
            for circuit, sample in zip(self.data.circuits, self.data.samples, strict=True)
            if circuit.corpus in corpora
        }
        kept = [at for at, sample in enumerate(samples) if sample.name in known]
        return [samples[at] for at in kept], [importance[at] for at in kept]

    def answers(self, samples: Sequence[Sample], scorer: Scorer, *, cut: bool) -> Answers:
        """Return the answers of P1."""
        queries = None if self.full or not cut else QUICK_QUERIES
        return complete_pins(samples, scorer, seed=self.seed, queries=queries)

    def some_models(self) -> list[Weights]:
        """Return all models, in the quick form the first."""
        return self.models if self.full else self.models[:1]

    def cut(self, samples: list[Sample]) -> list[Sample]:
        """Return all of the circuits, in the quick form some."""
        return samples if self.full else samples[:QUICK_CIRCUITS]


def kept_folder() -> Path:
    """Return where the bench keeps what it has made, to go on from."""
    from eda.datasets.corpora import cache_folder

    return cache_folder().parent / "bench"


def interval(bounds: Any) -> str:
    """Return an interval as text.

    Example:
        >>> interval((0.5, 0.75))
        '0.500-0.750'
    """
    return f"{bounds[0]:.3f}-{bounds[1]:.3f}"
