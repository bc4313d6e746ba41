"""Circuit graphs as a file of torch tensors, for ``torch.load(path, weights_only=True)``.

A dictionary: ``schema`` (text), the arrays of `eda.graph.tables.ARRAYS` as tensors of the same
names and types, and lists of text for the names of devices, nets, models and roles.
"""

from __future__ import annotations

import pickle
import zipfile
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.errors import GraphFileError
from eda.graph.convert import SCHEMA
from eda.graph.files import MAX_FILE_BYTES
from eda.graph.tables import ARRAYS, TEXTS, checked_graph

if TYPE_CHECKING:
    from pathlib import Path

    from eda.graph.circuit_graph import CircuitGraph


def write(graph: CircuitGraph, path: Path) -> None:
    """Write the file."""
    import torch

    state: dict[str, Any] = {"schema": SCHEMA}
    for name in ARRAYS:
        state[name] = torch.from_numpy(np.array(getattr(graph, name)))
    for name in TEXTS:
        state[name] = list(getattr(graph, name))
    torch.save(state, path)


def read(path: Path) -> CircuitGraph:
    """Read the file back.

    Raises:
        GraphFileError: It holds something else.
    """
    import torch

    try:
        with zipfile.ZipFile(path) as file:
            total = sum(info.file_size for info in file.infolist())
        if total > MAX_FILE_BYTES:
            raise GraphFileError(f"{path}: unpacks to {total} bytes, more than {MAX_FILE_BYTES}")
        # weights_only admits tensors and plain containers, and runs nothing.
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (zipfile.BadZipFile, pickle.UnpicklingError, RuntimeError, EOFError) as error:
        reason = str(error).partition("\n")[0]
        raise GraphFileError(f"{path}: not a file of tensors: {reason}") from error
    if not isinstance(state, dict) or state.get("schema") != SCHEMA:
        raise GraphFileError(f"{path}: does not say that it is {SCHEMA!r}")
    arrays = {
        name: state[name].numpy() for name in ARRAYS if isinstance(state.get(name), torch.Tensor)
    }
    texts = {
        name: state[name]
        for name in TEXTS
        if isinstance(state.get(name), list) and all(isinstance(x, str) for x in state[name])
    }
    return checked_graph(path, arrays, texts)
