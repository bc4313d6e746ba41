"""Curves of single transistors, simulated from the user's own models in a second or two.

Each model of a deck is swept by itself: drain current over gate, drain and bulk voltage for a
few lengths, how it grows with the width, and the capacitances. The tables give drain current and
conductances at any bias (`Curves.at`), the gm/ID table that designers start from
(`gm_over_id_table`), and the short vector that stands for a technology (`Curves.embedding`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

GATE_STEPS: Final = 96
DRAIN_STEPS: Final = 48
OVERDRIVE: Final = 1.15
"""The tables reach so far above the supply."""
THERMAL_V: Final = 0.026
SURFACE_V: Final = 0.8
EMBEDDING: Final = 10
"""Length of the vector that stands for a model."""


@dataclass(frozen=True, eq=False)
class Curves:
    """The tables of one transistor model; voltages are turned so that they are positive.

    Attributes:
        model: Its name.
        polarity: ``n`` or ``p``.
        reach_v: Largest gate and drain voltage of the tables.
        log_length: Natural logarithms of the lengths (m), [lengths].
        bulk_v: Source-bulk voltages, from 0 up, [bulks].
        body: How the bulk moves the threshold: by ``body * (sqrt(0.8 + vsb) - sqrt(0.8))`` (V),
            [lengths]. The gate voltages of the tables are counted from there.
        table: Logarithms of the drain current over its ``1 - exp(-vds / 2 vt)`` for the reference
            size (A), of gm/ID and gds/ID (1/V), float32; [lengths, bulks, gates, drains, 3].
        sizes: For ``w``, ``m`` and ``nf``: logarithm of the size, and of the current over that of
            the reference size, [points] each; what is not here does not matter.
        capacitance: Gate-source, gate-drain, drain-bulk and source-bulk (F) of the reference
            size, [4, lengths].
    """

    model: str
    polarity: str
    reach_v: float
    log_length: Floats
    bulk_v: Floats
    body: Floats
    table: NDArray[np.float32]
    sizes: dict[str, tuple[Floats, Floats]]
    capacitance: Floats

    def scale(self, sizes: dict[str, Floats]) -> Floats:
        """Return how many times the current of the reference size flows, [designs]."""
        total: Any = 0.0
        for name, (size, gain) in self.sizes.items():
            if name in sizes:
                total = total + _line(np.log(sizes[name]), size, gain)
        return np.asarray(np.exp(total))

    def place(self, length: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Return between which lengths a length (m) lies, and where."""
        return _between(np.log(length), self.log_length)

    def at(
        self,
        place: tuple[NDArray[np.int64], Floats],
        vgs: Floats,
        vds: Floats,
        vsb: Floats,
    ) -> Floats:
        """Return log current, gm/ID, gds/ID and gmb/ID of the reference size.

        Args:
            place: What `place` gave, [...].
            vgs: Gate-source voltage, turned, [...]; below 0 counts as 0.
            vds: Drain-source voltage, turned, not negative, [...].
            vsb: Source-bulk voltage, turned, [...].

        Returns:
            [4, ...]: natural logarithms, linear between the points of the tables.
        """
        lengths, bulks, gates, drains, _ = self.table.shape
        at, share = place
        body = self.body[at]
        if lengths > 1:
            body = body * (1 - share) + self.body[at + 1] * share
        root = np.sqrt(SURFACE_V + vsb)
        gate, gate_share = _cell(vgs - body * (root - SURFACE_V**0.5), self.reach_v, gates)
        drain, drain_share = _cell(vds, self.reach_v, drains)
        axes = [(gate, gate_share, drains), (drain, drain_share, 1)]
        if bulks > 1:
            axes.append((*_between(vsb, self.bulk_v), gates * drains))
        if lengths > 1:
            axes.append((*place, bulks * gates * drains))
        # Corners of a cell are doubled axis by axis, as indices and weights of one table.
        index = np.zeros((1, vgs.size), dtype=np.int64)
        weight = np.ones((1, vgs.size), dtype=np.float32)
        for cell, share, stride in axes:
            low = cell.ravel() * stride
            part = share.ravel().astype(np.float32)
            index = np.concatenate([index + low, index + (low + stride)])
            weight = np.concatenate([weight * (1 - part), weight * part])
        corners = self.table.reshape(-1, 3).take(index.ravel(), axis=0)
        found = np.empty((4, *vgs.shape))
        made = np.einsum("kn,knq->qn", weight, corners.reshape(*index.shape, 3))
        found[:3] = made.reshape(3, *vgs.shape)
        found[3] = found[1] + np.log(np.maximum(0.5 * body / root, 1e-3))
        found[0] += np.log(-np.expm1(-np.maximum(vds, 1e-9) / (2 * THERMAL_V)))
        return found

    def capacitances(self, place: tuple[NDArray[np.int64], Floats]) -> Floats:
        """Return the capacitances of the reference size at lengths, [4, ...], in F."""
        at, share = place
        if len(self.log_length) == 1:
            return self.capacitance[:, at]
        return np.asarray(
            self.capacitance[:, at] * (1 - share) + self.capacitance[:, at + 1] * share
        )

    def embedding(self) -> Floats:
        """Return the vector that stands for the model in the network, [EMBEDDING].

        Threshold, current density, gm/ID and intrinsic gain at three overdrives and the middle
        length, their change with the length, capacitance per current, supply.
        """
        middle = len(self.log_length) // 2
        length = np.exp(self.log_length[middle])
        shares = np.array([0.35, 0.5, 0.7])
        reach = self.reach_v / OVERDRIVE
        place = self.place(np.full(3, length))
        at = self.at(place, shares * reach, np.full(3, 0.5 * reach), np.zeros(3))
        gate = np.linspace(0.0, reach, 200)
        all_gates = self.at(
            self.place(np.full(200, length)), gate, np.full(200, reach / 2), np.zeros(200)
        )[0]
        on = float(np.interp(np.log(1e-7), all_gates, gate))
        ends = self.at(
            self.place(np.exp(self.log_length[[0, -1]])),
            np.full(2, reach / 2),
            np.full(2, reach / 2),
            np.zeros(2),
        )
        capacitance = float(np.log(self.capacitance[0, middle])) + 34.0
        return np.array(
            [
                on / reach,
                *(at[1] / 3.0),
                *((at[1] - at[2]) / 5.0),
                float(np.diff(ends[1] - ends[2])[0]) / 3.0,
                (capacitance - float(at[0, 2]) - 34.0 + 20.0) / 5.0,
                np.log(reach),
            ]
        )

    def gm_over_id_table(self, length: float, *, vds_share: float = 0.5) -> dict[str, Floats]:
        """Return the curves that a designer sizes by, for one length (m).

        Returns:
            ``vgs_v``, ``gm_over_id`` (1/V), ``current_a`` (of the reference size) and
            ``intrinsic_gain`` (V/V), [GATE_STEPS + 1] each.
        """
        gate = np.linspace(0.0, self.reach_v, GATE_STEPS + 1)
        drain = np.full_like(gate, vds_share * self.reach_v / OVERDRIVE)
        place = self.place(np.full_like(gate, length))
        found = self.at(place, gate, drain, np.zeros_like(gate))
        return {
            "vgs_v": gate,
            "gm_over_id": np.exp(found[1]),
            "current_a": np.exp(found[0]),
            "intrinsic_gain": np.exp(found[1] - found[2]),
        }


def _line(x: Floats, points: Floats, values: Floats) -> Floats:
    """Interpolate, and go on with the last slope outside."""
    at, share = _between(x, points, clip=False)
    return np.asarray(values[at] * (1 - share) + values[at + 1] * share)


def _between(x: Floats, points: Floats, *, clip: bool = True) -> tuple[NDArray[np.int64], Floats]:
    if len(points) == 1:
        return np.zeros(np.shape(x), dtype=np.int64), np.zeros(np.shape(x))
    at = np.clip(np.searchsorted(points, x) - 1, 0, len(points) - 2)
    share = (x - points[at]) / (points[at + 1] - points[at])
    return at, np.clip(share, 0.0, 1.0) if clip else share


def _cell(volts: Floats, reach: float, count: int) -> tuple[NDArray[np.int64], Floats]:
    position = np.clip(volts * ((count - 1) / reach), 0.0, count - 1.0)
    at = np.minimum(position.astype(np.int64), count - 2)
    return at, position - at
