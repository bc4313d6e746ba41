"""New circuits: asked for by type, checked, told from known ones, sized, simulated on demand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.circuit import Card, Circuit
from eda.errors import InputError, WeightsError
from eda.topology.clean import strict_findings
from eda.topology.conditions import BINS, bins_of, conditions_of, structure_of
from eda.topology.known import Known, load_known, shipped_known
from eda.topology.measured import Measured, measure
from eda.topology.parts import MAX_DEVICES
from eda.topology.sample import Request, sample
from eda.topology.sized import Design, design
from eda.topology.tuning import BUDGET, tune
from eda.topology.types import type_named
from eda.topology.weights import weights_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from eda.topology.circuit import Topology
    from eda.topology.weights import Weights

MOST: Final = 100_000
"""Circuits that one call makes at most."""


@dataclass(frozen=True)
class GeneratedCircuit:
    """A new circuit.

    Attributes:
        name: ``TYPE-SEED-NUMBER``.
        type: As it was asked for.
        topology: Devices and nets.
        design: The same with sizes, biases and supply.
        hash: Tells it from others whatever its ports are called; equal circuits share it.
        rules: Errors and strict rules that it breaks; it breaks none.
        novel: Whether it is the same as no known circuit; None where nothing is known.
        nearest: The known circuit that it is most like.
        similarity: How alike they are, 0 to 1.
        measured: What ngspice said, where it was asked.
        simulations: How many its sizing took.
        met: Whether it has what was asked for, as far as it is known; None where nothing was.
        seconds: It took.
    """

    name: str
    type: str
    topology: Topology
    design: Design
    hash: str
    rules: tuple[str, ...]
    novel: bool | None
    nearest: str
    similarity: float
    measured: Measured | None = None
    simulations: int = 0
    met: bool | None = None
    seconds: float = 0.0
    conditions: Mapping[str, float] = field(default_factory=dict)

    @property
    def circuit(self) -> Circuit:
        """The circuit with sizes and models, with ports and without sources."""
        return self.design.bare()

    def deck(self) -> Circuit:
        """Return the circuit with supplies, biases and loads; its ``.op`` runs as it stands."""
        deck = self.design.deck(title=f"{self.name}: generated {self.type}")
        return replace(deck, cards=(*deck.cards, Card(".op")))

    def netlist(self) -> str:
        """Return the deck as text for ngspice."""
        from eda.spice import write_spice

        return write_spice(self.deck())

    def record(self) -> dict[str, Any]:
        """Return its line of ``manifest.jsonl``, but for the file."""
        said = self.measured
        return {
            "name": self.name,
            "type": self.type,
            "devices": len(self.topology),
            "hash": self.hash,
            "rules": list(self.rules),
            "novel": self.novel,
            "nearest": self.nearest,
            "similarity": round(self.similarity, 4),
            "supply_v": self.design.supply_v,
            "op_solved": said.op_solved if said else None,
            "all_saturated": said.saturated if said else None,
            "works": said.works if said else None,
            "metrics": dict(said.metrics) if said else {},
            "note": said.note if said else "",
            "simulations": self.simulations,
            "conditions": dict(self.conditions),
            "met": self.met,
            "seconds": round(self.seconds, 4),
        }


def generate(
    circuit_type: str,
    *,
    count: int = 1,
    seed: int = 0,
    spec: Mapping[str, Any] | None = None,
    size: bool = False,
    simulate: bool = False,
    weights: Path | None = None,
    budget: int = BUDGET,
    progress: Callable[[int], object] | None = None,
    **options: Any,
) -> list[GeneratedCircuit]:
    """Return new circuits of a type.

    Each keeps every strict rule by construction; none that was begun is thrown away. The same
    seed gives the same circuits.

    Args:
        circuit_type: One of `eda.topology.TYPES`.
        count: How many.
        seed: Where chance starts from.
        spec: What to aim at: ``devices polarity supply_v gain_db unity_gain_hz power_w``.
        size: Whether to search for better sizes, with up to ``budget`` simulations a circuit.
        simulate: Whether ngspice finds the operating point and runs the testbench of the type.
        weights: A file of weights or folder of a training; None for the shipped ones.
        budget: See ``size``.
        progress: Called with the number of circuits that are done.
        options: Those of `eda.spice.simulate`: ``cache``, ``time_limit_s``, ...

    Raises:
        InputError: There is no such type, or the number makes no sense.
        SpecError: There is no such condition.
        WeightsError: The weights are absent or damaged.
        SimulatorNotFoundError: ngspice is asked for and not installed.

    Example:
        >>> made = generate("opamp", count=2, seed=1)
        >>> [item.rules for item in made]
        [(), ()]
    """
    kind = type_named(circuit_type)
    if not 1 <= count <= MOST:
        raise InputError(f"{count} circuits; ask for 1 to {MOST}")
    if seed < 0:
        raise InputError(f"seed is {seed}; it must not be less than zero")
    wanted = conditions_of(spec or {})
    model = weights_at(weights)
    known = known_beside(weights)
    made: list[GeneratedCircuit] = []
    for start in range(0, count, 32):
        numbers = range(start, min(start + 32, count))
        begun = time.perf_counter()
        topologies = sample(
            [request_of(kind.name, seed, number, model, wanted) for number in numbers], model
        )
        share = (time.perf_counter() - begun) / len(topologies)
        some = [
            _finished(topology, f"{kind.name}-{seed}-{number}", known, wanted, share)
            for number, topology in zip(numbers, topologies, strict=True)
        ]
        if size:
            some = [_tuned(item, budget, seed, options) for item in some]
        if simulate or size:
            some = _measured(some, options)
        made += [replace(item, met=_met(item, wanted)) for item in some]
        if progress is not None:
            progress(len(made))
    return made


def request_of(
    circuit_type: str, seed: int, number: int, model: Weights, wanted: Mapping[str, float]
) -> Request:
    """Return what is asked of the model for circuit ``number``.

    A size that is not asked for is drawn from the sizes of the circuits that were learned from.
    """
    values = dict(wanted)
    key = (seed, number, type_named(circuit_type).number)
    sizes = model.card.get("device_counts", {}).get(circuit_type)
    if "devices" not in values and sizes:
        rng = np.random.default_rng((*key, 1))
        values["devices"] = float(sizes[int(rng.integers(len(sizes)))])
    if model.card.get("works_known"):
        values.setdefault("works", 1.0)
    budget = round(values["devices"]) if "devices" in values else MAX_DEVICES
    return Request(circuit_type, key, values, budget=min(max(budget, 2), MAX_DEVICES))


def known_beside(weights: Path | None) -> Known | None:
    """Return what the weights were trained on; None where nobody says."""
    from eda.topology.known import FILE

    try:
        if weights is None:
            return shipped_known()
        return load_known((weights if weights.is_dir() else weights.parent) / FILE)
    except WeightsError:
        return None


def _finished(
    topology: Topology,
    name: str,
    known: Known | None,
    wanted: Mapping[str, float],
    seconds: float,
) -> GeneratedCircuit:
    begun = time.perf_counter()
    key = topology.key()
    nearest, alike = known.nearest(topology) if known is not None else ("", math.nan)
    done = design(topology, supply_v=wanted.get("supply_v"))
    return GeneratedCircuit(
        name=name,
        type=topology.type,
        topology=topology,
        design=done,
        hash=key,
        rules=tuple(strict_findings(topology)),
        novel=None if known is None else not known.has(key),
        nearest=nearest,
        similarity=0.0 if math.isnan(alike) else alike,
        conditions=dict(wanted),
        seconds=seconds + time.perf_counter() - begun,
    )


def _tuned(
    item: GeneratedCircuit, budget: int, seed: int, options: Mapping[str, Any]
) -> GeneratedCircuit:
    begun = time.perf_counter()
    found = tune(item.design, budget=budget, seed=seed, **_one_by_one(options))
    return replace(
        item,
        design=found.design,
        simulations=found.simulations,
        seconds=item.seconds + time.perf_counter() - begun,
    )


def _one_by_one(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key not in ("executor", "workers")}


def _measured(
    some: Sequence[GeneratedCircuit], options: Mapping[str, Any]
) -> list[GeneratedCircuit]:
    begun = time.perf_counter()
    found = measure([item.design for item in some], **options)
    share = (time.perf_counter() - begun) / max(len(some), 1)
    return [
        replace(item, measured=said, seconds=item.seconds + share)
        for item, said in zip(some, found, strict=True)
    ]


def _met(item: GeneratedCircuit, wanted: Mapping[str, float]) -> bool | None:
    """Return whether what is known of a circuit falls into the bins that were asked for."""
    if not wanted:
        return None
    known = {**structure_of(item.topology), "supply_v": item.design.supply_v}
    if item.measured is not None:
        known.update({k: v for k, v in item.measured.metrics.items() if k in BINS})
    verdicts = [
        bins_of({name: known[name]}) == bins_of({name: value})
        for name, value in wanted.items()
        if name in known
    ]
    return all(verdicts) if len(verdicts) == len(wanted) else None
