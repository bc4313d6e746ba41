"""A transistor as a table: drain current and capacitances over sizes and bias, interpolated.

With ``F = I / (W h(vds))``, ``h = vds / sqrt(vds^2 + KNEE_V^2)``, the table holds the ``T`` of
``F = F0 ln(1 + exp(T / 2))^2``: it is nearly straight over ``vgs`` in weak and in strong inversion,
and nearly flat over ``vds`` in saturation. It is cubic in both, so that conductances are
continuous, and lower in the body bias and the sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BODY_V: Final = 0.8
"""The body bias enters as ``sqrt(BODY_V + vsb)``, in which thresholds are nearly straight."""

DRAIN_V: Final = 2e-3
"""Smallest drain-source voltage of a table."""


KNEE_V: Final = 0.1


def saturation(vds: Floats) -> Floats:
    """Return ``h``: what is left of a drain current is nearly flat over the drain voltage."""
    return vds / np.sqrt(vds**2 + KNEE_V**2)


@dataclass(frozen=True)
class TransistorTable:
    """Measured transistors of one model.

    Attributes:
        width_m: Widths, ascending.
        length_m: Lengths, ascending.
        body_v: Source-bulk voltages, ascending.
        gate_v: (lowest, highest) gate-source voltage; evenly spaced between.
        drain_v: Largest drain-source voltage; the grid is even in its root.
        log_strong: ``ln F0``, in A per m, of shape [W, L].
        threshold_v: By how much the body bias shifts the gate voltage, [W, L, body].
        current: ``T`` of shape [W, L, body, gate, drain], float32.
        cap_gate_v: Gate voltages of the capacitances.
        cap_drain_v: Drain voltages of the capacitances.
        cap_body_v: Source-bulk voltages of the capacitances.
        cap_length_m: Lengths of the capacitances.
        capacitance: F per metre of width, shape [L, body, gate, drain, 4, 4]: current into
            the row's terminal for a voltage on the column's, terminals d g s b.
    """

    width_m: Floats
    length_m: Floats
    body_v: Floats
    gate_v: tuple[float, float]
    drain_v: float
    log_strong: Floats
    threshold_v: Floats
    current: NDArray[np.float32]
    cap_gate_v: Floats
    cap_drain_v: Floats
    cap_body_v: Floats
    cap_length_m: Floats
    capacitance: NDArray[np.float32]

    def sized(
        self, width_m: Floats, length_m: Floats
    ) -> tuple[NDArray[np.float32], Floats, Floats, NDArray[np.float32]]:
        """Return current and capacitance tables of some sizes.

        Args:
            width_m: [n].
            length_m: [n].

        Returns:
            ``T`` of shape [n, body, gate, drain], ``F0`` of shape [n], thresholds of shape
            [n, body], and capacitances per metre of width of shape [n, body, gate, drain, 4, 4].
        """
        n = len(width_m)
        wide, wide_weight = _linear(np.log(self.width_m), np.log(width_m))
        long, long_weight = _parabola(np.log(self.length_m), np.log(length_m))
        made = np.zeros((n, *self.current.shape[2:]), dtype=np.float32)
        strong, threshold = np.zeros(n), np.zeros((n, len(self.body_v)))
        for i in range(wide.shape[1]):
            for j in range(long.shape[1]):
                weight = wide_weight[:, i] * long_weight[:, j]
                strong += weight * self.log_strong[wide[:, i], long[:, j]]
                threshold += weight[:, None] * self.threshold_v[wide[:, i], long[:, j]]
                share = weight.astype(np.float32)[:, None, None, None]
                made += share * self.current[wide[:, i], long[:, j]]
        at, weights = _linear(self.cap_length_m, length_m)
        caps = np.zeros((n, *self.capacitance.shape[1:]), dtype=np.float32)
        for i in range(at.shape[1]):
            caps += (
                weights[:, i, None, None, None, None, None].astype(np.float32)
                * (self.capacitance[at[:, i]])
            )
        return made, np.exp(strong), threshold, caps


@dataclass(frozen=True)
class SizedTransistors:
    """Current tables of all transistors of all designs, ready to be looked up.

    Attributes:
        tables: [k, n, body, gate, drain]: k sizes, n designs.
        threshold_v: [k, n, body].
        which: Size of each of K transistors.
        sign: +1 for n-channel, -1 for p-channel, [K].
        width_m: Width times multiplier, [n, K].
        strong: ``F0`` of each transistor, [n, K].
        axes: A table that gives the grids, which all have in common.
        caps: [k, n, body, gate, drain, 4, 4], per metre of width.
    """

    tables: NDArray[np.float32]
    threshold_v: Floats
    which: NDArray[np.int64]
    sign: Floats
    width_m: Floats
    strong: Floats
    axes: TransistorTable
    caps: NDArray[np.float32]

    def currents(
        self, d: Floats, g: Floats, s: Floats, b: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Return the drain currents and their derivatives by the voltages of d, g, s.

        Args:
            d: Voltages of the drains, [n, K]; likewise the others.
            g: Of the gates.
            s: Of the sources.
            b: Of the bulks.
        """
        grid = self.axes
        vds = self.sign * (d - s)
        turned = vds < 0
        low = np.where(turned, d, s)
        vds = np.abs(vds)
        vgs = self.sign * (g - low)
        vsb = self.sign * (low - b)
        gates, drains = self.tables.shape[3:5]
        bodies = self.tables.shape[2]
        first, last = grid.gate_v
        step = (last - first) / (gates - 1)
        root = np.sqrt(np.maximum(vds - DRAIN_V, 1e-12) / (grid.drain_v - DRAIN_V))
        y = np.clip(root * (drains - 1), 0.0, drains - 1.0)
        body = np.sqrt(BODY_V + grid.body_v)
        z_value = np.sqrt(np.maximum(BODY_V + vsb, 0.1))
        zi = np.clip(np.searchsorted(body, z_value) - 1, 0, bodies - 2)
        span = body[zi + 1] - body[zi]
        z = np.clip((z_value - body[zi]) / span, -0.6, 1.2)
        n = d.shape[0]
        row = np.arange(n)[:, None]
        shift = (
            self.threshold_v[self.which[None, :], row, zi + 1]
            - self.threshold_v[self.which[None, :], row, zi]
        )
        di, dw, dd = _cubic(y, drains)
        flat = self.tables.reshape(-1)
        base = ((self.which[None, :] * n + row) * bodies + zi) * gates * drains
        t, t_g, t_y, both = 0.0, 0.0, 0.0, []
        # Curves of two body biases are alike once each is shifted by its threshold.
        for upper, share, moved in ((0, 1 - z, vgs - z * shift), (1, z, vgs + (1 - z) * shift)):
            x = (moved - first) / step
            xi = np.minimum(np.maximum(x, 0.0), gates - 1.0)
            gi, gw, gd = _cubic(xi, gates)
            at = base + upper * gates * drains
            points = flat[at[..., None, None] + gi[..., :, None] * drains + di[..., None, :]]
            over_drain = np.matmul(points, dw[..., None])[..., 0]
            value = np.einsum("...i,...i", over_drain, gw)
            slope = np.einsum("...i,...i", over_drain, gd) / step
            # Outside its range a table goes straight on.
            beyond = (x - xi) * step
            slope = np.where(
                beyond == 0,
                slope,
                np.where(beyond > 0, np.maximum(slope, 0.0), np.clip(slope, 5, 45)),
            )
            value = value + slope * beyond
            t, t_g = t + share * value, t_g + share * slope
            t_y = t_y + share * np.einsum("...i,...i", np.matmul(points, dd[..., None])[..., 0], gw)
            both.append(value)
        t_z = (both[1] - both[0] - shift * t_g) / span
        half = np.clip(t, -90.0, 1000.0) / 2
        soft = np.logaddexp(0.0, half)
        strong = self.strong * self.width_m
        over = strong * soft * soft
        over_t = strong * soft * np.exp(half - soft)
        knee = np.sqrt(vds**2 + KNEE_V**2)
        h, h_d = vds / knee, KNEE_V**2 / knee**3
        current = over * h
        # d root / d vds = root / (2 (vds - DRAIN_V)); beyond the last point it is flat.
        inside = (vds > DRAIN_V) & (root < 1)
        y_by_vds = np.where(
            inside, (drains - 1) * root / (2 * np.maximum(vds - DRAIN_V, 1e-12)), 0.0
        )
        gm = h * over_t * t_g
        gds = over * h_d + h * over_t * t_y * y_by_vds
        gsb = h * over_t * t_z / (2 * z_value)
        sense = np.where(turned, -self.sign, self.sign)
        by_g = np.where(turned, -gm, gm)
        by_d = np.where(turned, gm + gds - gsb, gds)
        by_s = np.where(turned, -gds, -gm - gds + gsb)
        return sense * current, by_d, by_g, by_s

    def capacitances(self, d: Floats, g: Floats, s: Floats, b: Floats) -> Floats:
        """Return the capacitances of each transistor, [n, K, 4, 4] in F, terminals d g s b."""
        grid = self.axes
        vds = self.sign * (d - s)
        turned = vds < 0
        low = np.where(turned, d, s)
        vgs = self.sign * (g - low)
        vsb = self.sign * (low - b)
        n, _ = d.shape
        found = np.zeros((*d.shape, 4, 4))
        row = np.arange(n)[:, None]
        gi, gw = _linear(grid.cap_gate_v, vgs)
        di, dw = _linear(grid.cap_drain_v, np.abs(vds))
        bi, bw = _linear(grid.cap_body_v, vsb)
        for a in range(2):
            for e in range(2):
                for f in range(2):
                    weight = bw[..., a] * gw[..., e] * dw[..., f]
                    part = self.caps[self.which[None, :], row, bi[..., a], gi[..., e], di[..., f]]
                    found += weight[..., None, None] * part
        order = np.array([2, 1, 0, 3])
        exchanged = found[..., order, :][..., :, order]
        found = np.where(turned[..., None, None], exchanged, found)
        return found * self.width_m[..., None, None]


