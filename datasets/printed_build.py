"""Builds a set of printed filters in full wave, one after the other; a killed run goes on."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.datasets.printed import NAME, SCHEMA, STEPS, packed, read_lines
from eda.datasets.printed_draw import VERSION, DrawnFilter, draw_filter
from eda.errors import DatasetError, EdaError, InputError, SimulationError
from eda.filters.fullwave.openems import find_openems, openems_version, run_openems
from eda.filters.fullwave.solve import FullWave, solve_layout
from eda.filters.fullwave.waves import Signals
from eda.filters.planar.cached import solve_planar

Real = NDArray[np.float64]
Run = Callable[[str], Signals]

SOLVERS: Final = ("openems", "planar")
POINTS: Final = 201
SECONDS: Final = 240.0
"""Processor time that one simulation may take."""

LOUDEST_DB: Final = -30.0
"""Waves left at the ports at the end, over their peak; with more a response has ripples."""

QUIET_DB: Final = 40.0
"""A simulation ends once the waves at the ports have fallen by so much."""

_EVEN, _COMPLEX, _DECIBEL = 0.4, 0.4, 0.2
_FLOOR: Final = 1e-4


def build_printed(
    out: Path,
    count: int,
    *,
    seed: int = 0,
    family: str | None = None,
    solver: str = "openems",
    run: Run = run_openems,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """Solve filters until a folder holds so many attempts; what is there is not solved again.

    Each filter is a line of ``records.jsonl``, written as a whole; those that cannot be solved
    are lines, too, with the reason, and are not tried again.

    Args:
        out: The folder; it is made where it is not there.
        count: How many filters, failed ones included.
        seed: Where chance starts from.
        family: Filters of this family only.
        solver: ``openems`` or ``planar``.
        run: What solves a problem of openEMS.
        progress: Told how many are done.

    Returns:
        ``records``, ``failed``, ``made`` (in this run), ``splits``, ``families``.

    Raises:
        DatasetError: The folder holds another set, or there is no such family or solver.
        ToolNotFoundError: openEMS is not installed.
    """
    if solver not in SOLVERS:
        raise DatasetError(f"solver is {solver!r}; write one of {', '.join(SOLVERS)}")
    draw_filter(seed, 0, family)  # An unknown family is refused before anything is written.
    if solver == "openems" and run is run_openems:
        find_openems()
    solve = partial(_by_openems, run=run) if solver == "openems" else _by_planar
    out.mkdir(parents=True, exist_ok=True)
    file, made = out / NAME, 0
    with _locked(file) as lines:
        done = _indices(file, seed, family, solver)
        progress(len(done))
        for index in range(count):
            if index in done:
                continue
            line = _line(draw_filter(seed, index, family), family, solver, solve)
            lines.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            lines.flush()
            os.fsync(lines.fileno())
            made += 1
            progress(len(done) + made)
    return {"made": made, **summary(out)}


def summary(path: Path) -> dict[str, Any]:
    """Return how many filters a set has, by part and by family and order."""
    solved, failed = [], 0
    for line in read_lines(path):
        failed += "error" in line
        if "error" not in line:
            solved.append(line)
    kinds = Counter(f"{line['family']}, {line['response']}, {line['order']}" for line in solved)
    return {
        "records": len(solved),
        "failed": failed,
        "splits": dict(sorted(Counter(line["split"] for line in solved).items())),
        "order_unseen": sum(line["order_unseen"] for line in solved),
        "kinds": dict(sorted(kinds.items())),
        "seconds": round(sum(line["seconds"] for line in solved), 1),
    }


@contextmanager
def _locked(file: Path) -> Any:
    """Give a file to append to, that no other run may have; what a kill left half is cut off."""
    import fcntl

    with file.open("a+b") as lines:
        try:
            fcntl.flock(lines, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DatasetError(f"{file}: another run is writing it; wait for its end") from None
        lines.seek(0)
        lines.truncate(lines.read().rfind(b"\n") + 1)
        yield lines


def _indices(file: Path, seed: int, family: str | None, solver: str) -> set[int]:
    """Return which filters are there; refuse a folder with another set."""
    done = set()
    for line in read_lines(file):
        found = (line["version"], line["seed"], line["drawn_family"], line["by"])
        if found != (VERSION, seed, family, solver):
            raise DatasetError(
                f"{file}: holds filters of version {found[0]}, seed {found[1]}, family "
                f"{found[2] or 'any'}, solver {found[3]}; write to another folder"
            )
        done.add(int(line["index"]))
    return done


Solve = Callable[[DrawnFilter], tuple[FullWave, dict[str, Any]]]


def _line(drawn: DrawnFilter, family: str | None, solver: str, solve: Solve) -> dict[str, Any]:
    line = {
        "schema": SCHEMA,
        "version": VERSION,
        "seed": drawn.seed,
        "index": drawn.index,
        "drawn_family": family,
        "by": solver,
        "family": drawn.kind.family,
        "response": drawn.kind.response,
        "order": drawn.kind.order,
        "order_unseen": drawn.kind.order_unseen,
        "split": drawn.part,
        "centre_hz": drawn.centre_hz,
        "share": round(drawn.share, 6),
        "low_hz": drawn.low_hz,
        "high_hz": drawn.high_hz,
        "layout": drawn.layout.to_json(),
    }
    begun = time.perf_counter()
    try:
        found, facts = solve(drawn)
    except (InputError, SimulationError) as error:
        seconds = round(time.perf_counter() - begun, 2)
        return line | {"error": str(error)[:300], "seconds": seconds}
    frequency = np.linspace(drawn.low_hz, drawn.high_hz, STEPS + 1)
    s = found.at(frequency)
    points = chosen_points(s[:, 0, 0], s[:, 1, 0])
    return line | {
        "points": packed(points, "<u2"),
        "s11": packed(s[points, 0, 0], "<c8"),
        "s21": packed(s[points, 1, 0], "<c8"),
        "cells": found.cells,
        "seconds": round(time.perf_counter() - begun, 2),
        **facts,
    }


def _by_openems(drawn: DrawnFilter, run: Run) -> tuple[FullWave, dict[str, Any]]:
    rest_db = -np.inf

    def watched(xml: str) -> Signals:
        nonlocal rest_db
        signals = run(xml)
        rest_db = max(rest_db, *(left_db(signals[name][1]) for name in ("u1b", "u2b")))
        if rest_db > LOUDEST_DB:
            raise SimulationError(f"openEMS: waves at the ports were still at {rest_db:.1f} dB")
        return signals

    if run is run_openems:
        run = partial(run_openems, seconds=SECONDS, quiet_db=QUIET_DB)
    found = solve_layout(
        drawn.layout,
        drawn.board,
        drawn.low_hz,
        drawn.high_hz,
        options=drawn.mesh,
        cache=False,
        run=watched,
    )
    name = "openEMS"
    if isinstance(run, partial):
        name += f" {openems_version(find_openems())}"
    settings = {**asdict(drawn.mesh), "quiet_db": QUIET_DB}
    return found, {"solver": name, "settings": settings, "rest_db": round(float(rest_db), 1)}


def _by_planar(drawn: DrawnFilter) -> tuple[FullWave, dict[str, Any]]:
    found = solve_planar(drawn.layout, drawn.board, drawn.low_hz, drawn.high_hz, cache=False)
    return found, {"solver": found.solver, "settings": {}, "rest_db": 0.0}


def left_db(values: Real) -> float:
    """Return the last eighth of a signal over its peak."""
    size = np.abs(values)
    return float(20 * np.log10(max(size[-(len(size) // 8) :].max() / size.max(), 1e-12)))


def chosen_points(s11: NDArray[Any], s21: NDArray[Any], count: int = POINTS) -> NDArray[np.int64]:
    """Return which frequencies are kept, closer where the response moves.

    Steps between them are alike in a sum of frequency, of the way of S11 and S21 in the complex
    plane, and of the way of |S21| in decibels.

    Args:
        s11: Evenly spaced in frequency.
        s21: There.
        count: How many to keep, the first and the last among them.
    """
    way = np.hypot(np.abs(np.diff(s11)), np.abs(np.diff(s21)))
    level = 20 * np.log10(np.maximum(np.abs(s21), _FLOOR))
    up = np.abs(np.diff(level))
    shares = (
        (_EVEN, np.ones(len(way))),
        (_COMPLEX, way),
        (_DECIBEL, up),
    )
    density = sum(share * part / max(part.sum(), 1e-12) for share, part in shares)
    at = np.concatenate([[0.0], np.cumsum(density)])
    wanted = np.linspace(0.0, at[-1], count)
    points = np.round(np.interp(wanted, at, np.arange(len(at)))).astype(np.int64)
    # No two alike: pushed up from the left, then down from the right.
    points = np.maximum.accumulate(points - np.arange(count)) + np.arange(count)
    room = len(at) - 1 - np.arange(count)[::-1]
    return np.asarray(np.minimum(points, room))
