"""Tables of `eda bench simulate` about speed and memory, beside ``ngspice -b`` in the same run."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from eda.bench.ngspice_oracle import find_ngspice
from eda.bench.table import Table
from eda.circuit import Circuit
from eda.errors import SimulationError
from eda.spice import Ac, Op, read_case, simulate, simulate_many
from eda.spice.case_reader import example_folder
from eda.spice.deck import make_job
from eda.spice.farm import pool
from eda.spice.job import NotRun

ANALYSES = (Op(), Ac(start_hz=1, stop_hz=1e10))
ROUNDS = 5


def speed_table(folder: Path | None, log: Callable[[str], object], *, full: bool) -> Table:
    """Return milliseconds per simulation of a two-stage amplifier, op and ac, one worker.

    ``ngspice -b`` runs the deck that the engine runs, with its threads off as well.
    """
    log("speed beside ngspice -b")
    name, circuit, output, (width, value) = _amplifier(folder)
    count = 60 if full else 20
    keep = (output,)
    widths = [{width: value * (1 + i * 1e-3)} for i in range(count)]

    def reload_all() -> None:
        for _ in range(count):
            simulate(circuit, *ANALYSES, cache=False)

    def reload_kept() -> None:
        for _ in range(count):
            simulate(circuit, *ANALYSES, cache=False, keep=keep)

    def parameters_kept() -> None:
        for sizes in widths:
            simulate(circuit, *ANALYSES, cache=False, keep=keep, parameters=sizes)

    def two_workers() -> None:
        simulate_many([circuit], *ANALYSES, cache=False, keep=keep, parameters=widths, workers=2)

    with TemporaryDirectory() as place:
        command = _batch(circuit, Path(place), output)
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}

        def batch() -> None:
            for _ in range(count):
                subprocess.run(
                    command, cwd=place, env=environment, capture_output=True, check=False
                )

        ways = {
            "ngspice -b, a process each": batch,
            "ours, deck reloaded, all vectors": reload_all,
            "ours, deck reloaded, one vector kept": reload_kept,
            "ours, parameters set, one vector kept": parameters_kept,
            "the same, two workers": two_workers,
        }
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        parameters_kept()  # the workers are there, the library is loaded
        for _ in range(ROUNDS):
            for way, run in ways.items():
                begun = time.perf_counter()
                run()
                seconds[way].append((time.perf_counter() - begun) / count)
    base = statistics.median(seconds["ngspice -b, a process each"])
    rows = tuple(
        (
            way,
            round(1e3 * min(times), 2),
            round(1e3 * statistics.median(times), 2),
            round(1 / statistics.median(times)),
            round(base / statistics.median(times), 2),
        )
        for way, times in seconds.items()
    )
    return Table(
        f"Speed: {name}, op and ac (201 points)",
        ("way", "best ms", "median ms", "a second", "times ngspice -b"),
        rows,
        (f"{ROUNDS} rounds of {count}, the ways in turn; no cache; OMP_THREAD_LIMIT=1 for all",),
    )


def memory_table(folder: Path | None, log: Callable[[str], object], *, full: bool) -> Table:
    """Return how much a worker grows over many simulations, and whether results drift."""
    log("memory over many simulations")
    name, circuit, output, (width, value) = _amplifier(folder)
    count = 5000 if full else 500
    sizes = {width: value}

    def once(*, parameters: bool) -> float:
        result = simulate(
            circuit,
            *ANALYSES,
            cache=False,
            keep=(output,),
            parameters=sizes if parameters else None,
        )
        return float(abs(result.of("ac")[output].values[0]))

    rows = []
    for way, parameters in (("deck reloaded", False), ("parameters set", True)):
        pool.close()
        first = once(parameters=parameters)
        before = _worker_mb()
        last = first
        for _ in range(count - 1):
            last = once(parameters=parameters)
        rows.append((way, count, round(_worker_mb() - before, 1), str(first == last)))
    return Table(
        f"Memory of one worker: {name}",
        ("way", "simulations", "growth MB", "first and last identical"),
        tuple(rows),
    )


def _amplifier(folder: Path | None) -> tuple[str, Circuit, str, tuple[str, float]]:
    """Return a case's name, its deck, a vector to look at, and a parameter to turn."""
    found = folder / "sizing" / "circuits" / "ota2s_fpdk45" if folder is not None else None
    case = read_case(found if found is not None and found.is_dir() else example_folder())
    circuit = case.circuit()
    output = "v(out1)" if "out1" in circuit.nets else "v(out)"
    return case.name, circuit, output, next(iter(case.nominal.items()))


def _batch(circuit: Circuit, place: Path, output: str) -> list[str]:
    job = make_job(circuit, ANALYSES)
    if isinstance(job, NotRun):
        raise SimulationError(f"the deck of the bench is not run: {job}")
    deck = job.deck
    steps = "\n".join(analysis.command() for analysis in ANALYSES)
    block = f".control\n{steps}\nwrite out.raw {output}\nquit\n.endc\n.end\n"
    (place / "deck.cir").write_text(deck.removesuffix(".end\n") + block)
    return [find_ngspice(), "-b", "deck.cir"]


def _worker_mb() -> float:
    """Return the resident memory of the one idle worker."""
    pages = Path(f"/proc/{pool.pids()[0]}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20
