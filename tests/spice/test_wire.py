"""Frames through a pipe, and what comes of frames that are none."""

import contextlib
import os
import struct
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.spice.wire import BrokenWireError, WireTimeoutError, receive, send


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        with contextlib.suppress(OSError):
            os.close(end)


def test_large_arrays_get_through(pipe: tuple[int, int]) -> None:
    out, into = pipe
    values = np.arange(300_000) * (1 + 2j)
    writer = threading.Thread(target=send, args=(into, {"k": "v"}, {"a": values, "b": values.real}))
    writer.start()
    header, arrays = receive(out, deadline=time.monotonic() + 60)
    writer.join()
    assert header["k"] == "v"
    np.testing.assert_array_equal(arrays["a"], values)
    np.testing.assert_array_equal(arrays["b"], values.real)
    assert not arrays["a"].flags.writeable


def test_nothing_in_time(pipe: tuple[int, int]) -> None:
    with pytest.raises(WireTimeoutError):
        receive(pipe[0], deadline=time.monotonic() + 0.01)


def test_the_other_side_is_gone(pipe: tuple[int, int]) -> None:
    os.close(pipe[1])
    with pytest.raises(BrokenWireError, match=r"^the other side is gone$"):
        receive(pipe[0])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (struct.pack("<IQ", 2**31, 0), "the lengths of a frame make no sense"),
        (struct.pack("<IQ", 2, 2**40), "the lengths of a frame make no sense"),
        (struct.pack("<IQ", 2, 0) + b"{]", "the header of a frame cannot be read"),
        (struct.pack("<IQ", 2, 0) + b"{}", "the header of a frame cannot be read"),
        (
            struct.pack("<IQ", 24, 0) + b'{"arrays": [["a","r",4]]}'[:24],
            "the header of a frame cannot be read",
        ),
        (
            struct.pack("<IQ", 25, 8) + b'{"arrays": [["a","r",4]]}' + b"8 bytes.",
            "the arrays of a frame have another size than it says",
        ),
    ],
)
def test_what_is_no_frame(pipe: tuple[int, int], data: bytes, message: str) -> None:
    os.write(pipe[1], data)
    with pytest.raises(BrokenWireError) as caught:
        receive(pipe[0], deadline=time.monotonic() + 5)
    assert str(caught.value) == message


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=60))
def test_any_bytes_end_in_an_error(data: bytes) -> None:
    out, into = os.pipe()
    try:
        os.write(into, data)
        os.close(into)
        with pytest.raises(BrokenWireError):
            receive(out)
    finally:
        os.close(out)
