"""Batched transients: how the outputs of many designs answer a step, roughly.

Backward differences of second order at a few dozen times, denser after each edge of a source,
with the capacitances of transistors taken as constant. It is a first answer, as all of the
equations here; what it misses is learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.circuit import number
from eda.surrogate.equations import GMIN_S, Network, eliminate
from eda.surrogate.operating_point import STEP_V, linear_dc, newton, rows_of
from eda.surrogate.wiring import NotSolvable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.circuit import Device
    from eda.surrogate.wiring import Wiring

    Floats = NDArray[np.float64]

AFTER_EDGE: Final = 44
"""Times after an edge, up to the next."""
MOST_TIMES: Final = 260
ITERATIONS: Final = 2
WAVES: Final = ("pulse", "pwl", "sin")


def edges(wiring: Wiring, stop_s: float) -> list[float]:
    """Return the times at which a source has a corner, in s."""
    found: set[float] = set()
    for device in wiring.devices:
        for name in WAVES:
            if name in device.parameters:
                found |= set(_corners(name, _numbers(device, name), stop_s))
    return sorted(time for time in found if 0 <= time < stop_s)


def time_points(corners: list[float], stop_s: float) -> Floats:
    """Return the times that are solved for: denser after each corner.

    Raises:
        NotSolvable: There would be too many.
    """
    made = {0.0, stop_s}
    ends = [*corners[1:], stop_s] if corners else []
    for start, end in zip(corners, ends, strict=True):
        span = end - start
        short = span < 0.02 * stop_s
        count = 2 if short else AFTER_EDGE
        share = np.linspace(0.0, 1.0, count + 1) ** (1.0 if short else 2.0)
        made |= set((start + span * share).tolist())
    times = np.array(sorted(made))
    times = times[np.concatenate([[True], np.diff(times) > 1e-9 * stop_s])]
    if len(times) > MOST_TIMES:
        raise NotSolvable("the sources have too many edges")
    return np.asarray(times)


def wave(device: Device, time_s: float) -> float | None:
    """Return the value of a source at a time; None where it is constant."""
    for name in WAVES:
        if name in device.parameters:
            given = _numbers(device, name)
            if name == "pulse":
                return _pulse(given, time_s)
            if name == "pwl":
                return float(np.interp(time_s, given[::2], given[1::2]))
            offset, size, hertz = (*given, 0.0, 0.0, 0.0)[:3]
            return offset + size * float(np.sin(2 * np.pi * hertz * time_s))
    return None


def solve_transient(
    network: Network,
    nodes: NDArray[np.int64],
    start: Floats,
    times: Floats,
    moving: Mapping[int, Floats],
    currents: Mapping[int, Floats],
) -> Floats:
    """Return the voltages of an island over time, [nodes of the island, times, designs].

    Args:
        network: The equations.
        nodes: The nodes of the island.
        start: Voltages at rest, [nodes, designs].
        times: When, in s.
        moving: Voltages of fixed nodes over time, [times], by node.
        currents: Currents of the network's current sources over time, [times], by position.
    """
    where, size = rows_of(network, nodes)
    if size != len(nodes):
        raise NotSolvable("an inductor in a transient")
    static, constant = linear_dc(network, where, size)
    charge = _charges(network, where, size)
    free = charge[:, nodes]
    made = np.empty((len(nodes), len(times), network.designs))
    now, before, step_before = start.copy(), start.copy(), 0.0
    made[:, 0] = now[nodes]
    for at in range(1, len(times)):
        step = float(times[at] - times[at - 1])
        ratio = step / step_before if step_before else 0.0
        if ratio > 3.0 or ratio < 1e-3:
            ratio = 0.0  # after a corner: first order
        lead = (1 + 2 * ratio) / (1 + ratio)
        known = -(1 + ratio) * now + ratio**2 / (1 + ratio) * before
        ahead = now + ratio * (now - before)
        for node, values in moving.items():
            ahead[node] = values[at]
        rest_now = constant.copy()
        for which, values in currents.items():
            plus, minus, dc, _ = network.currents[which]
            for node, sign in ((plus, 1.0), (minus, -1.0)):
                if where[node] >= 0:
                    rest_now[where[node]] += sign * (values[at] - dc)
        for _ in range(ITERATIONS):
            matrix, rest = newton(
                network, where, size, static, rest_now, ahead, slice(None), GMIN_S
            )
            rate = (lead * ahead + known) / step
            rest += np.einsum("rnd,nd->rd", charge, rate)
            matrix += free * (lead / step)
            change = -eliminate(matrix, rest[:, None])[:, 0]
            ahead[nodes] += np.clip(np.nan_to_num(change), -STEP_V, STEP_V)[where[nodes]]
        before, now, step_before = now, ahead, step
        made[:, at] = now[nodes]
    return made


def _charges(network: Network, where: NDArray[np.int64], size: int) -> Floats:
    """Return the capacitances between rows and nodes, [rows, nodes, designs], in F."""
    made = np.zeros((size, len(network.nodes), network.designs))

    def add(one: int, two: int, farads: Any) -> None:
        for node, other in ((one, two), (two, one)):
            if where[node] >= 0:
                made[where[node], node] += farads
                made[where[node], other] -= farads

    for plus, minus, farads in network.capacitors:
        add(plus, minus, farads)
    for group in network.transistors:
        sizes = group.curves.capacitances(group.place) * np.exp(group.log_scale)
        for at, (drain, gate, source, bulk) in enumerate(map(int, pins) for pins in group.pins.T):
            if (where[[drain, gate, source, bulk]] >= 0).any():
                pairs = ((gate, source), (gate, drain), (drain, bulk), (source, bulk))
                for (one, two), farads in zip(pairs, sizes[:, at], strict=True):
                    add(one, two, farads)
    return made


def _numbers(device: Device, name: str) -> list[float]:
    given = device.parameters[name]
    values = [number(item) for item in given] if isinstance(given, tuple) else [None]
    if any(value is None for value in values):
        raise NotSolvable(f"the {name} of {device.name} has no numbers")
    return [float(value) for value in values if value is not None]


def _pulse(given: list[float], time_s: float) -> float:
    low, high, delay, rise, fall, width, period = (*given, *(0.0,) * 7)[:7]
    now = time_s - delay
    if now <= 0:
        return low
    if period > 0:
        now %= period
    width = width or np.inf
    if now < rise:
        return low + (high - low) * now / rise
    if now < rise + width:
        return high
    if now < rise + width + fall:
        return high + (low - high) * (now - rise - width) / fall
    return low


def _corners(name: str, given: list[float], stop_s: float) -> list[float]:
    if name == "pwl":
        return given[::2]
    if name == "sin":
        raise NotSolvable("a sine in a transient")
    _, _, delay, rise, fall, width, period = (*given, *(0.0,) * 7)[:7]
    one = [0.0, rise, *([rise + width, rise + width + fall] if width else [])]
    turns = int(stop_s / period) + 1 if period > 0 else 1
    if turns > 50:
        raise NotSolvable("a source has too many periods")
    return [delay + turn * period + at for turn in range(turns) for at in one]
