"""Whether a layout looks the same with its ports exchanged: mirrored, or turned around."""

from __future__ import annotations

from typing import Final

import numpy as np

from eda.filters.microstrip.layout import Layout, Point

NEAR_MM: Final = 2e-4
"""Coordinates that differ by less are equal: files are rounded."""


def mirrored(layout: Layout) -> dict[str, str]:
    """Return which strip is the image of each, where mirroring or turning exchanges the ports.

    An empty mapping says that the layout has no such symmetry.
    """
    boxes = np.array([strip.box_mm for strip in layout.strips])
    x, y = boxes[:, (0, 2)], boxes[:, (1, 3)]
    middle = np.array([x.min() + x.max(), y.min() + y.max()])
    for signs in ((-1, 1), (1, -1), (-1, -1)):
        shift = np.where(np.array(signs) < 0, middle, 0.0)
        found = _image(layout, signs, (float(shift[0]), float(shift[1])))
        if found:
            return found
    return {}


def _image(layout: Layout, signs: tuple[int, int], shift: Point) -> dict[str, str]:
    def moved(point: Point) -> tuple[float, float]:
        return signs[0] * point[0] + shift[0], signs[1] * point[1] + shift[1]

    images: dict[str, str] = {}
    nodes: dict[str, str] = {}
    for strip in layout.strips:
        ends = moved(strip.start_mm), moved(strip.end_mm)
        for other in layout.strips:
            for turn in (1, -1):
                places = (other.start_mm, other.end_mm)[::turn]
                if (
                    _close(ends[0], places[0])
                    and _close(ends[1], places[1])
                    and abs(strip.width_mm - other.width_mm) < NEAR_MM
                    and all(
                        nodes.get(a, b) == b
                        for a, b in zip(strip.nodes, other.nodes[::turn], strict=True)
                    )
                ):
                    break
            else:
                continue
            images[strip.name] = other.name
            nodes.update(zip(strip.nodes, other.nodes[::turn], strict=True))
            break
        else:
            return {}
    pairs = {frozenset(pair) for pair in layout.coupled}
    if any(frozenset(images[name] for name in pair) not in pairs for pair in layout.coupled):
        return {}
    one, two = layout.ports
    return images if nodes[one] == two and nodes[two] == one else {}


def _close(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) < NEAR_MM and abs(a[1] - b[1]) < NEAR_MM
