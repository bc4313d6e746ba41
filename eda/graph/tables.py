"""A circuit graph as a table of plain arrays, and back, with everything checked."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.circuit import ROLES
from eda.errors import GraphFileError
from eda.graph.circuit_graph import DEVICE_TYPES, NET_CLASSES, CircuitGraph

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

ARRAYS: Final[dict[str, str]] = {
    "device_type": "int8",
    "net_class": "int8",
    "net_is_port": "bool",
    "edge_device": "int32",
    "edge_net": "int32",
    "edge_role": "int16",
    "reference_device": "int32",
    "reference_target": "int32",
}
"""The numeric attributes of `CircuitGraph` and their types."""

TEXTS: Final = ("device_names", "net_names", "device_model", "role_names")
"""The attributes of `CircuitGraph` that are tuples of text."""


def checked_graph(
    path: Path, arrays: Mapping[str, NDArray[np.generic]], texts: Mapping[str, Sequence[str]]
) -> CircuitGraph:
    """Return the graph these arrays and texts make.

    Raises:
        GraphFileError: Something is missing, has the wrong type or size, or points nowhere.
    """
    for name in (*ARRAYS, *TEXTS):
        if name not in arrays and name not in texts:
            raise GraphFileError(f"{path}: {name} is missing")
    made: dict[str, Any] = {}
    for name, kind in ARRAYS.items():
        array = arrays[name]
        if array.ndim != 1 or array.dtype != np.dtype(kind):
            raise GraphFileError(
                f"{path}: {name} is {array.dtype} of {array.ndim} dimensions, not {kind} of one"
            )
        made[name] = array
    devices, nets = len(texts["device_names"]), len(texts["net_names"])
    pins, references = len(made["edge_net"]), len(made["reference_device"])
    for name, wanted in (
        *(("device_type", devices), ("net_class", nets), ("net_is_port", nets)),
        *(("edge_device", pins), ("edge_role", pins), ("reference_target", references)),
    ):
        if len(made[name]) != wanted:
            raise GraphFileError(f"{path}: {name} has {len(made[name])} entries, not {wanted}")
    if len(texts["device_model"]) != devices:
        raise GraphFileError(
            f"{path}: device_model has {len(texts['device_model'])} entries, not {devices}"
        )
    for name, end in (
        *(("device_type", len(DEVICE_TYPES)), ("net_class", len(NET_CLASSES))),
        *(("edge_device", devices), ("edge_net", nets), ("edge_role", len(texts["role_names"]))),
        *(("reference_device", devices), ("reference_target", devices)),
    ):
        found = made[name].astype(np.int64)
        wrong = np.flatnonzero((found < 0) | (found >= end))
        if len(wrong):
            raise GraphFileError(
                f"{path}: {name}[{wrong[0]}] is {found[wrong[0]]}, not between 0 and {end - 1}"
            )
    if np.any(np.diff(made["edge_device"].astype(np.int64)) < 0):
        raise GraphFileError(f"{path}: the pins of a device are not consecutive")
    if tuple(texts["role_names"][: len(ROLES)]) != ROLES:
        raise GraphFileError(f"{path}: role_names does not begin with {' '.join(ROLES)}")
    values = {name: tuple(texts[name]) for name in TEXTS} | made
    return CircuitGraph(**values)


def same_graph(a: CircuitGraph, b: CircuitGraph) -> bool:
    """Return whether two graphs are equal in every array and name."""
    return all(
        np.array_equal(getattr(a, item.name), getattr(b, item.name))
        if item.name in ARRAYS
        else getattr(a, item.name) == getattr(b, item.name)
        for item in fields(CircuitGraph)
    )
