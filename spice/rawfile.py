"""ngspice's ``.raw`` files, binary and ASCII: several plots, each a header and a table of numbers.

Read into the same `Waveforms` that a simulation gives. Sizes in a header are checked against
the file before anything is allocated, because a file may come from a stranger.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.errors import InputError
from eda.spice.results import our_name
from eda.spice.simulation import AXIS_NAMES, Array, Waveforms

_KINDS: Final = {"voltage": "V", "current": "A", "time": "s", "frequency": "Hz"}
_AXES: Final = re.compile(r"(?:[vi]\()?(?:time|frequency|sweep|\S+-sweep)\)?$", re.IGNORECASE)
_LONGEST_HEADER: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class RawPlot:
    """One plot of a raw file.

    Attributes:
        title: Title of the deck.
        name: What ngspice calls the plot, as ``AC Analysis``.
        waveforms: Its vectors; the sweep, the time or the frequency is the axis.
    """

    title: str
    name: str
    waveforms: Waveforms


def read_raw(path: str | os.PathLike[str]) -> tuple[RawPlot, ...]:
    """Return the plots of a raw file, in file order.

    Raises:
        InputError: The file cannot be read, or is no raw file of ngspice.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as problem:
        raise InputError(f"{path}: cannot be read: {problem.strerror or problem}") from None
    if data[:2] in (b"T\0", b"\xff\xfe"):
        raise InputError(f"{path}: a raw file of LTspice; only those of ngspice can be read")
    plots = []
    at = 0
    try:
        while data[at : at + 4096].strip():
            plot, at = _read_plot(data, at)
            plots.append(plot)
    except (ValueError, KeyError, IndexError) as problem:
        raise InputError(
            f"{path}: plot {len(plots) + 1} is no ngspice raw data: {problem}"
        ) from None
    if not plots:
        raise InputError(f"{path}: the file is empty")
    return tuple(plots)


def write_raw(
    path: str | os.PathLike[str],
    plots: Iterable[RawPlot | Waveforms],
    *,
    binary: bool = True,
    title: str = "eda",
) -> None:
    """Write plots as a raw file of ngspice.

    Args:
        path: The file.
        plots: What to write; of plain `Waveforms`, the name is the kind of the analysis.
        binary: Whether numbers are written as bytes; else as text, with every digit.
        title: The title of plain `Waveforms`.
    """
    with Path(path).open("wb") as stream:
        for plot in plots:
            if isinstance(plot, Waveforms):
                plot = RawPlot(title, _plot_name(plot), plot)
            stream.write(_plot_bytes(plot, binary))


_NAMES: Final = {
    **{"op": "Operating Point", "dc": "DC transfer characteristic", "ac": "AC Analysis"},
    **{"tran": "Transient Analysis", "noise": "Noise Spectral Density Curves"},
    "sp": "SP Analysis",
}


def _plot_name(waveforms: Waveforms) -> str:
    return _NAMES.get(waveforms.analysis.kind, "") if waveforms.analysis is not None else "unnamed"


def _read_plot(data: bytes, at: int) -> tuple[RawPlot, int]:
    header: dict[str, str] = {}
    variables: list[tuple[str, str]] = []
    while True:
        line, at = _line(data, at)
        key, colon, value = line.partition(":")
        key = key.strip().lower()
        if not colon or len(key) > 20:
            raise ValueError(f"{line[:40]!r} is no line of a header")
        if key == "variables":
            count = _whole(header["no. variables"])
            if count > len(data):
                raise ValueError("more variables than bytes")
            for _ in range(count):
                line, at = _line(data, at)
                words = line.split()
                variables.append((words[1], words[2] if len(words) > 2 else ""))
        elif key in ("binary", "values"):
            break
        else:
            header.setdefault(key, value.strip())
    points = _whole(header["no. points"])
    is_complex = "complex" in header.get("flags", "").lower()
    read = _binary if key == "binary" else _ascii
    table, at = read(data, at, points, len(variables), is_complex)
    waveforms = _waveforms(variables, table, header.get("plotname", ""))
    return RawPlot(header.get("title", ""), header.get("plotname", ""), waveforms), at


def _line(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\n", at, at + _LONGEST_HEADER)
    if end < 0:
        raise ValueError("the header ends in its midst")
    return data[at:end].decode("utf-8", "replace").rstrip("\r"), end + 1


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"{text!r} is no count")
    return int(text)


