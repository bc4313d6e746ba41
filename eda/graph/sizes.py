"""When parameters of two devices are equal, and how a message shows them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.circuit import Circuit, Device, Expression, Value, number
from eda.graph.refine import text_hash

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RELATIVE_TOLERANCE: Final = 1e-9
_DEFAULTS: Final = {"m": 1.0, "mult": 1.0, "nf": 1.0}


def parameter(device: Device, key: str) -> Value | None:
    """Return a parameter of a device; one multiplier or finger where none is written."""
    return device.parameters.get(key, _DEFAULTS.get(key))


def same_value(a: Value | None, b: Value | None) -> bool:
    """Return whether two values are equal: as numbers, or as text."""
    number_a, number_b = number(a), number(b)
    if number_a is not None and number_b is not None:
        return math.isclose(number_a, number_b, rel_tol=_RELATIVE_TOLERANCE, abs_tol=0.0)
    return _text(a) == _text(b)


def _text(value: Value | None) -> str:
    known = number(value)
    if known is not None:
        return f"{known + 0.0:.9g}"  # minus zero is zero
    if isinstance(value, Expression):
        return "".join(value.text.lower().split())
    if isinstance(value, tuple):
        return "(" + " ".join(_text(item) for item in value) + ")"
    return "" if value is None else str(value).lower()


def shown(value: Value | None) -> str:
    """Return a value for a message."""
    text: str = _text(value)
    return text or "not given"


def size_hashes(circuit: Circuit) -> NDArray[np.uint64]:
    """Return uint64 [devices]: equal for devices with equal parameters."""
    table: list[int] = []
    for device in circuit.devices:
        given = {
            key: _text(value)
            for key, value in device.parameters.items()
            if not (key in _DEFAULTS and number(value) == _DEFAULTS[key])
        }
        table.append(text_hash(" ".join(f"{key}={given[key]}" for key in sorted(given))))
    return np.array(table, dtype=np.uint64)
