"""Printed filters in full wave, read from a file: layouts and the S-parameters that were solved.

A line of ``records.jsonl`` is a filter. Arrays are base64 of little-endian numbers, so that a
record is text, appended as a whole or not at all, and exact:

| field | meaning |
|---|---|
| `schema` | `filter-full-wave/1` |
| `seed` `index` `version` | what :func:`eda.datasets.printed_draw.draw_filter` draws it from |
| `family` `response` `order` | of the filter |
| `order_unseen` | whether no filter of this family and order is in `train` or `validation` |
| `split` | `train`, `validation` or `test` |
| `centre_hz` `share` | band it was drawn for: middle and relative width; edge and 0: low-passes |
| `layout` | `filter-layout/1`; `substrate` in it is the board |
| `low_hz` `high_hz` | first and last frequency |
| `points` | uint16: frequencies as whole steps of a 1600th of the way from first to last |
| `s11` `s21` | complex64 there, power waves at 50 ohm; S22 is S11 and S12 is S21 |
| `solver` `settings` | what solved it, and how fine |
| `cells` `seconds` | of the mesh, and on the clock |
| `rest_db` | how strong the waves at the ports still were at the end, over their peak |
| `error` | in place of the results: why there are none |
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.errors import DatasetError
from eda.filters.microstrip.layout import SCHEMA as LAYOUT_SCHEMA
from eda.filters.microstrip.layout import Layout, Strip, Via
from eda.filters.microstrip.substrate import Substrate

SCHEMA: Final = "filter-full-wave/1"
NAME: Final = "records.jsonl"
STEPS: Final = 1600
"""From the first frequency to the last."""

SHIPPED: Final = Path(__file__).parent / "benchmarks" / "printed-v1.jsonl.gz"
"""The set that comes with the toolkit; its card is beside it."""

SPLITS: Final = ("train", "validation", "test")
_MOST_BYTES: Final = 256 << 20

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class PrintedRecord:
    """A layout and what full wave says of it.

    Attributes:
        seed: Of the set.
        index: Number within it.
        family: As layouts name it.
        response: ``bandpass``, ``lowpass`` or ``bandstop``.
        order: As limits count it.
        order_unseen: Whether training has no filter of this family and order.
        split: ``train``, ``validation`` or ``test``.
        centre_hz: Middle of the band that it was drawn for, or the edge of a low-pass.
        share: Relative width of that band; 0 for a low-pass or a notch.
        layout: The copper.
        board: What it lies on.
        frequency_hz: Ascending, closer where the response bends.
        s11: There; S22 is the same, for all layouts are symmetric.
        s21: There.
        solver: What solved it.
        settings: How.
        cells: Of the mesh.
        seconds: On the clock.
        rest_db: Waves left at the end, over their peak.
    """

    seed: int
    index: int
    family: str
    response: str
    order: int
    order_unseen: bool
    split: str
    centre_hz: float
    share: float
    layout: Layout
    board: Substrate
    frequency_hz: Real
    s11: Complex
    s21: Complex
    solver: str
    settings: Mapping[str, Any]
    cells: int
    seconds: float
    rest_db: float

    @property
    def s22(self) -> Complex:
        """Reflection at port 2."""
        return self.s11

    @property
    def s(self) -> Complex:
        """S-parameters, points x 2 x 2."""
        made: Complex = np.stack([self.s11, self.s21, self.s21, self.s22], 1).reshape(-1, 2, 2)
        return made


def load(path: str | Path = SHIPPED, split: str | None = None) -> tuple[PrintedRecord, ...]:
    """Return the solved filters of a set, in the order they were solved in.

    Args:
        path: A folder that ``eda filters build-data`` wrote, or its ``records.jsonl`` or
            ``records.jsonl.gz``; the shipped set where none is named.
        split: Only those of ``train``, ``validation`` or ``test``.

    Raises:
        DatasetError: There is no such file, or it holds something else.
    """
    if split not in (None, *SPLITS):
        raise DatasetError(f"split is {split!r}; write one of {', '.join(SPLITS)}")
    return tuple(
        _record(line)
        for line in read_lines(Path(path))
        if "error" not in line and split in (None, line["split"])
    )


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a set as they are, failed ones included.

    A last line without an end was being written when something stopped it, and is left out.

    Raises:
        DatasetError: There is no such file, or it holds something else.
    """
    file = _file(path)
    try:
        if file.suffix == ".gz":
            with gzip.open(file) as packed:
                text = packed.read(_MOST_BYTES + 1)
        else:
            with file.open("rb") as plain:
                text = plain.read(_MOST_BYTES + 1)
    except (OSError, EOFError) as error:
        raise DatasetError(f"{file}: cannot be read: {error}") from None
    if len(text) > _MOST_BYTES:
        raise DatasetError(f"{file}: larger than {_MOST_BYTES >> 20} MB")
    for number, line in enumerate(text.split(b"\n")[:-1], 1):
        try:
            found = json.loads(line)
            if found["schema"] != SCHEMA:
                raise DatasetError(
                    f"{file}, line {number}: schema {found['schema']!r}, not {SCHEMA}"
                )
        except (ValueError, KeyError, TypeError):
            raise DatasetError(f"{file}, line {number}: no record of {SCHEMA}") from None
        yield found


