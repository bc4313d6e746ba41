"""Which waveforms a figure shows when nobody says: the outputs, and what moves most."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from eda.errors import InputError
from eda.spice.simulation import Waveforms

MOST: Final = 6
_OUTPUT: Final = re.compile(r"v\((?:v?o(?:ut)?[pn+-]?\d*|.*out.*)\)$")


def chosen(waveforms: Waveforms, names: Sequence[str] | None) -> list[str]:
    """Return the names to draw.

    Args:
        waveforms: What there is.
        names: What was asked for; None for a sensible choice.

    Raises:
        InputError: A name is not there.
    """
    if names is not None:
        found = []
        for name in names:
            known = waveforms.find(name)
            if known is None:
                there = ", ".join(list(waveforms)[:20])
                raise InputError(f"there is no waveform {name!r}; there are {there}")
            found.append(known)
        return found
    voltages = [name for name in waveforms if name.startswith("v(") and "#" not in name]
    top = [name for name in voltages if "." not in name] or voltages
    if not top:
        top = [name for name in waveforms if name.startswith("i(")] or list(waveforms)
    moving = [name for name in top if _spread(waveforms, name) > 0] or top
    outputs = [name for name in moving if _OUTPUT.match(name)]
    if outputs and waveforms.axis_name == "frequency_hz":
        # Inputs and bias nets say nothing in a Bode plot.
        return outputs[:MOST]
    others = sorted(
        (name for name in moving if name not in outputs),
        key=lambda name: -_spread(waveforms, name),
    )
    picked = set((outputs + others)[:MOST])
    return [name for name in waveforms if name in picked]


def _spread(waveforms: Waveforms, name: str) -> float:
    values = np.abs(waveforms.arrays[name])
    if np.iscomplexobj(waveforms.arrays[name]):
        values = values[values > 0]
        if not len(values):
            return 0.0
        # In decibels; a hundredth of one is a flat line.
        spread = float(20 * np.log10(values.max() / values.min()))
        return spread if spread > 0.01 else 0.0
    real = np.asarray(waveforms.arrays[name]).real
    return float(real.max() - real.min()) if len(real) else 0.0
