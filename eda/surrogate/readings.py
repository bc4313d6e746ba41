"""Metrics of a case read off its equations: voltages, small signals, noise, transients."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import ExpressionError
from eda.surrogate.equations import GROUND, Network, bias_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.spice import Case
    from eda.spice.case_measures import Measure
    from eda.surrogate.small_signal import SmallSignal
    from eda.surrogate.wiring import Wiring

    Floats = NDArray[np.float64]

REFINE: Final = 4
"""Steps towards a crossing between two frequencies of the coarse sweep."""
BOLTZMANN: Final = 1.380649e-23
TEMPERATURE_K: Final = 300.15


class Readings:
    """How the measures of a case read solved equations.

    Attributes:
        case: The case.
        wiring: Its devices.
    """

    def __init__(self, case: Case, wiring: Wiring) -> None:
        """Keep both."""
        self.case = case
        self.wiring = wiring

    def dc_metric(self, network: Network, volts: Floats, metric: str, designs: Floats) -> Floats:
        """Return a metric of the operating point, [designs]."""
        measure = self.case.measures[metric]
        nothing = np.full(len(designs), np.nan)
        if measure.kind in ("supply_power", "supply_current"):
            amps = self.current(network, volts, str(measure.fields["source"]))
            if amps is None:
                return nothing
            if measure.kind == "supply_power":
                return amps * self.number(measure, "supply_v", designs)
            return amps - self.number(measure, "subtract", designs)
        name = signals_of(measure)[0]
        if not name.startswith("v("):
            return nothing
        pair = [network.nodes.get(net) for net in nets_of(name)]
        if any(node is None for node in pair):
            return nothing
        found = volts[pair[0]] - (volts[pair[1]] if len(pair) > 1 else 0.0)
        return np.abs(found - self.number(measure, "target", designs))

    def current(self, network: Network, volts: Floats, source: str) -> Floats | None:
        """Return what a grounded source delivers, in A [designs]."""
        device = next((d for d in self.wiring.devices if d.name.lower() == source), None)
        if device is None or GROUND not in device.nets:
            return None
        plus = device.nets[0] != GROUND
        node = network.nodes[next(net for net in device.nets if net != GROUND).lower()]
        total = np.zeros(network.designs)
        for one, two, siemens in network.conductances:
            if node in (one, two):
                flow = siemens * (volts[one] - volts[two])
                total += flow if node == one else -flow
        for one, two, amps, _ in network.currents:
            total += amps * (node == one) - amps * (node == two)
        for group in network.transistors:
            found, turned = bias_of(group, volts)
            flows = group.sign * np.where(turned, -1.0, 1.0) * np.exp(found[0])
            for at, (drain, _, low, _) in enumerate(group.pins.T):
                total += flows[at] * (node == drain) - flows[at] * (node == low)
        return total if plus else -total

    def ac_metric(
        self,
        measure: Measure,
        signal: SmallSignal,
        pair: tuple[int, int],
        grid: Floats,
        response: Any,
        designs: Floats,
    ) -> tuple[Floats, Floats]:
        """Return a metric and its margin."""
        size = np.abs(response)
        kind = measure.kind
        sure = np.ones(len(designs))
        if kind in ("gain_db", "magnitude") or (
            kind == "rejection_db" and "at_hz" in measure.fields
        ):
            hertz = self.number(measure, "at_hz", designs)
            found = np.abs(signal.at(np.clip(hertz, grid[0], grid[-1]), [pair])[0])
            if kind == "magnitude":
                return found, sure
            decibel = 20 * np.log10(np.maximum(found, 1e-30))
            return (decibel if kind == "gain_db" else -decibel), sure
        if kind == "rejection_db":
            low, high = (self.value(item, designs)[0] for item in measure.fields["band_hz"])
            band = (grid >= low) & (grid <= high)
            if not band.any():
                return np.full(len(designs), np.nan), sure
            return -20 * np.log10(np.maximum(size[band].max(axis=0), 1e-30)), sure
        if kind in ("unity_gain_hz", "phase_margin_deg"):
            height = np.log(np.maximum(size.max(axis=0), 1e-30))
            found = self.crossing(kind, signal, pair, grid, response, np.ones(len(designs)))
            return found, np.where(np.isfinite(found), np.tanh(height), -np.abs(np.tanh(height)))
        reference = self.number(measure, "ref_hz", designs)
        start = np.abs(signal.at(np.clip(reference, grid[0], grid[-1]), [pair])[0])
        if kind == "bandwidth_hz":
            found = self.crossing(kind, signal, pair, grid, response, start / math.sqrt(2))
            return found, np.where(np.isfinite(found), 1.0, -1.0)
        if kind == "peaking_db":
            return 20 * np.log10(np.maximum(size.max(axis=0) / start, 1e-30)), sure
        return np.full(len(designs), np.nan), sure

    def crossing(
        self,
        kind: str,
        signal: SmallSignal,
        pair: tuple[int, int],
        grid: Floats,
        response: Any,
        level: Floats,
    ) -> Floats:
        """Return where the response falls through a level, or the phase margin there."""
        size = np.log(np.maximum(np.abs(response), 1e-30))
        goal = np.log(level)
        falls = (size[:-1] >= goal) & (size[1:] < goal)
        there = falls.any(axis=0)
        at = np.argmax(falls, axis=0)
        many = np.arange(size.shape[1])
        low, high = np.log(grid[at]), np.log(grid[at + 1])
        above, below = size[at, many] - goal, size[at + 1, many] - goal
        now, value = low, response[at, many]
        for _ in range(REFINE):
            now = low + (high - low) * np.clip(above / np.maximum(above - below, 1e-12), 0.02, 0.98)
            value = signal.at(np.exp(now), [pair])[0]
            height = np.log(np.maximum(np.abs(value), 1e-30)) - goal
            up = height >= 0
            low, above = np.where(up, now, low), np.where(up, height, above)
            high, below = np.where(up, high, now), np.where(up, below, height)
        if kind != "phase_margin_deg":
            return np.where(there, np.exp(now), np.nan)
        phase = np.unwrap(np.angle(response), axis=0)
        before = phase[at, many]
        step = np.angle(value) - before
        final = before + step - 2 * np.pi * np.round(step / (2 * np.pi))
        return np.where(there, 180.0 + np.degrees(final - phase[0]), np.nan)

    def noise_output(self, network: Network) -> tuple[int, int] | None:
        """Return the nodes that the noise analysis reads."""
        noise = next((item for item in self.case.analyses if item.kind == "noise"), None)
        return None if noise is None else self.pair(network, noise.command().split()[1])

    def noise(
        self,
        network: Network,
        signal: SmallSignal,
        measure: Measure,
        pair: tuple[int, int],
        designs: Floats,
        volts: Floats,
    ) -> Floats:
        """Return the thermal noise, which is what can be known without simulating noise."""
        noise: Any = next(item for item in self.case.analyses if item.kind == "noise")
        words = noise.command().split()
        ends = np.array([float(word) for word in words[-2:]])
        if measure.kind == "noise_density":
            hertz = [float(self.number(measure, "at_hz", designs)[0])]
        else:
            hertz = list(np.geomspace(ends[0], ends[1], 2 * int(np.log10(ends[1] / ends[0])) + 1))
        density, gain = [], []
        for frequency in hertz:
            ohms = np.abs(signal.transfer(frequency, pair)) ** 2
            total = np.zeros(len(designs))
            transfer = signal.transfer(frequency, pair)
            for one, two, siemens in network.conductances:
                total += siemens * np.abs(transfer[one] - transfer[two]) ** 2
            for group in network.transistors:
                found, _ = bias_of(group, volts)
                for at, (drain, _, low, _) in enumerate(group.pins.T):
                    if ohms[drain].any() or ohms[low].any():
                        gm = np.exp(found[0, at] + found[1, at])
                        total += 2 / 3 * gm * np.abs(transfer[drain] - transfer[low]) ** 2
            density.append(4 * BOLTZMANN * TEMPERATURE_K * total)
            gain.append(np.abs(signal.at(frequency, [pair])[0]) ** 2)
        out, squared = np.array(density), np.maximum(np.array(gain), 1e-30)
        made = out / squared if measure.fields["refer"] == "input" else out
        if measure.kind == "noise_density":
            return np.asarray(np.sqrt(made[0]))
        return np.asarray(np.sqrt(np.trapezoid(made, np.array(hertz), axis=0)))

    def pair(self, network: Network, signal: str) -> tuple[int, int] | None:
        """Return the nodes of a voltage; None where there are no such."""
        if not signal.startswith("v("):
            return None
        found = [network.nodes.get(net) for net in nets_of(signal)]
        if any(node is None for node in found):
            return None
        return (found[0], found[1] if len(found) > 1 else 0)  # type: ignore[return-value]

    def fields(self, measure: Measure, designs: Floats) -> dict[str, Floats]:
        """Return the fields of a measure at designs, each [designs]."""
        many = len(designs)
        made = {
            "rise": np.full(many, -1.0 if measure.fields.get("edge") == "fall" else 1.0),
            "absolute": np.full(many, float(bool(measure.fields.get("absolute", False)))),
            "level": np.zeros(many),
        }
        for name, value in measure.fields.items():
            if name == "window_s":
                made["from"], made["until"] = (self.value(item, designs) for item in value)
            elif hasattr(value, "names"):
                made[name] = self.value(value, designs)
        return made

    def number(self, measure: Measure, name: str, designs: Floats) -> Floats:
        """Return one field of a measure at designs, [designs]; 0 where it is not given."""
        value = measure.fields.get(name)
        return np.zeros(len(designs)) if value is None else self.value(value, designs)

    def value(self, value: Any, designs: Floats) -> Floats:
        """Return a value of the case at designs, [designs]; NaN where it has none."""
        names = [item.name for item in self.case.design_parameters]
        try:
            if not value.names & set(names):
                fixed = self.case.parameters(self.case.nominal)
                return np.full(len(designs), float(value.at(fixed)))
            rows = (dict(zip(names, map(float, row), strict=True)) for row in designs)
            return np.array([value.at(self.case.parameters(row)) for row in rows])
        except ExpressionError:
            return np.full(len(designs), np.nan)


def signals_of(measure: Measure) -> tuple[str, ...]:
    """Return the signals that a measure reads; one empty text where it reads none."""
    output = measure.fields.get("output", ())
    return output if isinstance(output, tuple) else (output,)


def nets_of(signal: str) -> list[str]:
    """Return the nets of a voltage: ``v(a,b)`` has two."""
    return signal[2:-1].split(",") if signal.startswith("v(") else []
