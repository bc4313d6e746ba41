"""The types of circuits that the generator draws, with what each needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eda.datasets.generator import (
    applications,
    board,
    comparators,
    discrete,
    gates,
    interface,
    opamps,
    oscillators,
    passive,
    power,
    pumps,
    radio,
    references,
    rings,
    sampled,
    storage,
)
from eda.datasets.generator.sheet import Sheet


@dataclass(frozen=True, slots=True)
class CircuitType:
    """A type of circuit.

    Attributes:
        draw: Draws one on a sheet.
        weight: How often it comes when types are mixed.
        flippable: Whether it may be turned upside down.
        board: Whether it is made of library parts and discrete devices.
        dual: Share of circuits with two supplies around ground (boards only).
        ported: Share that is a subcircuit with ports; the others are decks with sources.
        supply_v: Supply voltages to choose from; by default those of integrated circuits.
    """

    draw: Callable[[Sheet], None]
    weight: float = 1.0
    flippable: bool = True
    board: bool = False
    dual: float = 0.0
    ported: float = 0.65
    supply_v: tuple[float, ...] | None = None


BOARD_V: Final = (5.0, 9.0, 12.0)

TYPES: Final[dict[str, CircuitType]] = {
    "opamp": CircuitType(opamps.opamp, weight=4),
    "differential_opamp": CircuitType(opamps.differential_opamp, weight=2),
    "comparator": CircuitType(comparators.comparator, weight=2),
    "clocked_comparator": CircuitType(comparators.clocked_comparator, weight=1.5),
    "bandgap": CircuitType(references.bandgap, weight=2.5, supply_v=(2.5, 3.3, 5.0)),
    "voltage_reference": CircuitType(references.voltage_reference, supply_v=(2.5, 3.3, 5.0)),
    "current_reference": CircuitType(references.current_reference, weight=1.5),
    "regulator": CircuitType(references.regulator, weight=2.5),
    "ring_oscillator": CircuitType(rings.ring_oscillator, weight=1.5),
    "lc_oscillator": CircuitType(oscillators.lc_oscillator, weight=1.5),
    "relaxation_oscillator": CircuitType(oscillators.relaxation_oscillator),
    "charge_pump": CircuitType(pumps.charge_pump),
    "sample_hold": CircuitType(sampled.sample_hold),
    "switched_capacitor": CircuitType(sampled.switched_capacitor),
    "converter": CircuitType(sampled.converter),
    "switch_matrix": CircuitType(sampled.switch_matrix, weight=0.7),
    "lna": CircuitType(radio.lna, weight=1.5),
    "mixer": CircuitType(radio.mixer, weight=1.5),
    "transimpedance": CircuitType(radio.transimpedance),
    "power_amplifier": CircuitType(radio.power_amplifier),
    "gm_filter": CircuitType(radio.gm_filter),
    "ladder": CircuitType(passive.ladder, weight=0.7, flippable=False, ported=0.4),
    "network": CircuitType(passive.network, weight=0.7, flippable=False, ported=0.4),
    "transistor_amplifier": CircuitType(
        discrete.transistor_amplifier, weight=2, board=True, ported=0.15, supply_v=BOARD_V
    ),
    "audio_power": CircuitType(
        discrete.audio_power, board=True, dual=0.6, ported=0.15, supply_v=(12.0, 24.0, 30.0)
    ),
    "multivibrator": CircuitType(
        discrete.multivibrator, weight=0.7, board=True, ported=0.15, supply_v=BOARD_V
    ),
    "opamp_application": CircuitType(
        applications.opamp_application,
        weight=4,
        flippable=False,
        board=True,
        dual=0.6,
        ported=0.15,
        supply_v=(5.0, 9.0, 10.0, 24.0, 30.0),
    ),
    "linear_supply": CircuitType(
        power.linear_supply, flippable=False, board=True, ported=0.15, supply_v=(9.0, 12.0, 24.0)
    ),
    "switching_supply": CircuitType(
        power.switching_supply, flippable=False, board=True, ported=0.15, supply_v=(5.0, 12.0, 24.0)
    ),
    "load_driver": CircuitType(
        power.load_driver, flippable=False, board=True, ported=0.15, supply_v=(5.0, 12.0, 24.0)
    ),
    "controller_board": CircuitType(
        board.controller_board, flippable=False, board=True, ported=0.15, supply_v=(5.0, 9.0, 12.0)
    ),
    "timer": CircuitType(
        board.timer, weight=0.7, flippable=False, board=True, ported=0.15, supply_v=(5.0, 9.0, 12.0)
    ),
    "logic_gate": CircuitType(gates.logic_gate, weight=2.5, ported=0.85),
    "storage": CircuitType(storage.storage, weight=2, ported=0.85),
    "interface": CircuitType(interface.interface, ported=0.8),
}
