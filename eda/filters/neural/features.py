"""What the network reads: numbers of every strip end and every link, free of units and of scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.neural.closed import ClosedForms, couplings
from eda.filters.neural.graph import FilterGraph

Real = NDArray[np.float64]

OF_END: Final = (
    *("width", "length", "er", "index", "ohm", "loss"),
    *("opened", "port", "onward", "via", "inline", "across", "paired"),
)
OF_JOINT: Final = ("across", "width ratio", "narrower", "wider")
OF_LINK: Final = (
    *("declared", "between", "kin", "opposite", "gap", "coupling", "part", "step"),
    *("shift", "shift size", "width ratio"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Features of designs of one topology.

    Attributes:
        end: ``(designs, ends, OF_END)``.
        joint: Of every joint, from its first end to its second, ``(designs, joints, OF_JOINT)``.
        link: Of every link at either side and both ways, ``(designs, 4 links, OF_LINK)``: from a
            to b where they begin, where they end, then from b to a.
    """

    end: Any
    joint: Any
    link: Any


def features_of(graph: FilterGraph, closed: ClosedForms) -> Features:
    """Return the features of designs of one topology.

    Args:
        graph: The topology.
        closed: Closed forms of the designs, as numpy arrays.
    """
    high = closed.height_m[:, None]
    log_width = np.log(closed.width_m / high)
    strip = np.stack(
        [
            log_width,
            np.log(closed.length_m / high),
            np.log(closed.er)[:, None] + 0 * high * closed.ohm,
            np.log(closed.index),
            np.log(closed.ohm / 50.0),
            np.log10(closed.tan_delta + 1e-4)[:, None] + 0 * closed.ohm,
        ],
        -1,
    )
    paired = {strip for link in graph.links if link.declared for strip in (link.a, link.b)}
    flags = np.array(
        [
            (end.opened, end.port, end.onward, end.via, end.inline, end.across, at // 2 in paired)
            for at, end in enumerate(graph.ends)
        ],
        dtype=float,
    )
    end = np.concatenate(
        [
            np.repeat(strip, 2, axis=1),
            np.broadcast_to(flags, (len(closed.er), *flags.shape)),
        ],
        -1,
    )
    return Features(end, _joints(graph, log_width), _links(graph, closed, log_width))


def _joints(graph: FilterGraph, log_width: Real) -> Real:
    wires = graph.wiring
    ratio = log_width[:, wires.joint_from // 2] - log_width[:, wires.joint_to // 2]
    across = np.array([joint[2] for joint in graph.joints], dtype=float)
    return np.stack(
        [np.broadcast_to(across, ratio.shape), ratio, np.minimum(ratio, 0), np.maximum(ratio, 0)],
        -1,
    )


def _links(graph: FilterGraph, closed: ClosedForms, log_width: Real) -> Real:
    wires = graph.wiring
    a = wires.link_ends[:, 0] // 2
    b = wires.link_ends[:, 2] // 2
    high = closed.height_m[:, None]
    fixed = np.array(
        [(link.declared, min(link.between, 3), link.kin, link.opposite) for link in graph.links],
        dtype=float,
    ).reshape(-1, 4)
    fixed = np.broadcast_to(fixed, (len(closed.er), *fixed.shape))
    size = np.abs(couplings(graph, closed))
    made = []
    for one, other, sign in ((a, b, 1.0), (b, a, -1.0)):
        for side in (0, 1):
            # Above zero where the receiving strip goes on beyond the sending one.
            beyond = sign * (2 * side - 1) * closed.shift_m[..., side] / high
            parts = [
                np.log(closed.gap_m / high + 0.02),
                np.log(size + 1e-3),
                closed.link_m / closed.length_m[:, other],
                closed.link_index / closed.index[:, a],
                np.tanh(beyond / 4),
                np.log1p(np.abs(beyond)),
                log_width[:, one] - log_width[:, other],
            ]
            made.append(np.concatenate([fixed, np.stack(parts, -1)], -1))
    return np.concatenate(made, 1)