def _file(path: Path) -> Path:
    tried = [path / NAME, path / f"{NAME}.gz"] if path.is_dir() else [path]
    for file in tried:
        if file.is_file():
            return file
    raise DatasetError(
        f"{path}: there is no {NAME}; `eda filters build-data -o {path}` would make it"
    )


def _record(line: Mapping[str, Any]) -> PrintedRecord:
    try:
        layout = layout_from(line["layout"])
        points = unpacked(line["points"], "<u2")
        s11, s21 = (unpacked(line[name], "<c8").astype(np.complex128) for name in ("s11", "s21"))
        if not len(points) == len(s11) == len(s21) >= 2 or (np.diff(points.astype(int)) < 1).any():
            raise ValueError("points and S-parameters do not go together")
        low, high = float(line["low_hz"]), float(line["high_hz"])
        return PrintedRecord(
            **{name: line[name] for name in _AS_THEY_ARE},
            layout=layout,
            board=board_from(layout.substrate),
            frequency_hz=low + (high - low) / STEPS * points,
            s11=s11,
            s21=s21,
        )
    except (KeyError, TypeError, ValueError) as error:
        where = f"seed {line.get('seed')}, index {line.get('index')}"
        raise DatasetError(f"printed filter of {where}: {error!r}") from None


_AS_THEY_ARE: Final = (
    *("seed", "index", "family", "response", "order", "order_unseen", "split"),
    *("centre_hz", "share", "solver", "settings", "cells", "seconds", "rest_db"),
)


def packed(values: NDArray[Any], kind: str) -> str:
    """Return an array as base64 of numbers of a kind, as ``<c8``."""
    return base64.b64encode(np.ascontiguousarray(values, np.dtype(kind)).tobytes()).decode()


def unpacked(text: str, kind: str) -> NDArray[Any]:
    """Return what :func:`packed` was given."""
    return np.frombuffer(base64.b64decode(text, validate=True), np.dtype(kind))


def layout_from(data: Mapping[str, Any]) -> Layout:
    """Return the layout of a ``filter-layout/1`` mapping.

    Raises:
        KeyError, TypeError, ValueError: It is none.
    """
    if data["schema"] != LAYOUT_SCHEMA:
        raise ValueError(f"layout of schema {data['schema']!r}, not {LAYOUT_SCHEMA}")
    return Layout(
        family=data["family"],
        order=data["order"],
        strips=tuple(
            Strip(
                s["name"], _point(s["from_mm"]), _point(s["to_mm"]), s["width_mm"], _two(s["nodes"])
            )
            for s in data["strips"]
        ),
        coupled=tuple(_two(pair) for pair in data["coupled"]),
        ports=(data["ports"]["1"], data["ports"]["2"]),
        vias=tuple(Via(v["node"], _point(v["at_mm"]), v["diameter_mm"]) for v in data["vias"]),
        substrate=data["substrate"],
        design_model=data["design_model"],
    )


def _point(values: Any) -> tuple[float, float]:
    x, y = values
    return float(x), float(y)


def _two(names: Any) -> tuple[str, str]:
    a, b = names
    return str(a), str(b)


def board_from(substrate: Mapping[str, Any]) -> Substrate:
    """Return the board that the ``substrate`` of a layout describes."""
    return Substrate(
        er=substrate["er"],
        height_m=1e-3 * substrate["h_mm"],
        tan_delta=substrate["tand"],
        sigma_s_per_m=substrate["sigma_s_per_m"],
        thickness_m=1e-6 * substrate["t_um"],
        name=substrate.get("name", ""),
    )
