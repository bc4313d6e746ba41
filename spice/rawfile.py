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
_DIMENSIONS: Final = re.compile(r"\bdims=(\d[\d,]*)")
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


@dataclass(frozen=True, slots=True)
class _Variable:
    """A column: its name, the word for what it is, and how many values it has by itself."""

    name: str
    kind: str
    length: int


def _read_plot(data: bytes, at: int) -> tuple[RawPlot, int]:
    header: dict[str, str] = {}
    variables: list[_Variable] = []
    while True:
        line, at = _line(data, at)
        key, colon, value = line.partition(":")
        key = key.strip().lower()
        if not colon or len(key) > 20:
            raise ValueError(f"{line[:40]!r} is no line of a header")
        if key == "variables":
            points = _whole(header["no. points"])
            count = _whole(header["no. variables"])
            if count > len(data):
                raise ValueError("more variables than bytes")
            for _ in range(count):
                line, at = _line(data, at)
                variables.append(_variable(line, points))
        elif key in ("binary", "values"):
            break
        else:
            header.setdefault(key, value.strip())
    points = _whole(header["no. points"])
    if points * max(len(variables), 1) > len(data):
        raise ValueError(
            f"{points} points of {len(variables)} variables are announced, and less is there"
        )
    flags = header.get("flags", "").lower().split()
    # Short vectors are padded with zeros, or are no longer there at the later points.
    lengths = [item.length if "unpadded" in flags else points for item in variables]
    there = np.zeros(points, dtype=np.int64)
    for length in lengths:
        there[:length] += 1
    read = _binary if key == "binary" else _ascii
    flat, at = read(data, at, there, "complex" in flags)
    columns = _columns(flat, there, lengths)
    columns = [column[: item.length] for column, item in zip(columns, variables, strict=True)]
    waveforms = _waveforms(variables, columns)
    return RawPlot(header.get("title", ""), header.get("plotname", ""), waveforms), at


def _variable(line: str, points: int) -> _Variable:
    """Return a column of a line such as ``<tab>3<tab>k<tab>notype dims=1``."""
    # There may be blanks in a name: v(m1#body diode).
    words = line.split("\t")[1:] if line.count("\t") > 2 else line.split()
    kind, _, more = (words[2] if len(words) > 2 else "").partition(" ")
    found = _DIMENSIONS.search(f"{more} {' '.join(words[3:])}")
    length = points
    if found is not None:
        length = 1
        for size in found[1].split(","):
            length = min(length * _whole(size), points)
    return _Variable(words[1], kind, length)


def _columns(flat: Array, there: NDArray[np.int64], lengths: Sequence[int]) -> list[Array]:
    """Return the columns of numbers that lie point after point.

    Args:
        flat: The numbers.
        there: How many columns each point has.
        lengths: How many points each column has.
    """
    points = len(there)
    if all(length == points for length in lengths):
        table: Any = flat.reshape(points, len(lengths))
        return [np.ascontiguousarray(table[:, column]) for column in range(len(lengths))]
    places = np.cumsum(there) - there
    columns = []
    for length in lengths:
        taken: Any = flat[places[:length]]
        columns.append(taken)
        places[:length] += 1
    return columns


def _line(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\n", at, at + _LONGEST_HEADER)
    if end < 0:
        raise ValueError("the header ends in its midst")
    return data[at:end].decode("utf-8", "replace").rstrip("\r"), end + 1


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"{text!r} is no count")
    return int(text)


def _binary(data: bytes, at: int, there: NDArray[np.int64], is_complex: bool) -> tuple[Array, int]:
    count = int(there.sum())
    size = count * (16 if is_complex else 8)
    if size > len(data) - at:
        raise ValueError(f"{len(there)} points are announced, and less is there")
    dtype: Any = "<c16" if is_complex else "<f8"
    flat: Array = np.frombuffer(data, dtype, count, at)
    return flat, at + size


def _ascii(data: bytes, at: int, there: NDArray[np.int64], is_complex: bool) -> tuple[Array, int]:
    end = data.find(b"\nTitle:", max(at - 1, 0))
    stop = len(data) if end < 0 else end + 1
    words = data[at:stop].split()
    # Each point begins with its number.
    begins = np.cumsum(there + 1) - (there + 1)
    if len(words) != int(there.sum()) + len(there):
        raise ValueError(f"{len(there)} points are announced, not so many found")
    numbers = np.ones(len(words), dtype=bool)
    numbers[begins] = False
    texts = [text for text, is_number in zip(words, numbers.tolist(), strict=True) if is_number]
    flat: Any
    if is_complex:
        pairs = np.array([text.split(b",") for text in texts], dtype=np.float64).reshape(-1, 2)
        flat = np.empty(len(texts), dtype=np.complex128)
        flat.real, flat.imag = pairs[:, 0], pairs[:, 1]
    else:
        flat = np.array(texts, dtype=np.float64)
    return flat, stop


def _waveforms(variables: Sequence[_Variable], columns: Sequence[Array]) -> Waveforms:
    names = [item.name.lower() for item in variables]
    axis_name, axis = "", np.zeros(0)
    arrays: dict[str, Array] = {}
    units: dict[str, str] = {}
    branches = _branches(names)
    for column, (name, item, values) in enumerate(zip(names, variables, columns, strict=True)):
        values.flags.writeable = False
        if column == 0 and _AXES.match(name):
            axis_name = AXIS_NAMES.get(name, "sweep")
            axis = _real(values)
            continue
        ours = branches.get(column) or our_name(_unwrapped(name), 0)
        arrays[ours] = values
        units[ours] = _KINDS.get(item.kind.lower(), "")
    return Waveforms(None, axis_name, axis, arrays, units)


def _branches(names: Sequence[str]) -> dict[int, str]:
    """Return by column what the currents are called of a device with several: a lossy line.

    ngspice calls them ``y1#branch1`` and ``y1#branch2``, those of coupled lines
    ``p1#branch1_0``, ..., ``p1#branch2_0``, ..., those of a code model's port ``a1#branch_1_0``,
    ..., and in its files all ``i(y1)``, ``i(p1)`` or ``i(a1)``.
    """
    columns: dict[str, list[int]] = {}
    for column, name in enumerate(names):
        if name.startswith("i(") and not name.startswith("i(@"):
            columns.setdefault(name[2:-1], []).append(column)
    made = {}
    for device, places in columns.items():
        # In subcircuits it is p.x1.p1; XSPICE's bridges begin with a too.
        letter, lines = device[0], len(places) // 2
        for at, column in enumerate(places) if lines else ():
            ending = {"p": f"{at // lines + 1}_{at % lines}", "a": f"_1_{at}"}.get(
                letter, f"{at + 1}"
            )
            made[column] = our_name(f"{device}#branch{ending}", 0)
    return made


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
