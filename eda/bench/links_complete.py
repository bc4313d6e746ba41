"""Complete-the-circuit: a whole device loses its wires, and all its pins are settled together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.table import Table
from eda.graph.circuit_graph import DEVICE_TYPES
from eda.links.joint import settle
from eda.links.predict import Question
from eda.links.sample import set_apart
from eda.links.scene import make_scene
from eda.links.vocabulary import PIN_KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.links.protocol import Scorer
    from eda.links.sample import Sample
    from eda.links.weights import Weights

    Wirer = Callable[[Sample, NDArray[np.int64]], NDArray[np.int64]]

COLUMNS: Final = ("method", "pins right", "95 %", "devices wholly right", "95 %", "devices")
BOOTSTRAP: Final = 1000
LEAST_PINS: Final = 2
MOST_EXCHANGED: Final = 4
"""Pins of one kind that are tried in every order; blocks with more count as drawn."""
_TRANSISTORS: Final = frozenset(
    ("npn", "pnp", "bipolar", "nmos", "pmos", "mosfet", "njf", "pjf", "jfet")
)


def complete_table(
    samples: Sequence[Sample],
    models: Sequence[Weights],
    prior: Scorer,
    *,
    per_circuit: int | None = None,
    seed: int = 0,
) -> Table:
    """Return how often a device whose pins are all open gets its wires back.

    Args:
        samples: Held-out circuits.
        models: What wires the device jointly, as ``eda predict-links --complete`` does.
        prior: The baseline: each pin by itself on the net it scores highest.
        per_circuit: So many devices of each circuit, drawn at random; None for all.
        seed: Of the drawing, and of the intervals.
    """
    asked = list(_devices(samples, per_circuit, seed))
    methods: tuple[tuple[str, Wirer], ...] = (
        ("model, pins settled jointly", lambda sample, pins: _jointly(sample, pins, models)),
        ("counted prior, pin by pin", lambda sample, pins: _one_by_one(sample, pins, prior)),
    )
    rows = []
    for name, wire in methods:
        found = [(at, kind, *_judge(sample, pins, wire)) for at, kind, sample, pins in asked]
        rows.append(_row(name, found, seed))
        for group, wanted in (("transistors", True), ("all others", False)):
            part = [item for item in found if (item[1] in _TRANSISTORS) == wanted]
            if part:
                rows.append(_row(f"  {group}", part, seed))
    return Table(
        "Complete-the-circuit: every pin of one device open, bulks too (drawn, held out)",
        COLUMNS,
        tuple(rows),
        (
            "a pin whose net nothing else is on is right when it is left alone, or joined with"
            " the pins of its device that shared the net",
            "the two ends of a passive may change places; drain and source may not",
        ),
    )


def _devices(
    samples: Sequence[Sample], per_circuit: int | None, seed: int
) -> Iterator[tuple[int, str, Sample, NDArray[np.int64]]]:
    for at, sample in enumerate(samples):
        sizes = np.bincount(sample.edge_device, minlength=sample.num_devices)
        devices = np.flatnonzero(sizes >= LEAST_PINS)
        if per_circuit is not None and len(devices) > per_circuit:
            rng = np.random.default_rng((seed, at))
            devices = np.sort(rng.choice(devices, per_circuit, replace=False))
        for device in devices.tolist():
            kind = DEVICE_TYPES[sample.device_type[device]]
            yield at, kind, sample, np.flatnonzero(sample.edge_device == device)


def _jointly(
    sample: Sample, pins: NDArray[np.int64], models: Sequence[Weights]
) -> NDArray[np.int64]:
    """Return the net of each pin; numbers beyond those of the sample are nets of their own."""
    apart = set_apart(sample, pins)
    question = Question(
        circuit=None,  # type: ignore[arg-type]  # names are not needed here
        sample=apart,
        net_names=tuple(str(at) for at in range(apart.num_nets)),
        unnamed=frozenset(),
        device_names=(),
        open_edges=pins,
    )
    nets = {int(pin): int(apart.edge_net[pin]) for pin in pins}
    for ranking, name, _ in settle(question, models):
        if name is not None:
            nets[ranking.edge] = int(name)
    return np.array([nets[int(pin)] for pin in pins], dtype=np.int64)


def _one_by_one(sample: Sample, pins: NDArray[np.int64], scorer: Scorer) -> NDArray[np.int64]:
    scene = make_scene(sample, pins)
    scores = np.asarray(scorer(scene), dtype=np.float64)
    bounds = np.searchsorted(scene.pair_query, np.arange(len(pins) + 1))
    nets = sample.num_nets + np.arange(len(pins), dtype=np.int64)
    for at in range(len(pins)):
        own = slice(bounds[at], bounds[at + 1])
        if bounds[at] < bounds[at + 1]:
            nets[at] = scene.pair_net[own][int(scores[own].argmax())]
    return nets


def _judge(sample: Sample, pins: NDArray[np.int64], wire: Wirer) -> tuple[int, int]:
    """Return how many pins are right, and how many there are."""
    truth = sample.edge_net[pins]
    hidden = np.zeros(len(sample.edge_net), dtype=np.bool_)
    hidden[pins] = True
    left = np.bincount(sample.edge_net[~hidden], minlength=sample.num_nets) > 0
    left |= sample.net_is_port
    got = wire(sample, pins)
    kinds = sample.edge_kind[pins]
    best = max(_right(truth, order, left) for order in _exchanges(got, kinds))
    return best, len(pins)


def _right(truth: NDArray[Any], got: NDArray[Any], left: NDArray[np.bool_]) -> int:
    right = 0
    for at, net in enumerate(truth.tolist()):
        if left[net]:
            right += int(got[at] == net)
        else:
            # All that was on the net is open: right with the same company as before.
            right += int(
                not (got[at] < len(left) and left[got[at]])
                and bool(((truth == net) == (got == got[at])).all())
            )
    return right


def _exchanges(got: NDArray[Any], kinds: NDArray[Any]) -> Iterator[NDArray[Any]]:
    """Yield the nets as they are, and with the ends of a passive exchanged."""
    yield got
    passive = PIN_KINDS[int(kinds[0])].endswith(".t")
    if passive and len(got) <= MOST_EXCHANGED and (kinds == kinds[0]).all():
        for order in permutations(range(len(got))):
            yield got[list(order)]


def _row(name: str, found: Sequence[tuple[int, str, int, int]], seed: int) -> tuple[Any, ...]:
    circuit = np.array([item[0] for item in found])
    right = np.array([item[2] for item in found], dtype=float)
    pins = np.array([item[3] for item in found], dtype=float)
    whole = right == pins
    rng = np.random.default_rng(seed)
    members = [np.flatnonzero(circuit == at) for at in np.unique(circuit)]
    drawn = []
    for _ in range(BOOTSTRAP):
        chosen = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        drawn.append((right[chosen].sum() / pins[chosen].sum(), whole[chosen].mean()))
    low, high = np.quantile(np.array(drawn), (0.025, 0.975), axis=0)
    return (
        name,
        round(float(right.sum() / pins.sum()), 4),
        f"{low[0]:.3f}-{high[0]:.3f}",
        round(float(whole.mean()), 4),
        f"{low[1]:.3f}-{high[1]:.3f}",
        len(found),
    )
