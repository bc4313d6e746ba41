"""Builds a set of printed filters in full wave, a few at a time; a killed run goes on."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.datasets.printed import NAME, SCHEMA, STEPS, packed, read_lines
from eda.datasets.printed_card import card, summary
from eda.datasets.printed_draw import VERSION, DrawnFilter, draw_filter
from eda.datasets.printed_kinds import kinds_of
from eda.errors import DatasetError, InputError, SimulationError
from eda.filters.fullwave.openems import find_openems, openems_version
from eda.filters.fullwave.solve import VERSION as SOLVE_VERSION
from eda.filters.fullwave.solve import FullWave, run_at_length, run_foretold, solve_layout
from eda.filters.fullwave.tail import KNOWN
from eda.filters.fullwave.waves import Signals
from eda.filters.planar.cached import solve_planar

Real = NDArray[np.float64]
Run = Callable[[str], Signals]

SOLVERS: Final = ("openems", "planar")
POINTS: Final = 201
"""Frequencies that are kept of each filter. A cubic spline through them is within 0.001 of what was
solved, and within 0.05 dB in the mean."""

SECONDS: Final = 240.0
"""Processor time that one simulation may take."""

LOUDEST_DB: Final = -40.0
"""Waves left at the ports at the end, over their peak; with more a response has ripples."""

MOST: Final = 1.05
"""Where more power comes out than this share of what went in, the response is an error of its
solver, and none. Low frequencies are hardly excited and may have a little more than 1."""

_EVEN, _COMPLEX, _DECIBEL = 0.4, 0.4, 0.2
"""Shares of the points that go to frequency, to the complex plane and to decibels."""

_FLOOR: Final = 1e-4
"""Below, decibels are noise."""


def build_printed(
    out: Path,
    count: int,
    *,
    seed: int = 0,
    family: str | None = None,
    solver: str = "openems",
    jobs: int = 1,
    run: Run | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """Solve filters until a folder holds so many of a seed; what is there is not solved again.

    Each filter is a line of ``records.jsonl``, written as a whole; those that cannot be drawn or
    solved are lines, too, with the reason, and are not tried again.

    Args:
        out: The folder; it is made where it is not there.
        count: How many filters, failed ones included.
        seed: Where chance starts from.
        family: Filters of this family only.
        solver: ``openems`` or ``planar``.
        jobs: How many are solved at once. Lines are in the order in which they were finished.
        run: What solves a problem of openEMS; the program itself by default.
        progress: Told how many are done.

    Returns:
        ``made`` (lines of this run), and what :func:`eda.datasets.printed_card.summary` says.

    Raises:
        DatasetError: The folder holds filters of another solver or version, or there is no such
            family or solver.
        ToolNotFoundError: openEMS is not installed.
    """
    if solver not in SOLVERS:
        raise DatasetError(f"solver is {solver!r}; write one of {', '.join(SOLVERS)}")
    kinds_of(family)  # An unknown family is refused before anything is written.
    solve = partial(_by_openems, run=run) if solver == "openems" else _by_planar
    out.mkdir(parents=True, exist_ok=True)
    file, made = out / NAME, 0
    with _locked(file) as lines:
        done = _indices(file, seed, family, solver)
        progress(len(done))
        left = [index for index in range(count) if index not in done]
        if left and solver == "openems" and run is None:
            find_openems()

        def line_of(index: int) -> dict[str, Any]:
            told = {"schema": SCHEMA, "version": VERSION, "seed": seed, "index": index}
            told |= {"drawn_family": family, "by": solver}
            try:
                drawn = draw_filter(seed, index, family)
            except DatasetError as error:
                return told | {"error": str(error)}
            return told | _line(drawn, solver, solve)

        for line in _at_once(line_of, left, jobs):
            lines.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
            lines.flush()
            os.fsync(lines.fileno())
            made += 1
            progress(len(done) + made)
    (out / "README.md").write_text(card(out), "utf-8")
    return {"made": made, **summary(out)}


def _at_once(
    line_of: Callable[[int], dict[str, Any]], left: Sequence[int], jobs: int
) -> Iterator[dict[str, Any]]:
    """Yield lines as they are finished; threads do, as the time goes into a program outside."""
    pool = ThreadPoolExecutor(jobs)
    finished: SimpleQueue[Future[dict[str, Any]]] = SimpleQueue()
    try:
        for index in left:
            pool.submit(line_of, index).add_done_callback(finished.put)
        for _ in left:
            yield finished.get().result()
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _locked(file: Path) -> Iterator[IO[bytes]]:
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
    """Return which filters of a seed and family are there; other sets may lie beside them.

    Those of another solver or another version would be taken for the same.
    """
    done = set()
    for line in read_lines(file):
        if (line["version"], line["by"]) != (VERSION, solver):
            raise DatasetError(
                f"{file}: holds filters of version {line['version']}, solver {line['by']}, not of "
                f"version {VERSION}, solver {solver}; write to another folder"
            )
        if (line["seed"], line["drawn_family"]) == (seed, family):
            done.add(int(line["index"]))
    return done


Solve = Callable[[DrawnFilter], tuple[FullWave, dict[str, Any]]]


def _line(drawn: DrawnFilter, solver: str, solve: Solve) -> dict[str, Any]:
    line = {
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
        return line | {"error": str(error)[:300], "seconds": round(time.perf_counter() - begun, 2)}
    facts["seconds"] = round(time.perf_counter() - begun, 2)
    frequency = np.linspace(drawn.low_hz, drawn.high_hz, STEPS + 1)
    s = found.at(frequency)
    most = most_power(s)
    if most > MOST:
        why = f"{solver}: {most:.3f} times the power comes out; no filter does that"
        return line | {"error": why, "seconds": facts["seconds"]}
    points = chosen_points(s[:, 0, 0], s[:, 1, 0])
    return line | {
        "points": packed(points, "<u2"),
        "s11": packed(s[points, 0, 0], "<c8"),
        "s21": packed(s[points, 1, 0], "<c8"),
        "cells": found.cells,
        **facts,
    }


def _by_openems(drawn: DrawnFilter, run: Run | None) -> tuple[FullWave, dict[str, Any]]:
    rest_db = -np.inf

    def watched(solve: Run, xml: str) -> Signals:
        nonlocal rest_db
        signals = solve(xml)
        rest_db = max(left_db(signals[name][1]) for name in ("u1b", "u2b"))
        if rest_db > LOUDEST_DB:
            raise SimulationError(f"openEMS: waves at the ports were still at {rest_db:.1f} dB")
        return signals

    brief, long = (partial(solve, seconds=SECONDS) for solve in (run_foretold, run_at_length))
    found = solve_layout(
        drawn.layout,
        drawn.board,
        drawn.low_hz,
        drawn.high_hz,
        options=drawn.mesh,
        cache=False,
        run=partial(watched, run or brief),
        again=None if run else partial(watched, long),
    )
    settings = {
        **asdict(drawn.mesh),
        "foretold_within": None if run or found.lengthened else KNOWN,
        "solve_version": SOLVE_VERSION,
    }
    name = "openEMS" if run else f"openEMS {openems_version(find_openems())}"
    return found, {"solver": name, "settings": settings, "rest_db": round(float(rest_db), 1)}


def _by_planar(drawn: DrawnFilter) -> tuple[FullWave, dict[str, Any]]:
    found = solve_planar(drawn.layout, drawn.board, drawn.low_hz, drawn.high_hz, cache=False)
    return found, {"solver": found.solver, "settings": {}, "rest_db": 0.0}


def most_power(s: NDArray[Any]) -> float:
    """Return the largest share of the power into port 1 that comes out of both ports."""
    return float((np.abs(s[:, 0, 0]) ** 2 + np.abs(s[:, 1, 0]) ** 2).max())


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
    shares = ((_EVEN, np.ones(len(way))), (_COMPLEX, way), (_DECIBEL, up))
    density = np.zeros(len(way))
    for share, part in shares:
        density += share * part / max(part.sum(), 1e-12)
    at = np.concatenate([[0.0], np.cumsum(density)])
    wanted = np.linspace(0.0, at[-1], count)
    points = np.round(np.interp(wanted, at, np.arange(len(at)))).astype(np.int64)
    # No two alike: pushed up from the left, then down to what leaves room to the right.
    number = np.arange(count)
    points = np.maximum.accumulate(points - number) + number
    return np.asarray(np.minimum(points, len(at) - count + number))
