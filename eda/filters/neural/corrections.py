"""What is corrected of the closed forms: lengths, impedances, couplings, losses.

Whatever the numbers are, the corrected circuit stays passive and reciprocal: couplings are
symmetric and real, losses are positive, lengths and impedances too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from eda.filters.neural.closed import ClosedForms
from eda.filters.neural.graph import FilterGraph


@dataclass(frozen=True, slots=True, eq=False)
class Corrections:
    """Corrections of designs of one topology; zeros correct nothing, but see ``near``.

    Attributes:
        length_m: By how much a strip seems longer at either end, ``(designs, ends)``.
        ohm: Logarithm of a factor on the impedance of a strip, ``(designs, strips)``.
        loss: Logarithm of a factor on its losses, ``(designs, strips)``.
        coupling: Logarithm of a factor on the coupling of two strips, ``(designs, links)``.
        link_m: Added to the length that the two modes of a link differ by, ``(designs, links)``.
        via: Logarithm of a factor on the inductance of a via, ``(designs, vias)``.
        radiated: Logarithm of a factor on what an open end radiates, ``(designs, ends)``.
        near: 1 where strips couple that are not declared to and open ends radiate, 0 where not.
    """

    length_m: Any
    ohm: Any
    loss: Any
    coupling: Any
    link_m: Any
    via: Any
    radiated: Any
    near: float = 1.0


def no_corrections(graph: FilterGraph, designs: int = 1, *, near: float = 0.0) -> Corrections:
    """Return corrections that leave the closed forms as they are.

    Args:
        graph: The topology.
        designs: How many designs.
        near: 1 to let strips couple that are not declared to, and open ends radiate.
    """
    strips, links = np.zeros((designs, graph.strips)), np.zeros((designs, len(graph.links)))
    return Corrections(
        length_m=np.zeros((designs, len(graph.ends))),
        ohm=strips,
        loss=strips,
        coupling=links,
        link_m=links,
        via=np.zeros((designs, len(graph.vias))),
        radiated=np.zeros((designs, len(graph.ends))),
        near=near,
    )


def published(graph: FilterGraph, closed: ClosedForms) -> Corrections:
    """Return what is published of bends and T junctions, and couplings of all strips by pairs.

    Sources: M. Kirschning, R. H. Jansen and N. H. L. Koster, "Measurement and computer-aided
    modeling of microstrip discontinuities by an improved resonator method", IEEE MTT-S Digest
    1983, pp. 495-497 (bends); E. Hammerstad, "Computer-aided design of microstrip couplers with
    accurate discontinuity models", IEEE MTT-S Digest 1981, pp. 54-56 (T junctions, at low
    frequency). An inductance or a capacitance beside what the replaced line has counts as a
    length, of both the mean.
    """
    found = no_corrections(graph, len(closed.er), near=1.0)
    for at, end in enumerate(graph.ends):
        if end.inline == 0 and end.across == 1 and not end.port and not end.via:
            found.length_m[:, at] = _bend_m(closed, at // 2)
        elif end.inline + end.across == 2 and end.across in (1, 2):
            found.length_m[:, at] = _tee_m(graph, closed, at)
    return found


def _bend_m(closed: ClosedForms, strip: int) -> Any:
    """Return half of what a square bend adds to the line through its middle."""
    width, high = closed.width_m[:, strip], closed.height_m
    u = width / high
    henry = 2.2e-7 * high * (1 - 1.35 * np.exp(-0.18 * u**1.39))
    farad = 1e-12 * width * ((10.35 * closed.er + 2.5) * u + 2.6 * closed.er + 5.64)
    per_m = closed.index[:, strip] / 299_792_458.0
    ohm = closed.ohm[:, strip]
    lengths = 2 * henry / (per_m * ohm), farad / (per_m / ohm)
    return (sum(lengths) / 2 - width) / 2


def _tee_m(graph: FilterGraph, closed: ClosedForms, at: int) -> Any:
    """Return what a T junction adds to one of its three arms."""
    arms = [other for one, other, _ in graph.joints if one == at]
    turned = {other: across for one, other, across in graph.joints if one == at}
    stub = at if graph.ends[at].across == 2 else next(one for one in arms if turned[one])
    mains = [one // 2 for one in (at, *arms) if one != stub]

    def plate_m(strip: int) -> Any:
        return 376.73 * closed.height_m / (closed.index[:, strip] * closed.ohm[:, strip])

    if at != stub:
        ratio = closed.ohm[:, at // 2] / closed.ohm[:, stub // 2]
        return -0.055 * plate_m(stub // 2) * ratio
    a, b = mains
    ratio = np.sqrt(closed.ohm[:, a] * closed.ohm[:, b]) / closed.ohm[:, stub // 2]
    main = np.sqrt(plate_m(a) * plate_m(b))
    from_middle = main * (0.5 - ratio * (0.05 + 0.7 * np.exp(-1.6 * ratio) - 0.17 * np.log(ratio)))
    # A stub is drawn from the edge of the wider of the main strips.
    edge = np.maximum(closed.width_m[:, a], closed.width_m[:, b]) / 2
    return edge - from_middle
