"""Running simulations: one, or many at once, with cache, limits and an honest status."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache as once
from typing import Final, Protocol

from eda.circuit import Circuit
from eda.errors import InputError, NetlistError
from eda.spice.analyses import Analysis
from eda.spice.cache import SimulationCache, cache_folder
from eda.spice.deck import make_job
from eda.spice.farm import pool
from eda.spice.job import Job, NotRun
from eda.spice.ngspice_shared import library_identity, library_path
from eda.spice.reader import read_netlist
from eda.spice.results import make_result
from eda.spice.simulation import SimulationResult, Status

Deck = Circuit | str | os.PathLike[str]
"""A circuit, or the path of a netlist."""

TIME_LIMIT_S: Final = 60.0
MEMORY_LIMIT_MB: Final = 2000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How simulations are run.

    Attributes:
        time_limit_s: Wall-clock time after which a simulation is stopped.
        memory_limit_mb: Memory it may take, beside what the worker needs for itself.
        trust_deck: Whether the deck may include any file and run its ``.control`` block as it is.
        cache: True for the user's cache, False for none, or a cache.
        include_dirs: Folders that may be included from, for decks given by path.
        save: Further vectors to keep, as ``@m1[gm]``.
        keep: The only vectors to keep beside those; empty for all voltages and currents.
        seed: Where chance enters (``agauss``, ``trnoise``), it starts from here.
    """

    time_limit_s: float = TIME_LIMIT_S
    memory_limit_mb: float = MEMORY_LIMIT_MB
    trust_deck: bool = False
    cache: bool | SimulationCache = True
    include_dirs: tuple[str | os.PathLike[str], ...] = ()
    save: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    seed: int = 1


class Simulator(Protocol):
    """Whatever runs jobs: ngspice, or a recording of it."""

    def run(self, job: Job, options: Options) -> SimulationResult:
        """Run a job."""
        ...


class NgspiceSimulator:
    """ngspice, in worker processes of this process."""

    def run(self, job: Job, options: Options) -> SimulationResult:
        """Run a job, or take its result from the cache.

        Raises:
            SimulatorNotFoundError: ngspice is not installed.
        """
        library_path()  # idle workers would hide that it has gone
        kept = _cache(options.cache)
        if job.trusted:
            kept = None  # its script may do more than give values
        key = job.key(library_identity()) if kept is not None else ""
        if kept is not None and (found := kept.get(key)) is not None:
            return found
        begun = time.perf_counter()
        request = job.request(memory_limit_mb=options.memory_limit_mb)
        answer = pool.run(request, time_limit_s=options.time_limit_s)
        result = make_result(job, answer, seconds=time.perf_counter() - begun)
        if kept is not None:
            kept.put(key, result)
        return result


NGSPICE: Final = NgspiceSimulator()


def simulate(
    deck: Deck,
    *analyses: Analysis,
    parameters: Mapping[str, float] | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    memory_limit_mb: float = MEMORY_LIMIT_MB,
    trust_deck: bool = False,
    cache: bool | SimulationCache = True,
    include_dirs: Sequence[str | os.PathLike[str]] = (),
    save: Sequence[str] = (),
    keep: Sequence[str] = (),
    seed: int = 1,
    simulator: Simulator = NGSPICE,
) -> SimulationResult:
    r"""Simulate a circuit with ngspice.

    Whatever is wrong with the deck, a result comes back; its ``status`` says how it ended and
    its ``log`` why.

    Args:
        deck: A circuit, or the path of a netlist.
        analyses: What to run. Without any, what the deck asks for: the harmless commands of its
            ``.control`` block, else its analysis cards, else the operating point. Its
            ``.measure`` cards are worked out after each analysis of their kind.
        parameters: Values for ``.param`` parameters of the deck's top level.
        time_limit_s: Wall-clock time after which it is stopped.
        memory_limit_mb: Memory it may take, beside what the worker needs for itself.
        trust_deck: Whether the deck may include any file and run its ``.control`` block as it is.
        cache: True for the user's cache, False for none, or a cache.
        include_dirs: Folders that may be included from, where the deck is a path.
        save: Further vectors to keep, as ``@m1[gm]``; voltages and currents are kept anyway.
        keep: The only vectors to keep beside those, as ``v(out)``, which is faster in a sweep.
        seed: Where chance enters (``agauss``, ``trnoise``), it starts from here; the same seed
            gives the same result in every process.
        simulator: What runs it; `RecordedSimulator` does without ngspice.

    Raises:
        SimulatorNotFoundError: ngspice is not installed.
        InputError: An argument makes no sense.

    Example:
        >>> from eda.spice import Ac, parse_netlist, simulate
        >>> rc = parse_netlist("* rc\nV1 in 0 dc 1 ac 1\nR1 in out 1k\nC1 out 0 1u\n")
        >>> result = simulate(rc, Ac(1, 1e6))  # doctest: +SKIP
        >>> abs(result.of("ac")["v(out)"].values[0])  # doctest: +SKIP
        0.99998
    """
    options = Options(
        time_limit_s=_positive("time_limit_s", time_limit_s),
        memory_limit_mb=_positive("memory_limit_mb", memory_limit_mb),
        trust_deck=trust_deck,
        cache=cache,
        include_dirs=tuple(include_dirs),
        save=tuple(save),
        keep=tuple(keep),
        seed=seed,
    )
    return _one(deck, analyses, parameters, options, simulator)


