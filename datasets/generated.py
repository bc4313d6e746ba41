"""Generated circuits as training data: records like those of the corpora, samples, mixing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from eda.datasets.generator import generate_circuits
from eda.datasets.records import CorpusCircuit
from eda.datasets.splits import split_hash
from eda.graph import circuit_graph
from eda.links.sample import Sample, make_sample

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from eda.datasets.generator import GeneratedCircuit

CORPUS: Final = "generated"
DIGITAL_TYPES: Final = frozenset(("logic_gate", "storage", "interface"))
MIN_PINS: Final = 3


def generated_record(made: GeneratedCircuit) -> CorpusCircuit:
    """Return a generated circuit as a record of a corpus, flat."""
    return CorpusCircuit(
        name=f"{CORPUS}/{made.name}",
        corpus=CORPUS,
        circuit=made.circuit.flatten(),
        group="",
        composed=True,
        digital=made.type in DIGITAL_TYPES,
    )


def generated_records(
    count: int, *, seed: int = 0, types: Sequence[str] | None = None, start: int = 0
) -> Iterator[CorpusCircuit]:
    """Yield generated circuits as records of the corpus ``generated``.

    Args:
        count: How many.
        seed: Where chance starts from.
        types: Which types; by default all, by their weights.
        start: Number of the first.

    Example:
        >>> [record.name for record in generated_records(1, types=["opamp"])]
        ['generated/opamp/0-0']
    """
    for made in generate_circuits(count, seed=seed, types=types, start=start):
        yield generated_record(made)


def generated_samples(
    count: int,
    *,
    seed: int = 0,
    types: Sequence[str] | None = None,
    exclude: Collection[str] = (),
) -> tuple[list[Sample], list[float]]:
    """Return generated circuits as `eda.links.train.train` takes them, and their importance.

    Circuits that are the same up to names come in once: they add nothing to the first.

    Args:
        count: How many are generated; what is left out is not made up for.
        seed: Where chance starts from.
        types: Which types; by default all, by their weights.
        exclude: Canonical hashes (`eda.datasets.splits.split_hash`) of circuits that must not be
            learned: those of the validation and test parts.

    Returns:
        Samples, and how often each is to be drawn relative to the others (by the square root of
        its pins, as circuits of the corpora are).
    """
    samples: list[Sample] = []
    importance: list[float] = []
    seen = set(exclude)
    for record in generated_records(count, seed=seed, types=types):
        key = split_hash(record)
        if key in seen:
            continue
        seen.add(key)
        sample = make_sample(circuit_graph(record.circuit), name=record.name)
        if len(sample.edge_net) >= MIN_PINS:
            samples.append(sample)
            importance.append(math.sqrt(len(sample.edge_net)))
    return samples, importance


def mix(
    sources: Sequence[tuple[Sequence[Sample], Sequence[float], float]],
) -> tuple[list[Sample], list[float]]:
    """Return several sources as one; each is drawn from as often as its share says.

    Args:
        sources: For each its samples, their importance, and its share of all draws.

    Example:
        >>> mix([(["a", "b"], [1, 3], 0.5), (["c"], [7], 0.5)])
        (['a', 'b', 'c'], [0.125, 0.375, 0.5])
    """
    samples: list[Sample] = []
    importance: list[float] = []
    for own, weights, share in sources:
        total = sum(weights)
        samples += own
        importance += [share * weight / total for weight in weights]
    return samples, importance
