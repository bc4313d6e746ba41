"""What goes through the pipes between us and a worker: frames of JSON and raw arrays.

A frame is two lengths, a JSON header, and bytes of arrays one behind another, which the header
describes. No pickle: the worker runs a stranger's deck in a C library, and a process that was
taken over must not be able to run anything here. Lengths are bounded before memory is taken.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import numpy as np

from eda.spice.simulation import Array

_LENGTHS: Final = struct.Struct("<IQ")
_JOINED: Final = 1 << 22
_PIPE: Final = 1 << 20
MAX_HEADER: Final = 1 << 30
MAX_ARRAYS: Final = 1 << 36
_TYPES: Final = {"r": np.dtype(np.float64), "c": np.dtype(np.complex128)}


def make_pipe() -> tuple[int, int]:
    """Return the ends of a pipe, to read from and to write to, that holds a whole frame."""
    ends = os.pipe()
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, _PIPE)
    return ends


class BrokenWireError(Exception):
    """The other side is gone, or sends what is no frame."""


class WireTimeoutError(Exception):
    """The time was over before the frame was there."""


def send(pipe: int, header: Mapping[str, Any], arrays: Mapping[str, Array] | None = None) -> None:
    """Write a frame.

    Raises:
        BrokenWireError: The other side is gone.
    """
    send_frames(pipe, [(header, arrays or {})])


def send_frames(pipe: int, frames: Sequence[tuple[Mapping[str, Any], Mapping[str, Array]]]) -> None:
    """Write frames one behind another; small ones at once, for each write wakes the other side.

    Raises:
        BrokenWireError: The other side is gone.
    """
    pieces: list[bytes | memoryview] = []
    for header, arrays in frames:
        pieces += _pieces(header, arrays)
    try:
        if sum(len(piece) for piece in pieces) <= _JOINED:
            _write(pipe, b"".join(pieces))
            return
        for piece in pieces:
            _write(pipe, piece)
    except OSError as problem:
        raise BrokenWireError(str(problem)) from None


def _pieces(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> list[bytes | memoryview]:
    """Return what a frame is made of: lengths and header, then each array."""
    blocks = [
        np.ascontiguousarray(values, dtype=np.complex128 if np.iscomplexobj(values) else np.float64)
        for values in arrays.values()
    ]
    table = [
        [name, "c" if values.dtype.kind == "c" else "r", len(values)]
        for name, values in zip(arrays, blocks, strict=True)
    ]
    text = json.dumps({**header, "arrays": table}).encode()
    head = _LENGTHS.pack(len(text), sum(values.nbytes for values in blocks)) + text
    return [head, *(values.view(np.uint8).data for values in blocks if values.nbytes)]


def receive(pipe: int, *, deadline: float | None = None) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read a frame.

    Args:
        pipe: The file descriptor.
        deadline: Time of `time.monotonic` by which it must be there.

    Raises:
        BrokenWireError: The other side is gone, or this is no frame.
        WireTimeoutError: The deadline is over.
    """
    head = _read(pipe, _LENGTHS.size, deadline)
    length, size = _LENGTHS.unpack(head)
    if length > MAX_HEADER or size > MAX_ARRAYS:
        raise BrokenWireError("the lengths of a frame make no sense")
    try:
        header = json.loads(bytes(_read(pipe, length, deadline)))
        table = [(str(name), _TYPES[kind], int(count)) for name, kind, count in header["arrays"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BrokenWireError("the header of a frame cannot be read") from None
    if sum(kind.itemsize * count for _, kind, count in table) != size or any(
        count < 0 for _, _, count in table
    ):
        raise BrokenWireError("the arrays of a frame have another size than it says")
    data = bytes(_read(pipe, size, deadline))
    arrays: dict[str, Array] = {}
    at = 0
    for name, kind, count in table:
        # Arrays over bytes are read-only, as results should be.
        arrays[name] = np.frombuffer(data, kind, count, at)  # type: ignore[assignment]
        at += kind.itemsize * count
    return header, arrays


def _write(pipe: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view[: 1 << 20]) :]


def _read(pipe: int, size: int, deadline: float | None) -> bytearray:
    data = bytearray()
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while len(data) < size:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                raise WireTimeoutError
        try:
            part = os.read(pipe, min(size - len(data), 1 << 20))
        except OSError as problem:
            raise BrokenWireError(str(problem)) from None
        if not part:
            raise BrokenWireError("the other side is gone")
        data += part
    return data