def simulate_many(
    decks: Sequence[Deck],
    *analyses: Analysis,
    parameters: Sequence[Mapping[str, float]] | None = None,
    executor: Executor | None = None,
    workers: int = 2,
    time_limit_s: float = TIME_LIMIT_S,
    memory_limit_mb: float = MEMORY_LIMIT_MB,
    trust_deck: bool = False,
    cache: bool | SimulationCache = True,
    include_dirs: Sequence[str | os.PathLike[str]] = (),
    save: Sequence[str] = (),
    keep: Sequence[str] = (),
    seed: int = 1,
    simulator: Simulator = NGSPICE,
    progress: Callable[[int], object] | None = None,
) -> list[SimulationResult]:
    """Simulate many circuits, or one with many sets of parameters; results in the order given.

    A simulation that crashes, hangs or eats all memory costs that one result and no other.

    Args:
        decks: Circuits or paths; a single one where ``parameters`` are given.
        analyses: As for `simulate`.
        parameters: A set for each deck, or sets for the only deck.
        executor: Any executor: threads, processes, a Dask client's. Without one,
            ``workers`` threads each drive a worker process of this process.
        workers: How many simulations run at once, without an executor.
        time_limit_s: As for `simulate`, for each.
        memory_limit_mb: As for `simulate`, for each.
        trust_deck: As for `simulate`.
        cache: As for `simulate`.
        include_dirs: As for `simulate`.
        save: As for `simulate`.
        keep: As for `simulate`.
        seed: As for `simulate`; the same for all.
        simulator: As for `simulate`.
        progress: Called with the number of results that are there.

    Raises:
        SimulatorNotFoundError: ngspice is not installed.
        InputError: An argument makes no sense.
    """
    options = Options(
        time_limit_s=_positive("time_limit_s", time_limit_s),
        memory_limit_mb=_positive("memory_limit_mb", memory_limit_mb),
        trust_deck=trust_deck,
        cache=cache,
        include_dirs=tuple(include_dirs),
        save=tuple(save),
        keep=tuple(keep),
        seed=seed,
    )
    pairs = _pairs(decks, parameters)
    if executor is not None:
        return _gather(executor, pairs, analyses, options, simulator, progress)
    with ThreadPoolExecutor(max_workers=max(1, workers)) as threads:
        return _gather(threads, pairs, analyses, options, simulator, progress)


def _pairs(
    decks: Sequence[Deck], parameters: Sequence[Mapping[str, float]] | None
) -> list[tuple[Deck, Mapping[str, float] | None]]:
    if isinstance(decks, str):
        raise InputError("simulate_many takes a list of decks; use simulate for a single one")
    if parameters is None:
        return [(deck, None) for deck in decks]
    if len(decks) == 1:
        deck = decks[0]
        if not isinstance(deck, Circuit) and len(parameters) > 1:
            deck = read_netlist(deck, strict=False)
        return [(deck, values) for values in parameters]
    if len(decks) != len(parameters):
        raise InputError(
            f"{len(decks)} decks and {len(parameters)} sets of parameters: give as many of each, "
            "or one deck"
        )
    return list(zip(decks, parameters, strict=True))


def _gather(
    executor: Executor,
    pairs: Sequence[tuple[Deck, Mapping[str, float] | None]],
    analyses: Sequence[Analysis],
    options: Options,
    simulator: Simulator,
    progress: Callable[[int], object] | None,
) -> list[SimulationResult]:
    waiting = [
        executor.submit(_one, deck, analyses, values, options, simulator) for deck, values in pairs
    ]
    results = []
    try:
        for future in waiting:
            results.append(future.result())
            if progress is not None:
                progress(len(results))
    finally:
        for future in waiting:
            future.cancel()
    return results


def _one(
    deck: Deck,
    analyses: Sequence[Analysis],
    parameters: Mapping[str, float] | None,
    options: Options,
    simulator: Simulator,
) -> SimulationResult:
    if not isinstance(deck, Circuit):
        try:
            deck = read_netlist(
                deck,
                include_dirs=options.include_dirs,
                trust_deck=options.trust_deck,
                strict=False,
            )
        except NetlistError as problem:
            return SimulationResult(Status.REFUSED, log=str(problem))
    job = make_job(
        deck,
        analyses,
        trust_deck=options.trust_deck,
        save=options.save,
        keep=options.keep,
        parameters=parameters,
        seed=options.seed,
    )
    if isinstance(job, NotRun):
        return SimulationResult(job.status, log=job.reason)
    return simulator.run(job, options)


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise InputError(f"{name} is {value:g}; it must be greater than zero")
    return value


def _cache(given: bool | SimulationCache) -> SimulationCache | None:
    if isinstance(given, SimulationCache):
        return given
    return _default_cache(str(cache_folder())) if given else None


@once
def _default_cache(folder: str) -> SimulationCache:
    return SimulationCache(folder)
