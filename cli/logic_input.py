"""Logic files at the command line: which files are logic, and reading them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eda.cli.output import waiting

if TYPE_CHECKING:
    from eda.aig import Aig

_HEAD_BYTES = 1 << 16


def logic_format_of(file: str) -> str | None:
    """Return the format of a logic file, or None where it is a netlist of devices.

    Standard input is looked at without taking anything from it.
    """
    head = _head(file)
    if not head:
        return None
    from eda.logic import logic_format

    return logic_format("<stdin>" if file == "-" else file, head)


def _head(file: str) -> bytes:
    try:
        if file != "-":
            with Path(file).open("rb") as opened:
                return opened.read(_HEAD_BYTES)
        stream = sys.stdin.buffer
        if hasattr(stream, "peek"):
            return bytes(stream.peek(_HEAD_BYTES))
        place = stream.tell()
        head = stream.read(_HEAD_BYTES)
        stream.seek(place)
        return head
    except OSError:
        return b""  # the reader says what is wrong with it


def read_logic_file(file: str, *, format: str | None = None) -> Aig:
    """Read a logic file, saying on a terminal that it is being read."""
    from eda.logic import read_logic

    with waiting(f"reading {file}"):
        return read_logic(file, format=format)