def _binary(data: bytes, at: int, points: int, count: int, is_complex: bool) -> tuple[Array, int]:
    size = points * count * (16 if is_complex else 8)
    if size > len(data) - at:
        raise ValueError(f"{points} points of {count} variables are announced, and less is there")
    dtype: Any = "<c16" if is_complex else "<f8"
    table: Array = np.frombuffer(data, dtype, points * count, at).reshape(points, count)
    return table, at + size


def _ascii(data: bytes, at: int, points: int, count: int, is_complex: bool) -> tuple[Array, int]:
    if points * count > len(data):
        raise ValueError(f"{points} points of {count} variables are announced, and less is there")
    end = data.find(b"\nTitle:", max(at - 1, 0))
    stop = len(data) if end < 0 else end + 1
    words = data[at:stop].split()
    # Each point begins with its number.
    if len(words) != points * (count + 1):
        raise ValueError(f"{points} points of {count} variables are announced, not so many found")
    texts = [words[i] for i in range(len(words)) if i % (count + 1)] if count else []
    table: Any
    if is_complex:
        pairs = np.array([text.split(b",") for text in texts], dtype=np.float64).reshape(-1, 2)
        table = np.empty(len(texts), dtype=np.complex128)
        table.real, table.imag = pairs[:, 0], pairs[:, 1]
    else:
        table = np.array(texts, dtype=np.float64)
    return table.reshape(points, count), stop


def _waveforms(variables: Sequence[tuple[str, str]], table: Array, plot: str) -> Waveforms:
    names = [name.lower() for name, _ in variables]
    axis_name, axis = "", np.zeros(0)
    arrays: dict[str, Array] = {}
    units: dict[str, str] = {}
    del plot
    for column, (name, kind) in enumerate(zip(names, (kind for _, kind in variables), strict=True)):
        values: Any = np.ascontiguousarray(table[:, column])
        values.flags.writeable = False
        if column == 0 and _AXES.match(name):
            axis_name = AXIS_NAMES.get(name, "sweep")
            axis = _real(values)
            continue
        ours = our_name(_unwrapped(name), 0)
        arrays[ours] = values
        units[ours] = _KINDS.get(kind.lower(), "")
    return Waveforms(None, axis_name, axis, arrays, units)


def _unwrapped(name: str) -> str:
    """Return ``@m1[id]`` for ``i(@m1[id])``, and our path for ``i(v.x1.v1)``."""
    found = re.fullmatch(r"[iv]\((@.*)\)", name)
    if found:
        return found[1]
    found = re.fullmatch(r"i\((.*)\)", name)
    return f"{found[1]}#branch" if found else name


def _real(values: Array) -> NDArray[np.float64]:
    real = np.ascontiguousarray(values.real)
    real.flags.writeable = False
    return real


def _plot_bytes(plot: RawPlot, binary: bool) -> bytes:
    item = plot.waveforms
    columns: list[tuple[str, str, Array]] = []
    if item.axis_name:
        raw = {ours: name for name, ours in AXIS_NAMES.items()}.get(item.axis_name, "v-sweep")
        columns.append((raw, raw if raw in AXIS_NAMES else "voltage", item.axis))
    kinds = {"V": "voltage", "A": "current"}
    for name, values in item.arrays.items():
        columns.append((name, kinds.get(item.units.get(name, ""), "notype"), values))
    is_complex = any(np.iscomplexobj(values) for _, _, values in columns)
    points = max((len(values) for _, _, values in columns), default=0)
    dtype = "<c16" if is_complex else "<f8"
    table = np.zeros((points, len(columns)), dtype=dtype)
    for column, (_, _, values) in enumerate(columns):
        table[:, column] = values
    head = [
        f"Title: {_one_line(plot.title)}",
        "Date: ",
        f"Plotname: {_one_line(plot.name)}",
        f"Flags: {'complex' if is_complex else 'real'}",
        f"No. Variables: {len(columns)}",
        f"No. Points: {points}",
        "Variables:",
        *(f"\t{number}\t{name}\t{kind}" for number, (name, kind, _) in enumerate(columns)),
        "Binary:" if binary else "Values:",
        "",
    ]
    text = "\n".join(head).encode()
    return text + (table.tobytes() if binary else _ascii_table(table))


def _ascii_table(table: Array) -> bytes:
    def number(value: complex) -> str:
        if np.iscomplexobj(table):
            return f"{value.real:.17e},{value.imag:.17e}"
        return f"{value.real:.17e}"

    lines = []
    for point, row in enumerate(table.tolist()):
        lines.append(f" {point}" + "".join(f"\t{number(value)}\n" for value in row) + "\n")
    return "".join(lines).encode()


def _one_line(text: str) -> str:
    return " ".join(text.split())
