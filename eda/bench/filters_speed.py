"""What an evaluation costs: T0 on numpy and torch, alone and in batches, beside ngspice."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from eda.bench.table import Cell, Table
from eda.filters.deck import write_deck
from eda.filters.nodal import physics_of, respond
from eda.filters.terse import terse_spec
from eda.filters.verify import verify_deck
from eda.filters.words import kinds_of, ladder

POINTS: Final = 100
WORDS: Final = ("cPcPc", "pPPp", "CpCpLpC")
BATCHES: Final = (1, 12, 256)
_REPEATS: Final = 5


def speed_table() -> Table:
    """Return CPU time in microseconds of one design at 100 frequencies."""
    import torch

    torch.set_num_threads(1)
    spec = terse_spec(bandpass="80-125MHz", stop="50MHz:20dB,200MHz:20dB", il_db=3)
    physics = physics_of(spec)
    frequency = np.geomspace(40e6, 250e6, POINTS)
    rows: list[tuple[Cell, ...]] = []
    for word in WORDS:
        topology = ladder(word)
        values = [{"inductor": 80e-9, "capacitor": 33e-12}[kind] for kind in kinds_of(word)]
        cells: list[Cell] = [word, topology.size]
        for batch in BATCHES:
            x = np.repeat(np.log(values)[None], batch, axis=0)
            work = partial(respond, topology, x, frequency, physics)
            cells.append(_cost(work, batch))
        x = np.repeat(np.log(values)[None], 12, axis=0)
        work = partial(respond, topology, x, frequency, physics, derivatives=True)
        cells.append(_cost(work, 12))
        tensor = torch.tensor(np.repeat(np.log(values)[None], 256, axis=0), requires_grad=True)
        axis = torch.tensor(frequency)

        def backward(tensor: Any = tensor, topology: Any = topology, axis: Any = axis) -> None:
            respond(topology, tensor, axis, physics).s21.abs().sum().backward()

        cells.append(_cost(backward, 256))
        cells.append(_ngspice(spec, topology, values))
        rows.append(tuple(cells))
    return Table(
        f"T0: microseconds of CPU a design at {POINTS} frequencies",
        (
            *("ladder", "parts", *(f"batch of {batch}" for batch in BATCHES)),
            *("12, all derivatives", "torch, 256, gradients", "ngspice"),
        ),
        tuple(rows),
        (
            "one thread; least of five runs; S11 and S21; ngspice: wall time of a run in a warm "
            "worker, reading the deck included",
        ),
    )


def _cost(work: Callable[[], object], batch: int) -> float:
    """Return the least CPU time in microseconds of some runs, by design."""
    best = float("inf")
    for _ in range(_REPEATS):
        begun = time.process_time()
        work()
        work()
        best = min(best, (time.process_time() - begun) / 2)
    return best / batch * 1e6


def _ngspice(spec: Any, topology: Any, values: list[float]) -> float:
    with tempfile.TemporaryDirectory(prefix="eda-bench-") as folder:
        deck = Path(folder) / "filter.cir"
        deck.write_text(write_deck(spec, topology, values), encoding="utf-8")
        best = float("inf")
        for _ in range(_REPEATS):
            begun = time.perf_counter()
            verify_deck(deck, spec, points=17)
            best = min(best, time.perf_counter() - begun)
    return best * 1e6
