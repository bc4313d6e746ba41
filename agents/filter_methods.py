"""Ways to design a filter, side by side: textbooks, optimisers, networks, all on one record."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.filters.descent import descend
from eda.filters.evaluator import BudgetSpentError, Ledger
from eda.filters.network import Topology
from eda.filters.policy import Policy
from eda.filters.search import SAFETY_DB, Search, search
from eda.filters.snap import Snapped
from eda.filters.spec import FilterSpec
from eda.filters.stability import is_stable
from eda.filters.starts import Start, log_bounds, rules_of, textbook

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """What a way of designing came to.

    Attributes:
        topology: The circuit; None where there is none.
        values: Of its parts, in SI units.
        ledger: What was spent.
        seconds: Time it took, simulation left out.
        ended: Whether it ended by itself, not because its budget was spent.
    """

    topology: Topology | None
    values: tuple[float, ...]
    ledger: Ledger
    seconds: float
    ended: bool


@dataclass
class _Best:
    """The best snapped design so far; what is delivered when the budget is spent."""

    topology: Topology | None = None
    log_values: Real | None = None
    margin_db: float = -np.inf

    def offer(self, topology: Topology, log_values: Real, margin_db: float) -> bool:
        """Keep a design where it is better; return whether it keeps the mask."""
        if margin_db > self.margin_db:
            self.topology, self.log_values, self.margin_db = topology, log_values, margin_db
        return margin_db >= SAFETY_DB


Method = Callable[[Search, np.random.Generator, _Best], None]


def run_method(name: str, spec: FilterSpec, *, seed: int, budget: int, **nets: Policy) -> Outcome:
    """Design a filter in one of the ways of `METHODS`, within a budget of evaluations.

    Args:
        name: Which.
        spec: The specification.
        seed: Where chance enters, it starts from here.
        budget: Most calls and gradients together.
        nets: ``policy`` and ``clone``, for the ways that use them.
    """
    ledger = Ledger(limit=budget)
    best = _Best()
    begun = time.perf_counter()
    ended = True
    method = METHODS[name]
    try:
        method(Search(spec, ledger), np.random.default_rng(seed), best, **_wanted(name, nets))
    except BudgetSpentError:
        ended = False
    seconds = time.perf_counter() - begun
    values: tuple[float, ...] = ()
    if best.log_values is not None:
        values = tuple(float(f"{value:.12g}") for value in np.exp(best.log_values))
    return Outcome(best.topology, values, ledger, seconds, ended)


def _wanted(name: str, nets: dict[str, Policy]) -> dict[str, Any]:
    if name == "supervised inverse net":
        return {"policy": nets["clone"]}
    return {"policy": nets["policy"]} if name.startswith("policy") else {}


def _textbook(made: Search, random: np.random.Generator, best: _Best) -> None:
    margin, start = made.screen(textbook(made.spec))[0]
    best.offer(start.topology, _inside(made.spec, start), margin)


def _rounded(made: Search, random: np.random.Generator, best: _Best) -> None:
    for _, start in made.screen(textbook(made.spec))[:20]:
        snapper = made.snapper(start.topology, made.coarse.mask)
        x = snapper.on_grid(_inside(made.spec, start))
        if best.offer(start.topology, x, _dense(made, start.topology, x)):
            return


def _random(made: Search, random: np.random.Generator, best: _Best) -> None:
    starts = textbook(made.spec)
    while True:
        start = starts[int(random.integers(len(starts)))]
        snapper = made.snapper(start.topology, made.coarse.mask)
        x = _inside(made.spec, start)
        x = snapper.on_grid(x + random.normal(0.0, 0.1, len(x)))
        if best.offer(start.topology, x, _dense(made, start.topology, x)):
            return


def _cma(made: Search, random: np.random.Generator, best: _Best) -> None:
    import cma

    for _, start in made.screen(textbook(made.spec))[:3]:
        topology = start.topology
        low, high = log_bounds(rules_of(made.spec, topology))
        x = np.clip(_inside(made.spec, start), low + 1e-9, high - 1e-9)
        options = {
            "bounds": [list(low - 1e-6), list(high + 1e-6)],
            "verbose": -9,
            "seed": int(random.integers(1, 2**31)),
            "maxfevals": 700,
            "tolfun": 1e-3,
        }
        strategy = cma.CMAEvolutionStrategy(list(x), 0.1, options)
        while not strategy.stop():
            asked = strategy.ask()
            margins = made.coarse.margin(topology, np.array(asked))
            strategy.tell(asked, list(-margins))
        if _finished(made, topology, np.asarray(strategy.result.xbest), best):
            return


def _lbfgs(made: Search, random: np.random.Generator, best: _Best) -> None:
    for _, start in made.screen(textbook(made.spec))[:6]:
        topology = start.topology
        low, high = log_bounds(rules_of(made.spec, topology))
        free = None
        if topology.opamps:
            free = np.array([part.kind == "resistor" for part in topology.parts])
        x = descend(made.coarse, topology, _inside(made.spec, start), low, high, free=free)
        if _finished(made, topology, x, best):
            return


def _finished(made: Search, topology: Topology, x: Real, best: _Best) -> bool:
    """Round values, exchange single ones and pairs, and offer what comes out."""
    snapper = made.snapper(topology, made.coarse.mask)
    rounded = snapper.on_grid(x)
    first = Snapped(rounded, snapper.margin(rounded))
    best.offer(topology, rounded, min(first.margin_db, SAFETY_DB - 1e-6))
    done = snapper.exchange(first, enough_db=SAFETY_DB)
    return best.offer(topology, done.log_values, _dense(made, topology, done.log_values))


def _net(made: Search, random: np.random.Generator, best: _Best, *, policy: Policy) -> None:
    for start in policy.proposals(made.spec, made.coarse, most=1):
        snapper = made.snapper(start.topology, made.coarse.mask)
        x = snapper.on_grid(np.log(start.values))
        best.offer(start.topology, x, _dense(made, start.topology, x))


def _policy_refine(
    made: Search, random: np.random.Generator, best: _Best, *, policy: Policy
) -> None:
    # One circuit after another: the next is asked for only where the last has failed.
    by_name: dict[str, Start] = {}
    for item in textbook(made.spec, plain=True):
        by_name.setdefault(item.topology.name, item)
    for name in policy.ranking(made.spec, list(by_name))[:4]:
        start = policy.tuned(made.spec, by_name[name], made.coarse, 1)
        if _searched(made, [start], best, screened=True):
            return
    _searched(made, textbook(made.spec), best, screened=False)


def _textbook_refine(made: Search, random: np.random.Generator, best: _Best) -> None:
    _searched(made, textbook(made.spec), best, screened=False)


def _plain_refine(made: Search, random: np.random.Generator, best: _Best) -> None:
    if not _searched(made, textbook(made.spec, plain=True), best, screened=False):
        _searched(made, textbook(made.spec), best, screened=False)


def _searched(made: Search, starts: list[Start], best: _Best, *, screened: bool) -> bool:
    found = search(made.spec, starts, ledger=made.ledger, first=True, screened=screened)
    kept = False
    for design in found:
        kept = best.offer(design.topology, design.log_values, design.margin_db) or kept
    return kept


def _inside(spec: FilterSpec, start: Start) -> Real:
    low, high = log_bounds(rules_of(spec, start.topology))
    return np.clip(np.log(start.values), low, high)


def _dense(made: Search, topology: Topology, x: Real) -> float:
    margin = float(made.dense.margin(topology, x[None])[0])
    if topology.opamps and not is_stable(topology, tuple(np.exp(x)), made.dense.physics):
        return -999.0
    return margin


METHODS: Final[dict[str, Any]] = {
    "textbook": _textbook,
    "textbook+snap": _rounded,
    "random": _random,
    "CMA-ES": _cma,
    "L-BFGS multistart": _lbfgs,
    "supervised inverse net": _net,
    "policy only": _net,
    "policy + refine": _policy_refine,
    "textbook + refine": _textbook_refine,
    "plain textbook + refine": _plain_refine,
}
"""Every way by its name; the last two are the refinement without a policy."""
