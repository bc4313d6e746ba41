"""Solving one part of a circuit for many designs at once: rest, small signals, time.

Modified nodal analysis. Nets that a source ties to ground are known, so they are left out of the
unknowns; the current of such a source is what flows into its net.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.circuit import Device
from eda.spice.quick.network import GROUND, Part
from eda.spice.quick.table import Floats, SizedTransistors
from eda.spice.quick.waves import Number

GMIN_S: Final = 1e-12
_STEPS: Final = (1e-3, 1e-4, 1e-5, 1e-7, 1e-9, GMIN_S)
"""Conductances to ground that lead to the operating point."""

_ROUNDS: Final = 10
_LAST_ROUNDS: Final = 60
_CLOSE_V: Final = 1e-7
_CAPACITANCE_EVERY: Final = 4


@dataclass
class Rest:
    """An operating point: voltages of all nets and branches, [n, M], and where it was found."""

    values: Floats
    found: NDArray[np.bool_]


class PartSolver:
    """One part of a circuit, for n designs."""

    def __init__(
        self,
        part: Part,
        transistors: tuple[Device, ...],
        terminals: Mapping[str, str],
        sized: SizedTransistors | None,
        number: Number,
        count: int,
        highest_v: float,
    ) -> None:
        """Stamp what is linear.

        Args:
            part: Its devices and nets.
            transistors: Those of its devices that are transistors, in the order of ``sized``.
            terminals: Letters of the pins of each transistor, by name.
            sized: Their tables.
            number: Gives values of parameters.
            count: How many designs.
            highest_v: Largest supply.
        """
        self.n, self.sized, self.highest_v = count, sized, highest_v
        self.number = number
        branches = [d for d in part.devices if d.kind in ("inductor", "vcvs")]
        branches += [d for d in part.devices if d.kind == "vsource" and GROUND not in d.nets]
        self.index = {net: at for at, net in enumerate(part.nets)}
        self.index[GROUND] = self.ground = len(part.nets) + len(branches)
        self.branch = {d.name: len(part.nets) + at for at, d in enumerate(branches)}
        self.size = self.ground + 1
        self.tied: dict[str, tuple[int, float]] = {}
        self.sources = [d for d in part.devices if d.kind == "vsource"]
        for device in self.sources:
            if device.name not in self.branch:
                plus, minus = device.nets
                net, sign = (plus, 1.0) if minus == GROUND else (minus, -1.0)
                self.tied[device.name] = (self.index[net], sign)
        known = {at for at, _ in self.tied.values()} | {self.ground}
        self.free = np.array([at for at in range(self.size) if at not in known])
        self.currents = [d for d in part.devices if d.kind == "isource"]
        self.resistors = [d for d in part.devices if d.kind == "resistor"]
        self.g = np.zeros((count, self.size, self.size))
        self.c = np.zeros((count, self.size, self.size))
        for device in part.devices:
            self._stamp(device)
        self.pins = np.array(
            [
                [
                    self.index[net]
                    for _, net in sorted(
                        zip(terminals[d.name], d.nets, strict=True),
                        key=lambda i: "dgsb".index(i[0]),
                    )
                ]
                for d in transistors
            ],
            dtype=np.int64,
        ).reshape(-1, 4)

    def _stamp(self, device: Device) -> None:
        number, n = self.number, self.n
        many = number(device, "m", 1.0)
        if device.kind == "resistor":
            ohm = number(device, "value", np.nan)
            self._pair(self.g, device.nets, many / np.maximum(np.abs(ohm), 1e-3))
        elif device.kind == "capacitor":
            self._pair(self.c, device.nets, many * number(device, "value", np.nan))
        elif device.kind == "vccs":
            p, m, cp, cm = (self.index[net] for net in device.nets)
            gain = number(device, "gain", np.nan)
            for row, sign in ((p, 1.0), (m, -1.0)):
                self.g[:, row, cp] += sign * gain
                self.g[:, row, cm] -= sign * gain
        elif device.name in self.branch:
            at = self.branch[device.name]
            p, m = self.index[device.nets[0]], self.index[device.nets[1]]
            self.g[:, p, at] += 1.0
            self.g[:, m, at] -= 1.0
            self.g[:, at, p] += 1.0
            self.g[:, at, m] -= 1.0
            if device.kind == "inductor":
                self.c[:, at, at] -= number(device, "value", np.nan) / many
            elif device.kind == "vcvs":
                gain = number(device, "gain", np.nan)
                self.g[:, at, self.index[device.nets[2]]] -= gain
                self.g[:, at, self.index[device.nets[3]]] += gain
        del n

    def _pair(self, matrix: Floats, nets: tuple[str, ...], value: Floats) -> None:
        p, m = self.index[nets[0]], self.index[nets[1]]
        matrix[:, p, p] += value
        matrix[:, m, m] += value
        matrix[:, p, m] -= value
        matrix[:, m, p] -= value

    # -- the operating point ---------------------------------------------------------------

    def rest(self, level: Callable[[Device], Floats] | None = None) -> Rest:
        """Return the operating point of each design.

        Args:
            level: Value of a source; None for its ``dc``.
        """
        level = level or self._direct
        values = np.zeros((self.n, self.size))
        values[:, : len(self.index) - 1] = 0.5 * self.highest_v
        self._tie(values, level)
        driven = self._driven(level)
        found = np.zeros(self.n, dtype=bool)
        for step, gmin in enumerate(_STEPS):
            last = step == len(_STEPS) - 1
            for _ in range(_LAST_ROUNDS if last else _ROUNDS):
                moved = self._newton(values, self.g, driven, gmin, 0.25 * self.highest_v)
                found = moved < _CLOSE_V
                if (moved < (_CLOSE_V if last else 1e-3)).all():
                    break
        values = np.nan_to_num(values)
        return Rest(values, found)

    def _direct(self, device: Device) -> Floats:
        return self.number(device, "dc", 0.0)

    def _tie(self, values: Floats, level: Callable[[Device], Floats]) -> None:
        for device in self.sources:
            if device.name in self.tied:
                at, sign = self.tied[device.name]
                values[:, at] = sign * level(device)

    def _driven(self, level: Callable[[Device], Floats]) -> Floats:
        """Return what sources add to the equations: currents out of nets, branch voltages."""
        made = np.zeros((self.n, self.size))
        for device in self.currents:
            many = self.number(device, "m", 1.0)
            made[:, self.index[device.nets[0]]] += many * level(device)
            made[:, self.index[device.nets[1]]] -= many * level(device)
        for device in self.sources:
            if device.name in self.branch:
                made[:, self.branch[device.name]] -= level(device)
        return made

    def _newton(
        self, values: Floats, linear: Floats, driven: Floats, gmin: float, most: float
    ) -> Floats:
        """Improve values in place; return how far each design moved, in V."""
        residual = np.matmul(linear, values[..., None])[..., 0] + driven
        matrix = linear.copy()
        nets = np.arange(len(self.index) - 1)
        residual[:, nets] += gmin * values[:, nets]
        matrix[:, nets, nets] += gmin
        if len(self.pins):
            self._transistors(values, residual, matrix)
        free = self.free
        inner = matrix[:, free[:, None], free[None, :]]
        try:
            step = -np.linalg.solve(inner, residual[:, free, None])[..., 0]
        except np.linalg.LinAlgError:
            inner = inner + 1e-9 * np.eye(len(free))
            step = -np.linalg.solve(inner, residual[:, free, None])[..., 0]
        step = np.nan_to_num(step)
        is_net = free < len(self.index) - 1
        moved = np.abs(step[:, is_net]).max(1, initial=0.0)
        step *= np.minimum(1.0, most / np.maximum(moved, 1e-30))[:, None]
        values[:, free] += step
        return np.asarray(moved)

    def _transistors(self, values: Floats, residual: Floats, matrix: Floats | None) -> None:
        if self.sized is None:
            return
        v = values[:, self.pins]  # [n, K, 4]
        current, by_d, by_g, by_s = self.sized.currents(*(v[..., at] for at in range(4)))
        by = (by_d, by_g, by_s, -(by_d + by_g + by_s))
        for k, (d, _, s, _) in enumerate(self.pins):
            residual[:, d] += current[:, k]
            residual[:, s] -= current[:, k]
            if matrix is not None:
                for column, slope in zip(self.pins[k], by, strict=True):
                    matrix[:, d, column] += slope[:, k]
                    matrix[:, s, column] -= slope[:, k]

    def source(self, name: str) -> Device | None:
        """Return a source of this part by its name, whatever its case."""
        known = {d.name.lower(): d for d in (*self.sources, *self.currents)}
        return known.get(name.lower())

    def source_current(self, name: str, values: NDArray[Any], currents: NDArray[Any]) -> Any:
        """Return the current into the plus terminal of a source, [n, ...].

        Args:
            name: Of the source.
            values: Voltages and branch currents, [n, ..., M].
            currents: What flows out of each net into devices, [n, ..., M].
        """
        if name in self.branch:
            return values[..., self.branch[name]]
        at, sign = self.tied[name]
        return -sign * currents[..., at]

    def outflow(self, values: Floats) -> Floats:
        """Return what flows out of each net into devices at rest, sources to ground left out."""
        made = np.matmul(self.g, values[..., None])[..., 0]
        made += self._driven(self._direct)
        if len(self.pins):
            self._transistors(values, made, None)
        return np.asarray(made)

    # -- small signals ---------------------------------------------------------------------

    def linearised(self, rest: Rest) -> tuple[Floats, Floats]:
        """Return conductances and capacitances at rest, [n, M, M] each."""
        g, c = self.g.copy(), self.c.copy()
        nets = np.arange(len(self.index) - 1)
        g[:, nets, nets] += GMIN_S
        if len(self.pins) and self.sized is not None:
            self._transistors(rest.values, np.zeros_like(rest.values), g)
            self._capacitances(rest.values, c)
        return g, c

    def _capacitances(self, values: Floats, c: Floats) -> None:
        if self.sized is None:
            return
        v = values[:, self.pins]
        caps = self.sized.capacitances(*(v[..., at] for at in range(4)))
        for k, pins in enumerate(self.pins):
            for i, row in enumerate(pins):
                for j, column in enumerate(pins):
                    c[:, row, column] += caps[:, k, i, j]

    def small_signals(
        self, rest: Rest, frequency_hz: Floats
    ) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
        """Return voltages over frequency, and what flows out of the nets, [n, f, M] each."""
        g, c = self.linearised(rest)
        free = self.free
        drive = np.zeros((self.n, self.size))
        self._tie(drive, lambda device: self.number(device, "ac", 0.0))
        added = self._driven(lambda device: self.number(device, "ac", 0.0))
        known = np.setdiff1d(np.arange(self.size), free)
        inner_g = g[:, free[:, None], free[None, :]]
        inner_c = c[:, free[:, None], free[None, :]]
        side_g = np.matmul(g[:, free[:, None], known[None, :]], drive[:, known, None])[..., 0]
        side_c = np.matmul(c[:, free[:, None], known[None, :]], drive[:, known, None])[..., 0]
        found = np.zeros((self.n, len(frequency_hz), self.size), dtype=np.complex128)
        found[:, :, known] = drive[:, None, known]
        for at, frequency in enumerate(frequency_hz):
            s = 2j * np.pi * frequency
            side = -(side_g + s * side_c + added[:, free])
            try:
                found[:, at, free] = np.linalg.solve(inner_g + s * inner_c, side[..., None])[..., 0]
            except np.linalg.LinAlgError:
                found[:, at, free] = np.nan
        flow = np.einsum("nij,nfj->nfi", g, found)
        flow += 2j * np.pi * frequency_hz[:, None] * np.einsum("nij,nfj->nfi", c, found)
        return found, flow + added[:, None, :]

    # -- time ------------------------------------------------------------------------------

    def transient(
        self,
        rest: Rest,
        times_s: Floats,
        level: Callable[[Device, float], Floats],
        *,
        flows: bool = False,
    ) -> tuple[Floats, Floats]:
        """Return the voltages of all nets at some times, and what flows out of these, [n, t, M].

        Backward differences of the second order; of the first after every jump of the step.

        Args:
            rest: Where it begins.
            times_s: Ascending, from 0.
            level: Value of a source at a time.
            flows: Whether flows are wanted; they are zero otherwise.
        """
        flow = np.zeros((self.n, len(times_s), self.size))
        if flows:
            flow[:, 0] = self.outflow(rest.values)
        found = np.zeros((self.n, len(times_s), self.size))
        found[:, 0] = rest.values
        before, last = rest.values, rest.values
        step_before = 0.0
        c = self.c
        for at in range(1, len(times_s)):
            now = float(times_s[at])
            step = now - float(times_s[at - 1])
            if at % _CAPACITANCE_EVERY == 1:
                c = self.c.copy()
                self._capacitances(last, c)
            ratio = step / step_before if step_before else 0.0
            if not step_before or ratio > 2.5 or ratio < 0.2:
                lead, history = 1.0 / step, -last / step
                guess = last.copy()
            else:
                lead = (1 + 2 * ratio) / (1 + ratio) / step
                history = (-(1 + ratio) * last + ratio**2 / (1 + ratio) * before) / step
                guess = last + ratio * (last - before)
            linear = self.g + lead * c
            here = partial(_at, level, now)
            driven = self._driven(here)
            driven += np.matmul(c, history[..., None])[..., 0]
            self._tie(guess, here)
            for _ in range(4):
                moved = self._newton(guess, linear, driven, GMIN_S, 0.5 * self.highest_v)
                if np.mean(moved < 2e-4) > 0.97:
                    break
            before, last, step_before = last, guess, step
            found[:, at] = guess
            if flows:
                flow[:, at] = np.matmul(linear, guess[..., None])[..., 0] + driven
                self._transistors(guess, flow[:, at], None)
        return found, flow


def _at(level: Callable[[Device, float], Floats], time: float, device: Device) -> Floats:
    return level(device, time)
