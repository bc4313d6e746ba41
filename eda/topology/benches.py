"""How each type of circuit is measured: small decks of the sized circuit, and figures from them.

`Bench.decks` are run by whoever has a simulator; `Bench.read` makes figures of what came back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import Circuit, Device
from eda.spice.analyses import Ac, Analysis, Dc, Op, Tran
from eda.spice.measures import (
    bandwidth_hz,
    gain_db,
    gain_margin_db,
    phase_margin_deg,
    unity_gain_hz,
)
from eda.topology.parts import IB, IIN, INDUCTOR, IOUT, VCONT, VDD, VIN, VOUT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.spice.simulation import SimulationResult, Waveforms
    from eda.topology.sized import Design

LEAST_W: Final = 1e-8
"""An amplifier that takes less than this is fed from where it should not be."""
Metrics = dict[str, float]
Deck = tuple[Circuit, tuple[Analysis, ...]]
_AC: Final = Ac(1.0, 100e9, points=10)
_PERIOD_S: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Bench:
    """A way to measure a circuit.

    Attributes:
        decks: Makes what is to be simulated; may be empty, where the ports do not fit.
        read: Makes figures of the results, in the order of the decks.
        works: Whether figures are those of a circuit that does its job.
        better: The figure that tells the better of two that work; larger is better.
    """

    decks: Callable[[Design], list[Deck]]
    read: Callable[[Design, Sequence[SimulationResult]], Metrics]
    works: Callable[[Metrics], bool]
    better: str


def _nets(design: Design, own: int) -> list[int]:
    return [net for net, item in enumerate(design.topology.net_class) if item == own]


def _output(design: Design, item: Waveforms) -> NDArray[np.complex128]:
    """Return the output; of two the difference."""
    names = [design.names[net] for net in _nets(design, VOUT)]
    first = np.asarray(item[f"v({names[0]})"].values, dtype=np.complex128)
    if len(names) == 1:
        return first
    return first - np.asarray(item[f"v({names[1]})"].values, dtype=np.complex128)


def _with(deck: Circuit, *devices: Device) -> Circuit:
    return replace(deck, devices=(*deck.devices, *devices))


def _changed(deck: Circuit, name: str, **values: object) -> Circuit:
    """Return a deck with other values of a source."""
    return replace(
        deck,
        devices=tuple(
            replace(item, parameters={**item.parameters, **values})  # type: ignore[dict-item]
            if item.name == name
            else item
            for item in deck.devices
        ),
    )


# Op-amps --------------------------------------------------------------------------------------


def _opamp_decks(design: Design) -> list[Deck]:
    inputs = _nets(design, VIN)
    if len(inputs) != 2:
        return []
    return [(design.deck(ac={inputs[0]: 0.5, inputs[1]: -0.5}), (Op(), _AC))]


def _opamp_read(design: Design, results: Sequence[SimulationResult]) -> Metrics:
    item = results[0].of("ac")
    response = _output(design, item)
    if response[0].real < 0:
        # Which input inverts is a matter of names.
        response = -response
    frequency = item.axis
    power = _power_w(design, results[0].operating_point)
    return {
        "gain_db": gain_db(frequency, response),
        "bandwidth_hz": bandwidth_hz(frequency, response),
        "unity_gain_hz": unity_gain_hz(frequency, response),
        "phase_margin_deg": phase_margin_deg(frequency, response),
        "gain_margin_db": gain_margin_db(frequency, response),
        "power_w": power,
    }


def _power_w(design: Design, point: Mapping[str, float]) -> float:
    """Return what all sources give, inputs and biases included: none works for nothing."""
    total = 0.0
    for device in design.sources({}):
        value = device.parameters.get("dc", 0.0)
        level = value if isinstance(value, float | int) else 0.0
        if device.kind == "vsource":
            total -= level * point.get(f"i({device.name.lower()})", 0.0)
        elif device.kind == "isource":
            total += level * point.get(f"v({device.nets[1].lower()})", 0.0)
    return total


def opamp_works(metrics: Metrics) -> bool:
    """Return whether an op-amp has 20 dB of gain, and as a follower is stable by 45 degrees."""
    margin = metrics.get("gain_margin_db", math.nan)
    return (
        metrics.get("gain_db", -math.inf) >= 20
        and metrics.get("phase_margin_deg", -math.inf) >= 45
        and not margin <= 0
    )


def figure_of_merit(metrics: Metrics, load_f: float) -> float:
    """Return unity-gain frequency (MHz) x load (pF) / power (mW); 0 where it does not work.

    Example:
        >>> figure_of_merit({"gain_db": 60, "phase_margin_deg": 60, "gain_margin_db": 10,
        ...                  "unity_gain_hz": 1e7, "power_w": 1e-4}, 1e-12)
        100.0
    """
    if not opamp_works(metrics) or not metrics.get("power_w", 0.0) > LEAST_W:
        return 0.0
    return metrics["unity_gain_hz"] / 1e6 * (load_f / 1e-12) / (metrics["power_w"] / 1e-3)


# Sweeps ---------------------------------------------------------------------------------------


def _supply_sweep(design: Design) -> list[Deck]:
    supply = _nets(design, VDD)
    if not supply or not _nets(design, VOUT):
        return []
    name = f"V{design.names[supply[0]]}"
    # From the middle outwards: a loop with two states, begun at a low supply, may stay in the
    # one that it is not built for.
    step = design.supply_v / 20
    ends = design.supply_v + 4 * step, design.supply_v - 4 * step
    return [
        (
            design.deck(),
            (Dc(name, design.supply_v, end, math.copysign(step, end - design.supply_v)),),
        )
        for end in ends
    ]


def _line(design: Design, results: Sequence[SimulationResult]) -> Metrics:
    up, down = (result.of("dc") for result in results)
    high, low = (np.real(_output(design, item)) for item in (up, down))
    slope = (high[1] - low[1]) / (up.axis[1] - down.axis[1])
    return {"output_v": float(high[0]), "line_v_per_v": float(slope)}


def _bandgap_decks(design: Design) -> list[Deck]:
    decks = _supply_sweep(design)
    return [*decks, (design.deck(), (Dc("temp", -20.0, 100.0, 20.0),))] if decks else []


def _bandgap_read(design: Design, results: Sequence[SimulationResult]) -> Metrics:
    metrics = _line(design, results[:2])
    if results[2].ok:
        out = np.real(_output(design, results[2].of("dc")))
        spread = float(out.max() - out.min())
        metrics["tempco_ppm_per_k"] = 1e6 * spread / (120.0 * max(abs(float(out.mean())), 1e-6))
    return metrics


def _bandgap_works(metrics: Metrics) -> bool:
    return (
        metrics.get("output_v", 0.0) > 0.1
        and abs(metrics.get("line_v_per_v", 1.0)) < 0.1
        and metrics.get("tempco_ppm_per_k", math.inf) < 1000
    )


def _ldo_decks(design: Design) -> list[Deck]:
    decks = _supply_sweep(design)
    if not decks:
        return []
    out = design.names[_nets(design, VOUT)[0]]
    load = Device("Iload", "isource", ("p", "n"), (out, "0"), "", {"dc": 0.0})
    return [*decks, (_with(design.deck(), load), (Dc("Iload", 0.0, 20e-6, 2e-6),))]


def _ldo_read(design: Design, results: Sequence[SimulationResult]) -> Metrics:
    metrics = _line(design, results[:2])
    if results[2].ok:
        out = np.real(_output(design, results[2].of("dc")))
        metrics["load_regulation_ohm"] = float((out[0] - out[-1]) / 20e-6)
    return metrics


def _ldo_works(metrics: Metrics) -> bool:
    return (
        metrics.get("output_v", 0.0) > 0.1
        and abs(metrics.get("line_v_per_v", 1.0)) < 0.2
        and abs(metrics.get("load_regulation_ohm", math.inf)) < 5e3
    )


def _mirror_decks(design: Design) -> list[Deck]:
    outputs = _nets(design, IOUT)
    if not outputs:
        return []
    name = f"V{design.names[outputs[0]]}"
    return [(design.deck(), (Dc(name, 0.0, design.supply_v, design.supply_v / 18),))]


def _mirror_read(design: Design, results: Sequence[SimulationResult]) -> Metrics:
    item = results[0].of("dc")
    name = design.names[_nets(design, IOUT)[0]]
    current = np.asarray(item[f"i(v{name})"].values).real
    at = int(np.argmin(np.abs(item.axis - design.voltages[_nets(design, IOUT)[0]])))
    at = min(max(at, 1), len(current) - 2)
    slope = (current[at + 1] - current[at - 1]) / (item.axis[at + 1] - item.axis[at - 1])
    fed = [design.feeds[net] for net in (*_nets(design, IB), *_nets(design, IIN))]
    metrics = {
        "output_a": float(abs(current[at])),
        "output_ohm": float(1 / max(abs(slope), 1e-15)),
    }
    if fed and abs(fed[0]) > 1e-9:
        metrics["ratio"] = float(abs(current[at] / fed[0]))
    return metrics


def _mirror_works(metrics: Metrics) -> bool:
    return metrics.get("output_a", 0.0) > 1e-7 and metrics.get("output_ohm", 0.0) > 50e3


# Filters, comparators -------------------------------------------------------------------------


def _filter_decks(design: Design) -> list[Deck]:
    inputs = _nets(design, VIN)
    if not inputs or not _nets(design, VOUT):
        return []
    ac = {inputs[0]: 1.0} if len(inputs) == 1 else {inputs[0]: 0.5, inputs[1]: -0.5}
    return [(design.deck(ac=ac), (Ac(1.0, 1e12, points=10),))]


def _filter_read(design: Design, results: Sequence[SimulationResult]) -> Metrics:
    item = results[0].of("ac")
    level = np.abs(_output(design, item))
    top = int(np.argmax(level))
    inside = np.flatnonzero(level >= level[top] / math.sqrt(2))
    metrics = {
        "passband_gain_db": 20 * math.log10(max(float(level[top]), 1e-15)),
        "rejection_db": 20 * math.log10(float(level[top]) / max(float(level.min()), 1e-15)),
    }
    if inside[0] > 0:
        metrics["lower_edge_hz"] = float(item.axis[inside[0]])
    if inside[-1] < len(level) - 1:
        metrics["upper_edge_hz"] = float(item.axis[inside[-1]])
    return metrics


def _filter_works(metrics: Metrics) -> bool:
    edges = "lower_edge_hz" in metrics or "upper_edge_hz" in metrics
    return (
        edges
        and metrics.get("passband_gain_db", -math.inf) > -40
        and metrics.get("rejection_db", 0.0) > 20
    )


def _comparator_decks(design: Design) -> list[Deck]:
    inputs = _nets(design, VIN)
    if len(inputs) != 2 or not _nets(design, VOUT):
        return []
    name, middle = design.names[inputs[0]], design.voltages[inputs[0]]
    decks: list[Deck] = []
    for sign in (1.0, -1.0):
        deck = _changed(design.deck(), f"V{name}", dc=middle + 0.05 * sign)
        for number, net in enumerate(_nets(design, VCONT)):
            deck = _clocked(design, deck, net, number)
        decks.append((deck, (Tran(_PERIOD_S / 100, 4 * _PERIOD_S),)))
    return decks


def _clocked(design: Design, deck: Circuit, net: int, number: int) -> Circuit:
    """Return a deck with a clock on a port; every other one is turned round."""
    high, low = design.supply_v, 0.0
    if number % 2:
        high, low = low, high
    edge = _PERIOD_S / 100
    pulse = (low, high, _PERIOD_S / 4, edge, edge, 0.45 * _PERIOD_S, _PERIOD_S)
    return _changed(deck, f"V{design.names[net]}", pulse=pulse)


def _comparator_read(design: Design, results: Sequence[SimulationResult]) -> Metrics:
    swings = []
    for result in results:
        item = result.of("tran")
        late = item.axis > 2 * _PERIOD_S
        swings.append(np.real(_output(design, item))[late])
    count = min(map(len, swings))
    apart = np.abs(
        np.interp(np.linspace(0, 1, 200), np.linspace(0, 1, len(swings[0])), swings[0])
        - np.interp(np.linspace(0, 1, 200), np.linspace(0, 1, len(swings[1])), swings[1])
    )
    return {"decision_v": float(apart.max()) if count else math.nan}


# What moves by itself or by a clock -----------------------------------------------------------


def _oscillator_decks(design: Design) -> list[Deck]:
    outputs = _nets(design, VOUT)
    if not outputs:
        return []
    deck = design.deck()
    name = design.names[outputs[0]]
    kick = Device(
        *("Ikick", "isource", ("p", "n"), ("0", name), ""),
        {"pulse": (0.0, 20e-6, 1e-10, 1e-11, 1e-11, 2e-10, 1.0)},
    )
    # A tank of 10 nH and 1 pF swings at some gigahertz, and takes a hundred periods to begin.
    span = 80e-9 if any(kind == INDUCTOR for kind, _ in design.topology.devices) else 400e-9
    deck = replace(deck, cards=())
    return [(_with(deck, kick), (Tran(span / 4000, span),))]


def _oscillator_read(design: Design, results: Sequence[SimulationResult]) -> Metrics:
    item = results[0].of("tran")
    values = np.asarray(item[f"v({design.names[_nets(design, VOUT)[0]]})"].values).real
    late = item.axis > item.axis[-1] / 2
    time, values = item.axis[late], values[late]
    swing = float(values.max() - values.min())
    metrics = {"swing_v": swing}
    middle = (values.max() + values.min()) / 2
    rising = np.flatnonzero((values[:-1] < middle) & (values[1:] >= middle))
    if swing > 0.02 and len(rising) > 2:
        metrics["frequency_hz"] = float((len(rising) - 1) / (time[rising[-1]] - time[rising[0]]))
    return metrics


def _oscillator_works(metrics: Metrics) -> bool:
    return metrics.get("swing_v", 0.0) > 0.1 and "frequency_hz" in metrics


def _converter_decks(design: Design) -> list[Deck]:
    outputs, clocks = _nets(design, VOUT), _nets(design, VCONT)
    if not outputs or not clocks:
        return []
    deck = design.deck()
    for number, net in enumerate(clocks):
        deck = _clocked(design, deck, net, number)
    return [(deck, (Tran(_PERIOD_S / 50, 20 * _PERIOD_S),))]


def _converter_read(design: Design, results: Sequence[SimulationResult]) -> Metrics:
    item = results[0].of("tran")
    late = item.axis > 15 * _PERIOD_S
    out = np.real(_output(design, item))[late]
    mean = float(out.mean())
    return {
        "output_v": mean,
        "ripple_v": float(out.max() - out.min()),
        "ratio": mean / design.supply_v,
    }


def _converter_works(metrics: Metrics) -> bool:
    mean = metrics.get("output_v", 0.0)
    return abs(mean) > 0.1 and metrics.get("ripple_v", math.inf) < 0.5 * abs(mean)


BENCHES: Final[Mapping[str, Bench]] = {
    "opamp": Bench(_opamp_decks, _opamp_read, opamp_works, "gain_db"),
    "bandgap": Bench(_bandgap_decks, _bandgap_read, _bandgap_works, "output_v"),
    "ldo": Bench(_ldo_decks, _ldo_read, _ldo_works, "output_v"),
    "mirror": Bench(_mirror_decks, _mirror_read, _mirror_works, "output_ohm"),
    "filter": Bench(_filter_decks, _filter_read, _filter_works, "rejection_db"),
    "comparator": Bench(
        *(_comparator_decks, _comparator_read),
        *(lambda metrics: metrics.get("decision_v", 0.0) > 0.4, "decision_v"),
    ),
    "oscillator": Bench(_oscillator_decks, _oscillator_read, _oscillator_works, "swing_v"),
    "power_converter": Bench(_converter_decks, _converter_read, _converter_works, "output_v"),
}
"""The benches by the testbench of a type."""
