"""Tables of `eda bench simulate` about speed and memory, beside ``ngspice -b`` in the same run."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from eda.bench.ngspice_oracle import find_ngspice
from eda.bench.table import Cell, Table
from eda.circuit import Circuit
from eda.errors import SimulationError
from eda.spice import Ac, Analysis, Op, Tran, read_case, simulate, simulate_many, write_spice
from eda.spice.case_reader import example_folder
from eda.spice.deck import make_job
from eda.spice.farm import pool
from eda.spice.job import NotRun

SMALL_SIGNAL: Final[tuple[Analysis, ...]] = (Op(), Ac(start_hz=1, stop_hz=1e10))
WITH_STEP: Final[tuple[Analysis, ...]] = (*SMALL_SIGNAL, Tran(step_s=1e-8, stop_s=6e-7))
ROUNDS: Final = 5
COUNTS: Final = (20, 60)
"""Simulations in a round: quick form, full form."""
BATCH: Final = "ngspice -b, a process each"
PLAIN: Final = "plain ctypes, parameters set"


@dataclass(frozen=True, slots=True)
class Workload:
    """What is simulated over and over.

    Attributes:
        name: For people.
        circuit: The deck.
        analyses: What is run.
        output: The vector that is kept.
        parameter: What is turned, and its first value.
        count: Simulations in a round.
        floor: What we ask of ourselves: times ``ngspice -b``.
    """

    name: str
    circuit: Circuit
    analyses: tuple[Analysis, ...]
    output: str
    parameter: tuple[str, float]
    count: int
    floor: float | None = None


def speed_table(folder: Path | None, log: Callable[[str], object], *, full: bool) -> Table:
    """Return milliseconds per simulation, and how many times faster than ``ngspice -b`` that is.

    ``ngspice -b`` gets the whole deck, with its threads off as well; plain ctypes the deck that
    our engine runs.
    """
    rows: list[tuple[Cell, ...]] = []
    for work in _workloads(folder, full=full):
        log(f"speed: {work.name}")
        seconds = _measure(work)
        base = statistics.median(seconds[BATCH])
        plain = statistics.median(seconds[PLAIN])
        for way, times in seconds.items():
            middle = statistics.median(times)
            rows.append(
                (
                    work.name,
                    way,
                    round(1e3 * min(times), 2),
                    round(1e3 * middle, 2),
                    round(1 / middle),
                    round(base / middle, 2),
                    work.floor if way == "ours, parameters set" else None,
                    round(middle / plain, 2) if way == "ours, parameters set" else None,
                )
            )
    return Table(
        "Speed: simulations of one worker, one vector kept",
        (
            *("what", "way", "best ms", "median ms", "a second", "times ngspice -b"),
            *("floor", "times plain ctypes"),
        ),
        tuple(rows),
        (
            f"{ROUNDS} rounds, the ways in turn; no cache; OMP_THREAD_LIMIT=1 for all; ngspice -b "
            "reads the deck with all its models, ours leaves out those that no device uses",
        ),
    )


def overhead_table(log: Callable[[str], object], *, full: bool) -> Table:
    """Return what our layer costs beside the simulation: a circuit that costs nothing itself."""
    from eda.spice import parse_netlist

    log("overhead of a simulation")
    circuit = parse_netlist("* one resistor\n.param r=1k\nI1 0 a 1m\nR1 a 0 {r}\n.end\n")
    count = 10 * COUNTS[full]
    work = Workload("a resistor, op", circuit, (Op(),), "v(a)", ("r", 1e3), count)
    seconds = _measure(work)
    plain = statistics.median(seconds[PLAIN])
    rows = tuple(
        (
            way,
            round(1e6 * statistics.median(times)),
            round(1e6 * (statistics.median(times) - plain)),
        )
        for way, times in seconds.items()
        if way != BATCH
    )
    return Table(
        "Overhead: a resistor and a source, operating point",
        ("way", "microseconds", "beyond plain ctypes"),
        rows,
        ("pipes to the worker, statuses, checks, names and arrays of the result",),
    )


def _measure(work: Workload) -> dict[str, list[float]]:
    """Return seconds per simulation, a number for each round, by way."""
    name, value = work.parameter
    values = [value * (1 + at * 1e-4) for at in range(work.count)]
    sweep = [{name: one} for one in values]
    keep = (work.output,)

    def reload_deck() -> None:
        for _ in range(work.count):
            simulate(work.circuit, *work.analyses, cache=False, keep=keep)

    def set_parameters() -> None:
        for sizes in sweep:
            simulate(work.circuit, *work.analyses, cache=False, keep=keep, parameters=sizes)

    def two_workers() -> None:
        simulate_many(
            [work.circuit], *work.analyses, cache=False, keep=keep, parameters=sweep, workers=2
        )

    with TemporaryDirectory() as place:
        command = _batch(work, Path(place))
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}

        def batch() -> None:
            for _ in range(max(1, work.count // 4)):
                subprocess.run(
                    command, cwd=place, env=environment, capture_output=True, check=False
                )

        plain = _plain(work, values, Path(place), environment)
        ways: dict[str, Callable[[], None]] = {
            BATCH: batch,
            "ours, deck reloaded": reload_deck,
            "ours, parameters set": set_parameters,
            "the same, two workers": two_workers,
        }
        two_workers()  # the workers are there, the library is loaded
        seconds: dict[str, list[float]] = {BATCH: [], PLAIN: []}
        for _ in range(ROUNDS):
            seconds[PLAIN].append(next(plain) / work.count)
            for way, run in ways.items():
                begun = time.perf_counter()
                run()
                each = max(1, work.count // 4) if way == BATCH else work.count
                seconds.setdefault(way, []).append((time.perf_counter() - begun) / each)
    return seconds


def _plain(
    work: Workload, values: Sequence[float], place: Path, environment: dict[str, str]
) -> Iterator[float]:
    """Yield the seconds of a round by plain ctypes, each measured when it is asked for."""
    job = make_job(
        work.circuit, work.analyses, keep=(work.output,), parameters=dict([work.parameter])
    )
    if isinstance(job, NotRun):
        raise SimulationError(f"the deck of the bench is not run: {job.reason}")
    request = {
        "deck": job.deck,
        "parameter": work.parameter[0],
        "values": list(values),
        "analyses": [analysis.command() for analysis in work.analyses],
        "rounds": 2,
    }
    path = place / "plain.json"
    path.write_text(json.dumps(request))
    while True:
        answer = subprocess.run(
            [sys.executable, "-m", "eda.bench.plain_ngspice", str(path)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        yield float(json.loads(answer.stdout.splitlines()[-1])[-1])


def _workloads(folder: Path | None, *, full: bool) -> Iterator[Workload]:
    name, circuit, output, parameter = _amplifier(folder)
    count = COUNTS[full]
    step = output.replace("1", "3")
    yield Workload(
        f"{name}: one copy, op and ac", _copies(circuit, output), SMALL_SIGNAL, output, parameter,
        count, 3.0,
    )  # fmt: skip
    yield Workload(
        f"{name}: two copies, op, ac and 60 steps", _copies(circuit, output, step), WITH_STEP,
        output, parameter, count, 1.4,
    )  # fmt: skip
    yield Workload(
        f"{name}: whole deck, op and ac", circuit, SMALL_SIGNAL, output, parameter, count
    )
    sky130 = folder / "sizing" / "circuits" / "ota5t_sky130" if folder is not None else None
    if sky130 is not None and sky130.is_dir():
        case = read_case(sky130)
        yield Workload(
            "ota5t_sky130: whole deck, op and ac", case.circuit(), SMALL_SIGNAL, "v(out1)",
            ("w1", 1.03e-5), max(4, count // 5), 12.0,
        )  # fmt: skip


def _copies(circuit: Circuit, *outputs: str) -> Circuit:
    """Return the parts of a test bench that hang together with nets, without its other copies."""
    wanted = {output[2:-1] for output in outputs}
    while True:
        found = {
            net
            for device in circuit.devices
            if wanted & set(device.nets)
            for net in device.nets
            if net != "0"
        }
        if found <= wanted:
            break
        wanted |= found
    devices = tuple(device for device in circuit.devices if wanted & set(device.nets))
    return replace(circuit, devices=devices)


def memory_table(folder: Path | None, log: Callable[[str], object], *, full: bool) -> Table:
    """Return how much a worker grows over many simulations, and whether results drift."""
    log("memory over many simulations")
    name, circuit, output, (width, value) = _amplifier(folder)
    count = 5000 if full else 500
    sizes = {width: value}

    def once(*, parameters: bool) -> float:
        result = simulate(
            circuit,
            *SMALL_SIGNAL,
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
    return case.name, case.circuit(), "v(out1)", next(iter(case.nominal.items()))


def _batch(work: Workload, place: Path) -> list[str]:
    steps = "\n".join(analysis.command() for analysis in work.analyses)
    block = f".control\n{steps}\nwrite out.raw {work.output}\nquit\n.endc\n.end\n"
    deck = write_spice(work.circuit, control=False)
    (place / "deck.cir").write_text(deck.removesuffix(".end\n") + block)
    return [find_ngspice(), "-b", "deck.cir"]


def _worker_mb() -> float:
    """Return the resident memory of the one idle worker."""
    pages = Path(f"/proc/{pool.pids()[0]}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20
