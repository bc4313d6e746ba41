"""From a worker's answer to a `SimulationResult`, and to bytes for the cache and back.

Here ngspice's names become ours: ``x1.n`` is ``v(x1.n)``, ``v.x1.v1#branch`` is ``i(x1.v1)``,
``@m.x1.m1[gm]`` is ``@x1.m1[gm]``.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import numpy as np

from eda.spice.analyses import Analysis, from_card
from eda.spice.farm import Answer, Plot
from eda.spice.job import Job
from eda.spice.ngspice_shared import UNITS
from eda.spice.simulation import AXIS_NAMES, Array, SimulationResult, Status, Waveforms

_SWEEP: Final = re.compile(r"(?:time|frequency|\S+-sweep)$")
_SPELLED: Final = re.compile(r"^([a-z])\.((?:[^.\[]+\.)+)(\1[^.]*)$")
_SAVED_DEVICE: Final = re.compile(r"^@(.+)\[([^\]]*)\]$")
_VOLTAGE: Final = 3
_PLAIN: Final = frozenset(("op", "dc", "ac", "tran"))
_LENGTH: Final = struct.Struct("<I")


def make_result(job: Job, answer: Answer, *, seconds: float) -> SimulationResult:
    """Return the result of a job that a worker has answered."""
    waveforms: list[Waveforms] = []
    measures = dict(answer.measures)
    log = [*job.notes, *answer.log]
    status = answer.status
    for plot in answer.plots:
        analysis = job.steps[plot.step].analysis if plot.step >= 0 else _guessed(plot.name)
        if plot.name.startswith("noise") and not any(_SWEEP.match(name) for name in plot.arrays):
            # The second plot of a noise analysis: its integrals over the whole range.
            totals = {n: v for n, v in plot.arrays.items() if n.endswith("_total")}
            measures.update({name.lower(): float(v[0].real) for name, v in totals.items()})
        else:
            waveforms.append(_waveforms(plot, analysis))
    lost = _lost(job.saves, waveforms) if status is Status.OK and waveforms else []
    if lost:
        status = Status.MISSING_VECTOR
        log.append(f"asked for by .save and not in the circuit: {', '.join(lost)}")
    return SimulationResult(
        status, tuple(waveforms), _point(waveforms), measures, "\n".join(log), seconds
    )


@lru_cache(maxsize=1 << 16)
def our_name(name: str, kind: int, *, plain: bool = True) -> str:
    """Return our name of a vector of ngspice.

    Args:
        name: As ngspice has it.
        kind: Its number of the quantity.
        plain: Whether voltages are those of nets, as in all but noise and S-parameters.

    Example:
        >>> our_name("v.x1.v1#branch", 4), our_name("x1.n", 3), our_name("@m.x1.m1[gm]", 0)
        ('i(x1.v1)', 'v(x1.n)', '@x1.m1[gm]')
    """
    name = name.lower()
    if name.endswith("#branch"):
        return f"i({_path(name[:-7])})"
    if (found := _SAVED_DEVICE.match(name)) is not None:
        return f"@{_path(found[1])}[{found[2]}]"
    if plain and kind == _VOLTAGE and "(" not in name:
        return f"v({name})"
    return name


def _path(name: str) -> str:
    found = _SPELLED.match(name)
    return found[2] + found[3] if found else name


def _waveforms(plot: Plot, analysis: Analysis | None) -> Waveforms:
    kind = analysis.kind if analysis is not None else plot.name.rstrip("0123456789")
    axis_name, axis = "", np.zeros(0)
    arrays: dict[str, Array] = {}
    units: dict[str, str] = {}
    for name, values in plot.arrays.items():
        if _SWEEP.match(name) and not axis_name:
            axis_name = AXIS_NAMES.get(name, "sweep")
            axis = np.ascontiguousarray(values.real)
            axis.flags.writeable = False
            continue
        ours = our_name(name, plot.kinds.get(name, 0), plain=kind in _PLAIN)
        arrays[ours] = values
        unit = UNITS.get(plot.kinds.get(name, 0), "")
        units[ours] = "" if kind == "sp" else unit
    return Waveforms(analysis, axis_name, axis, arrays, units)


def _guessed(plot: str) -> Analysis | None:
    return from_card("op") if plot.rstrip("0123456789") == "op" else None


def _point(waveforms: Iterable[Waveforms]) -> dict[str, float]:
    """Return the values of the last operating point."""
    point: dict[str, float] = {}
    for item in waveforms:
        if item.analysis is not None and item.analysis.kind == "op":
            point = {
                name: float(values[0].real)
                for name, values in item.arrays.items()
                if len(values) == 1
            }
    return point


def _lost(saves: Iterable[str], waveforms: Iterable[Waveforms]) -> list[str]:
    there = {name for item in waveforms for name in item.arrays}
    lost = []
    for name in saves:
        if "," in name or not re.match(r"^(?:[vi]\(.*\)|@.*|[\w.#]+)$", name):
            continue
        inner = name[2:-1] if name[:2] in ("v(", "i(") else name
        options = {name, our_name(name, 0), our_name(inner, _VOLTAGE), f"i({_path(inner)})"}
        if not options & there and name not in ("time", "frequency"):
            lost.append(name)
    return lost


# -- bytes --------------------------------------------------------------------------------------


def to_bytes(result: SimulationResult) -> bytes:
    """Return a result as compressed bytes: JSON, and arrays behind it. No pickle."""
    blocks: list[bytes] = []
    plots: list[Any] = []
    for item in result.waveforms:
        table = []
        for name, values in (("", item.axis), *item.arrays.items()):
            dtype = "<c16" if np.iscomplexobj(values) else "<f8"
            blocks.append(np.ascontiguousarray(values, dtype=dtype).tobytes())
            table.append([name, dtype, len(values)])
        card = item.analysis.command() if item.analysis is not None else None
        plots.append([card, item.axis_name, table, dict(item.units)])
    head = {
        "status": result.status.value,
        "measures": _plain(result.measures),
        "operating_point": _plain(result.operating_point),
        "log": result.log,
        "seconds": result.seconds,
        "plots": plots,
    }
    text = json.dumps(head).encode()
    return zlib.compress(b"".join([_LENGTH.pack(len(text)), text, *blocks]), 1)


def from_bytes(data: bytes) -> SimulationResult:
    """Return the result that `to_bytes` wrote.

    Raises:
        ValueError: The bytes are damaged.
    """
    try:
        whole = zlib.decompress(data)
        (length,) = _LENGTH.unpack_from(whole)
        at = _LENGTH.size + length
        head = json.loads(whole[_LENGTH.size : at])
        waveforms = []
        for card, axis_name, table, units in head["plots"]:
            arrays: dict[str, Array] = {}
            for name, dtype, count in table:
                if dtype not in ("<f8", "<c16") or count < 0:
                    raise ValueError("an array of another type")
                values = np.frombuffer(whole, np.dtype(dtype), count, at)
                at += values.nbytes
                arrays[name] = values
            axis = np.asarray(arrays.pop(""), dtype=np.float64)
            analysis = from_card(card) if card is not None else None
            waveforms.append(Waveforms(analysis, axis_name, axis, arrays, units))
        return SimulationResult(
            Status(head["status"]),
            tuple(waveforms),
            _numbers(head["operating_point"]),
            _numbers(head["measures"]),
            str(head["log"]),
            float(head["seconds"]),
        )
    except (zlib.error, struct.error, KeyError, TypeError, ValueError) as problem:
        raise ValueError(f"damaged: {problem}") from None


def _plain(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if np.isfinite(value) else None for name, value in values.items()}


def _numbers(values: Mapping[str, float | None]) -> dict[str, float]:
    return {name: float("nan") if value is None else value for name, value in values.items()}
