"""Graph files: `write_graph` and `read_graph`, by the ending of the file's name.

======== ============================================================= ====== =====
ending   what is in it                                                 writes reads
======== ============================================================= ====== =====
.json    node-link JSON, as `networkx.node_link_graph` takes it        yes    yes
.npz     the arrays of `CircuitGraph`, names as UTF-8 lines            yes    yes
.pt      the same as tensors, for ``torch.load(weights_only=True)``    yes    yes
.graphml GraphML for Gephi, Cytoscape, yEd, networkx                   yes    no
======== ============================================================= ====== =====

A file is written under a temporary name and renamed, so that nobody ever sees half of one.
Reading never runs what a file holds, and checks sizes before it makes room.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eda.errors import GraphFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.graph.circuit_graph import CircuitGraph

MAX_FILE_BYTES: Final = 4 << 30
"""Largest file that is read, before and after unpacking."""


def write_graph(graph: CircuitGraph, path: str | os.PathLike[str]) -> None:
    """Write a graph to a file: ``.json``, ``.npz``, ``.pt`` or ``.graphml``.

    Raises:
        GraphFileError: The ending is another one, or the file cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        from eda.graph.file_json import write
    elif suffix == ".npz":
        from eda.graph.file_npz import write
    elif suffix == ".pt":
        from eda.graph.file_pt import write
    elif suffix == ".graphml":
        from eda.graph.file_graphml import write
    else:
        raise GraphFileError(
            f"{path}: cannot write a graph as {path.suffix or 'a file without ending'}; "
            "use .json, .npz, .pt or .graphml"
        )
    with _replacing(path) as temporary:
        write(graph, temporary)


def read_graph(path: str | os.PathLike[str]) -> CircuitGraph:
    """Read a graph that `write_graph` wrote: ``.json``, ``.npz`` or ``.pt``.

    Raises:
        GraphFileError: The file cannot be read, or does not hold a circuit graph.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix == ".json":
        from eda.graph.file_json import read
    elif suffix == ".npz":
        from eda.graph.file_npz import read
    elif suffix == ".pt":
        from eda.graph.file_pt import read
    else:
        raise GraphFileError(
            f"{path}: cannot read a graph from {path.suffix or 'a file without ending'}; "
            "use .json, .npz or .pt"
        )
    try:
        if not path.is_file():
            raise GraphFileError(f"{path}: there is no such file")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise GraphFileError(f"{path}: {size} bytes are more than {MAX_FILE_BYTES}")
        return read(path)
    except OSError as error:
        raise GraphFileError(f"{path}: cannot be read: {error.strerror or error}") from error


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a name to write to; it becomes the file if all goes well, and goes away if not."""
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise GraphFileError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
