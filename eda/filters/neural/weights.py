"""Weights of the neural simulator: some networks that were trained apart, in one file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from eda.errors import WeightsError
from eda.filters.microstrip.layout import Layout
from eda.filters.neural.network import Shape, shapes
from eda.tensors import read_weights, replace_file

FOLDER: Final = Path(__file__).parent / "weights"
NAME: Final = "printed.safetensors"
SCHEMA: Final = "eda.filters.neural/1"

FAMILIES: Final = ("edge_coupled", "hairpin", "open_loop", "stepped_impedance", "stub")
"""Families that the shipped weights were learned from."""

_MOST_MEMBERS: Final = 16
_MOST_SIZE: Final = 512


@dataclass(frozen=True, eq=False)
class NeuralWeights:
    """Networks of one shape.

    Attributes:
        shape: Their sizes.
        members: Arrays of every network by name, float64.
        prior: Whether what is published of discontinuities stands before them.
    """

    shape: Shape
    members: tuple[Mapping[str, Any], ...]
    prior: bool = True


def knows(layout: Layout) -> bool:
    """Return whether a layout is of a kind that the shipped weights were learned from."""
    return layout.family in FAMILIES and not layout.vias


def save_weights(path: Path, weights: NeuralWeights) -> None:
    """Write weights, in half precision but for the scales of features."""
    from safetensors.numpy import save

    arrays = {
        f"{number}:{name}": np.ascontiguousarray(
            array.astype(np.float32 if _is_scale(name) else np.float16)
        )
        for number, member in enumerate(weights.members)
        for name, array in member.items()
    }
    facts = {"shape": asdict(weights.shape), "members": len(weights.members)}
    facts["prior"] = weights.prior
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, save(arrays, metadata={"schema": SCHEMA, "facts": json.dumps(facts)}))


def _is_scale(name: str) -> bool:
    return name.endswith((".mean", ".scale"))


@cache
def load_weights(folder: Path = FOLDER) -> NeuralWeights:
    """Return the weights of a folder, by default the shipped ones.

    Raises:
        WeightsError: There are none, or they are not of this kind.
    """
    path = folder / NAME
    metadata, arrays = read_weights(path, maker="eda train printed")
    try:
        if metadata["schema"] != SCHEMA:
            raise ValueError(metadata["schema"])
        facts = json.loads(metadata["facts"])
        shape, count = Shape(**facts["shape"]), int(facts["members"])
        prior = bool(facts["prior"])
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"{path}: not the weights of printed filters ({SCHEMA})") from error
    sizes = (shape.hidden, shape.layers)
    if not all(type(size) is int and 1 <= size <= _MOST_SIZE for size in sizes):
        raise WeightsError(f"{path}: no such network: {shape}")
    if not 1 <= count <= _MOST_MEMBERS:
        raise WeightsError(f"{path}: {count} networks; 1 to {_MOST_MEMBERS} may be")
    return NeuralWeights(shape, tuple(_member(path, arrays, n, shape) for n in range(count)), prior)


def _member(path: Path, arrays: Mapping[str, Any], number: int, shape: Shape) -> dict[str, Any]:
    made = {}
    for name, size in shapes(shape).items():
        array = arrays.get(f"{number}:{name}")
        if array is None or array.shape != size or array.dtype.kind != "f":
            raise WeightsError(f"{path}: {number}:{name} must be floats of size {size}")
        made[name] = array.astype(np.float64)
        if not np.isfinite(made[name]).all():
            raise WeightsError(f"{path}: {number}:{name} is not finite")
    return made


def rounded(members: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return networks as they are once they have been saved."""
    return tuple(
        {
            name: array.astype(np.float32 if _is_scale(name) else np.float16).astype(np.float64)
            for name, array in member.items()
        }
        for member in members
    )
