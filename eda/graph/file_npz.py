"""Circuit graphs as compressed numpy arrays: a zip of ``.npy`` files.

Each array of `eda.graph.tables.ARRAYS` is a member of its name and type. The names of devices,
nets, models and roles are uint8 arrays: UTF-8 text, one name a line, as many lines as names.
``schema`` is a uint8 array too. ``numpy.load(path)`` opens the file without pickle.
"""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import GraphFileError
from eda.graph.convert import SCHEMA
from eda.graph.files import MAX_FILE_BYTES
from eda.graph.tables import ARRAYS, TEXTS, checked_graph

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.graph.circuit_graph import CircuitGraph

_MEMBERS: Final = ("schema", *ARRAYS, *TEXTS)


def write(graph: CircuitGraph, path: Path) -> None:
    """Write the file."""
    arrays = {name: getattr(graph, name) for name in ARRAYS}
    texts = {name: _encoded(getattr(graph, name)) for name in TEXTS}
    np.savez_compressed(path, allow_pickle=False, schema=_encoded((SCHEMA,)), **arrays, **texts)


def _encoded(names: tuple[str, ...]) -> NDArray[np.uint8]:
    # A netlist is read by lines, so no name of one holds a line end.
    text = "".join(f"{name}\n" for name in names)
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)


def read(path: Path) -> CircuitGraph:
    """Read the file back.

    Raises:
        GraphFileError: It is not such a zip, or not a circuit graph.
    """
    try:
        with zipfile.ZipFile(path) as file:
            members = {info.filename: info for info in file.infolist()}
            _check_sizes(path, members)
            arrays = {name: _array(path, file, members[f"{name}.npy"]) for name in _MEMBERS}
    # zipfile says NotImplementedError of a way of packing that it cannot read.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise GraphFileError(f"{path}: not a zip of arrays: {error}") from error
    texts = {name: _lines(path, name, arrays.pop(name)) for name in ("schema", *TEXTS)}
    if texts["schema"] != [SCHEMA]:
        raise GraphFileError(f"{path}: its schema is {texts['schema']!r}, not {SCHEMA!r}")
    return checked_graph(path, arrays, texts)


def _check_sizes(path: Path, members: dict[str, zipfile.ZipInfo]) -> None:
    for name in _MEMBERS:
        if f"{name}.npy" not in members:
            raise GraphFileError(f"{path}: {name} is missing")
    total = sum(members[f"{name}.npy"].file_size for name in _MEMBERS)
    if total > MAX_FILE_BYTES:
        raise GraphFileError(f"{path}: unpacks to {total} bytes, more than {MAX_FILE_BYTES}")


def _array(path: Path, file: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[np.generic]:
    """Read one member; its header must promise exactly the bytes that are there."""
    with file.open(info) as member:
        try:
            version = np.lib.format.read_magic(member)
            if version == (1, 0):
                shape, _, dtype = np.lib.format.read_array_header_1_0(member)
            else:
                shape, _, dtype = np.lib.format.read_array_header_2_0(member)
        except (ValueError, SyntaxError, RecursionError) as error:
            raise GraphFileError(f"{path}: {info.filename} is no array: {error}") from error
        left = info.file_size - member.tell()
        if dtype.hasobject or len(shape) != 1 or shape[0] * dtype.itemsize != left:
            raise GraphFileError(
                f"{path}: {info.filename} says {dtype} {shape} and has {left} bytes"
            )
        return np.frombuffer(member.read(left), dtype=dtype)


def _lines(path: Path, name: str, array: NDArray[np.generic]) -> list[str]:
    if array.dtype != np.uint8:
        raise GraphFileError(f"{path}: {name} is {array.dtype}, not uint8")
    try:
        text = array.tobytes().decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        raise GraphFileError(f"{path}: {name} is not UTF-8") from error
    if text and not text.endswith("\n"):
        raise GraphFileError(f"{path}: {name} does not end with a line end")
    return text.split("\n")[:-1]