def _linear(grid: Floats, value: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return two points and their weights; beyond the ends the end counts."""
    if len(grid) == 1:
        zeros = np.zeros((*value.shape, 2), dtype=np.int64)
        weights = np.zeros((*value.shape, 2))
        weights[..., 0] = 1.0
        return zeros, weights
    at = np.clip(np.searchsorted(grid, value) - 1, 0, len(grid) - 2)
    share = np.clip((value - grid[at]) / (grid[at + 1] - grid[at]), 0.0, 1.0)
    return np.stack([at, at + 1], -1), np.stack([1 - share, share], -1)


def _parabola(grid: Floats, value: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Return three points and their weights of the parabola through them."""
    if len(grid) < 3:
        return _linear(grid, value)
    value = np.clip(value, grid[0], grid[-1])
    middle = np.clip(np.abs(value[..., None] - grid).argmin(-1), 1, len(grid) - 2)
    at = np.stack([middle - 1, middle, middle + 1], -1)
    a, b, c = (grid[at[..., i]] for i in range(3))
    weights = np.stack(
        [
            (value - b) * (value - c) / ((a - b) * (a - c)),
            (value - a) * (value - c) / ((b - a) * (b - c)),
            (value - a) * (value - b) / ((c - a) * (c - b)),
        ],
        -1,
    )
    return at, weights


def _cubic(x: Floats, count: int) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return four points, their weights, and the derivatives of these, of Catmull and Rom."""
    at = np.minimum(x.astype(np.int64), count - 2)
    t = (x - at)[..., None]
    powers = np.concatenate([np.ones_like(t), t, t * t, t * t * t], -1)
    weights = powers @ _CATMULL_ROM
    slopes = powers[..., :3] @ _SLOPES
    points = at[..., None] + _FOUR
    # At the ends the missing point is the mirror image of the next one: f(-1) = 2 f(0) - f(1).
    left, right = at == 0, at == count - 2
    if left.any() or right.any():
        for values in (weights, slopes):
            values[left, 1] += 2 * values[left, 0]
            values[left, 2] -= values[left, 0]
            values[left, 0] = 0.0
            values[right, 2] += 2 * values[right, 3]
            values[right, 1] -= values[right, 3]
            values[right, 3] = 0.0
        points = np.minimum(np.maximum(points, 0), count - 1)
    return points, weights, slopes


_FOUR: Final = np.arange(-1, 3)
_CATMULL_ROM: Final = 0.5 * np.array(
    [[0.0, 2.0, 0.0, 0.0], [-1.0, 0.0, 1.0, 0.0], [2.0, -5.0, 4.0, -1.0], [-1.0, 3.0, -3.0, 1.0]]
)
"""Weights of four points by powers of the place between the middle two."""

_SLOPES: Final = np.arange(1, 4)[:, None] * _CATMULL_ROM[1:]
