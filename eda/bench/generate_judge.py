"""What ``eda bench generate`` counts: validity, novelty, operating points, sizes, fidelity."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.topology.benches import figure_of_merit, opamp_works
from eda.topology.clean import strict_findings
from eda.topology.measured import measure
from eda.topology.parts import CAPACITOR, INDUCTOR, INTERNAL, KINDS, RESISTOR
from eda.topology.sized import design
from eda.topology.technology import LOAD_F
from eda.topology.tuning import tune
from eda.topology.types import type_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.bench.generate_classifier import Classifier
    from eda.topology.circuit import Topology
    from eda.topology.known import Known


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one circuit.

    Attributes:
        v0: Whether AnalogToBi's own check passes it.
        v1: Whether it keeps the strict rules, by the batch form of `eda.check`.
        key: Its hash; only the rails are labelled.
        novel: Whether no known circuit has that hash.
        first: Whether it is the first of its class among those of its type and seed.
        ports: Whether it has the ports of its type.
        guessed: Whether the classifier takes it for its type; None where nobody asked.
        devices: Its size.
        kinds: How many devices of each kind it has.
        op: Whether its operating point was found at once, with default sizes.
        saturated: Whether all its MOS transistors were saturated; None without any.
        works: Whether it passes the testbench of its type, with default sizes.
    """

    v0: bool
    v1: bool
    key: str
    novel: bool
    first: bool
    ports: bool
    guessed: bool | None
    devices: int
    kinds: tuple[int, ...]
    op: bool
    saturated: bool | None
    works: bool | None

    @property
    def vn1(self) -> bool:
        """Whether it is strictly valid, new, and the first of its class."""
        return self.v1 and self.novel and self.first


def syntax(topology: Topology) -> bool:
    """Return whether a circuit passes the check that AnalogToBi calls validity (T1 to T4).

    Every pin is on a net, no passive part on more than two, every inner net on two devices.
    """
    on: dict[int, set[int]] = {}
    for at, (kind, pins) in enumerate(topology.devices):
        if len(pins) != len(KINDS[kind].roles):
            return False
        if kind in (RESISTOR, CAPACITOR, INDUCTOR) and len(set(pins)) > 2:
            return False
        for net in pins:
            on.setdefault(net, set()).add(at)
    return all(
        len(devices) > 1 for net, devices in on.items() if topology.net_class[net] == INTERNAL
    )


def strict(topology: Topology) -> bool:
    """Return whether a circuit keeps R1 to R13 and has no error, by `eda.check`."""
    return not strict_findings(topology)


def judge(
    circuits: Sequence[Topology],
    known: Known,
    *,
    classifier: Classifier | None = None,
    simulate: bool = True,
    **options: Any,
) -> list[Verdict]:
    """Return the verdict on each circuit of one type and seed."""
    seen: set[str] = set()
    measured = measure([design(item) for item in circuits], **options) if simulate else None
    guesses = classifier.predict(circuits) if classifier is not None else [None] * len(circuits)
    made = []
    for at, item in enumerate(circuits):
        key = item.key()
        said = measured[at] if measured is not None else None
        guess = guesses[at]
        made.append(
            Verdict(
                v0=syntax(item),
                v1=strict(item),
                key=key,
                novel=not known.has(key),
                first=key not in seen,
                ports=not type_named(item.type).lacks(item.ports),
                guessed=None if guess is None else guess == item.type,
                devices=len(item),
                kinds=tuple(np.bincount([k for k, _ in item.devices], minlength=len(KINDS))),
                op=bool(said and said.op_solved),
                saturated=said.saturated if said else None,
                works=said.works if said else None,
            )
        )
        seen.add(key)
    return made


@dataclass(frozen=True, slots=True)
class Sized:
    """What came of the sizing of one op-amp.

    Attributes:
        saturated: Whether all transistors were saturated at last.
        works: Whether it has 20 dB of gain and is a stable follower with 45 degrees.
        merit: Its figure of merit, MHz pF / mW; 0 where it does not work.
        simulations: How many it took.
    """

    saturated: bool
    works: bool
    merit: float
    simulations: int


def size_opamps(
    circuits: Sequence[Topology], *, budget: int, merit: bool = False, **options: Any
) -> list[Sized]:
    """Return what sizing makes of op-amps, each with up to ``budget`` simulations."""
    made = []
    for item in circuits:
        found = tune(design(item), budget=budget, merit=merit, **options)
        said = measure([found.design], **options)[0]
        made.append(
            Sized(
                saturated=bool(said.saturated),
                works=opamp_works(dict(said.metrics)),
                merit=figure_of_merit(dict(said.metrics), LOAD_F),
                simulations=found.simulations,
            )
        )
    return made


def distance(some: Sequence[int], others: Sequence[int]) -> float:
    """Return the Kolmogorov-Smirnov distance of two lists of sizes.

    Example:
        >>> distance([1, 2, 3], [1, 2, 3]), distance([1, 1], [2, 2])
        (0.0, 1.0)
    """
    if not some or not others:
        return 1.0
    points = sorted({*some, *others})
    first, second = np.sort(some), np.sort(others)
    apart = np.searchsorted(first, points, side="right") / len(first)
    apart = apart - np.searchsorted(second, points, side="right") / len(second)
    return float(np.abs(apart).max())


def shares(verdicts: Mapping[str, Sequence[Verdict]]) -> Counter[str]:
    """Return the number of circuits by type that are valid, new and first of their class."""
    return Counter({name: sum(item.vn1 for item in items) for name, items in verdicts.items()})
