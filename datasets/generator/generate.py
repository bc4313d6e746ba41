"""The generator itself: a seed and a number make a circuit, always the same one.

Example:
    >>> from eda.datasets import generate_circuits
    >>> first, second = generate_circuits(2, seed=0, types=["opamp"])
    >>> first.type, first.circuit.flatten().devices[0].kind
    ('opamp', 'mosfet')
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np

from eda.circuit import Circuit
from eda.datasets.generator.dress import dress
from eda.datasets.generator.sheet import Sheet, flip
from eda.datasets.generator.types import TYPES, CircuitType
from eda.errors import DatasetError
from eda.spice import parse_netlist

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUPPLIES_V: Final = (1.8, 2.5, 3.3, 5.0)


@dataclass(frozen=True, slots=True)
class GeneratedCircuit:
    """A circuit that the generator made, with what it knows about it.

    Attributes:
        name: ``TYPE/SEED-INDEX``.
        type: As in `eda.datasets.generator.types.TYPES`.
        circuit: As read from ``netlist``; hierarchical where some blocks are subcircuits.
        netlist: SPICE text.
        deck: The netlist with sources around it and black boxes defined, for ngspice.
        blocks: Device (flattened, lower case) -> path of the block that it is part of.
        ports: Net -> ``supply ground input output bias clock``.
        structure: The choices that made it, in order.
        flipped: Whether it was turned upside down.
    """

    name: str
    type: str
    circuit: Circuit
    netlist: str
    deck: str
    blocks: Mapping[str, str]
    ports: Mapping[str, str]
    structure: tuple[str, ...]
    flipped: bool

    @property
    def block_counts(self) -> dict[str, int]:
        """Number of devices in each block."""
        return dict(Counter(self.blocks.values()))


def generate_circuits(
    count: int,
    *,
    seed: int = 0,
    types: Sequence[str] | None = None,
    start: int = 0,
) -> Iterator[GeneratedCircuit]:
    """Yield circuits; number i of a seed is always the same one, whatever is asked for with it.

    Args:
        count: How many.
        seed: Where chance starts from.
        types: Which types, in turn by their weights; by default all of them.
        start: Number of the first.

    Raises:
        DatasetError: There is no such type.
    """
    chosen = tuple(types) if types is not None else tuple(TYPES)
    for name in chosen:
        type_named(name)
    weights = np.array([TYPES[name].weight for name in chosen])
    for index in range(start, start + count):
        # Which type comes is drawn apart, so that it does not shift the choices inside.
        draw = np.random.default_rng((seed, index, 1)).choice(
            len(chosen), p=weights / weights.sum()
        )
        yield generate_circuit(chosen[int(draw)], seed=seed, index=index)


def generate_circuit(type_name: str, *, seed: int = 0, index: int = 0) -> GeneratedCircuit:
    """Return circuit number ``index`` of a type and a seed.

    Raises:
        DatasetError: There is no such type.
    """
    kind = type_named(type_name)
    rng = np.random.default_rng((seed, index, crc32(type_name.encode())))
    sheet = _sheet(kind, rng)
    kind.draw(sheet)
    flipped = kind.flippable and bool(rng.random() < 0.5)
    if flipped:
        flip(sheet)
    form = "subckt" if rng.random() < kind.ported else "deck"
    hierarchical = bool(rng.random() < 0.3)
    done = dress(sheet, f"{type_name}_{seed}_{index}", form=form, hierarchical=hierarchical)
    circuit = parse_netlist(done.netlist, dialect="ngspice", name=f"{type_name}-{seed}-{index}")
    if done.pins and rng.random() < 0.5:
        circuit = _with_pin_names(circuit, done.pins)
    return GeneratedCircuit(
        name=f"{type_name}/{seed}-{index}",
        type=type_name,
        circuit=circuit,
        netlist=done.netlist,
        deck=done.deck,
        blocks=done.blocks,
        ports=done.ports,
        structure=tuple(sheet.choices),
        flipped=flipped,
    )


def type_named(name: str) -> CircuitType:
    """Return a type by name.

    Raises:
        DatasetError: There is none of that name; the message lists those there are.
    """
    try:
        return TYPES[name]
    except KeyError:
        raise DatasetError(
            f"there is no circuit type {name!r}; there are: {', '.join(TYPES)}"
        ) from None


def _sheet(kind: CircuitType, rng: np.random.Generator) -> Sheet:
    supply = float(rng.choice(SUPPLIES_V if kind.supply_v is None else kind.supply_v))
    return Sheet(
        rng,
        supply_v=supply,
        unit_a=float(f"{1e-6 * 100 ** rng.random():.2g}"),
        length_m=float(rng.choice((0.18, 0.25, 0.35, 0.5, 1.0, 2.0))) * 1e-6,
        board=kind.board,
        dual=kind.board and bool(rng.random() < kind.dual),
        fingers=bool(rng.random() < 0.15),
    )


def _with_pin_names(circuit: Circuit, pins: Mapping[str, tuple[str, ...]]) -> Circuit:
    """Return the circuit with the pins of its black boxes named, as a symbol would have it."""
    devices = tuple(
        replace(device, roles=roles)
        if (roles := pins.get(device.name.lower())) and device.kind == "subcircuit"
        else device
        for device in circuit.devices
    )
    return replace(circuit, devices=devices)
