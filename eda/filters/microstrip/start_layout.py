"""``--start FILE``: a user's own layout, to be refined to a specification."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from eda.errors import InputError
from eda.filters.microstrip.free_template import free_template
from eda.filters.microstrip.layout import Layout
from eda.filters.microstrip.layout_reader import read_layout
from eda.filters.microstrip.limits import MicrostripLimits, counted_order
from eda.filters.microstrip.search import PrintedDesign, PrintedSearch
from eda.filters.microstrip.starts import Start
from eda.filters.spec import FilterSpec

_SCALES: Final = np.geomspace(0.5, 2.0, 17)
"""Factors on all lengths that are looked at: a layout may come from another frequency."""


def read_layout_start(path: str | os.PathLike[str], spec: FilterSpec) -> Start:
    """Return a layout as a start: its own sizes first, then its lengths scaled.

    Args:
        path: A ``filter-layout/1`` file.
        spec: What it is to be refined to; the layout's own board is not looked at.

    Raises:
        InputError: It is no such file, or breaks a limit that no change of sizes mends.
    """
    layout = read_layout(path)
    limits = spec.printed
    _check_mendable(layout, limits, str(path))
    layout = replace(layout, order=counted_order(layout, limits), substrate={})
    template, own = free_template(layout, limits)
    lengths = np.array([name[0] == "l" for name in template.names])
    scaled = np.where(lengths, own * _SCALES[_SCALES != 1.0][:, None], own)
    values = np.clip(np.concatenate([own[None], scaled]), template.low_mm, template.high_mm)
    return Start(template, values, f"the layout {os.path.basename(path)}")


def none_worse(
    search: PrintedSearch, start: Start, found: Sequence[PrintedDesign]
) -> list[PrintedDesign]:
    """Return designs, best first, with a user's own among them: none worse is delivered."""
    template = start.template
    own = template.snapped(start.values_mm[0], search.limits.grid_mm)
    made = [*found, search.judged(template, own, start.origin)]
    return sorted(made, key=lambda item: item.rank, reverse=True)


def _check_mendable(layout: Layout, limits: MicrostripLimits, path: str) -> None:
    if layout.family not in limits.families:
        raise InputError(
            f"{path}: family: is {layout.family}; the specification allows "
            f"{', '.join(limits.families)}"
        )
    order = counted_order(layout, limits)
    if order > limits.max_order:
        raise InputError(
            f"{path}: strips: make an order of {order}; the specification allows "
            f"{limits.max_order}: leave some out"
        )
    if layout.vias and not limits.vias:
        raise InputError(
            f"{path}: vias: the specification allows none; leave out stubs that are shorted"
        )
