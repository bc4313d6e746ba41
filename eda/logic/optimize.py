"""Optimising a circuit while time lasts: a portfolio of recipes, and a proof of what came out.

A bandit chooses recipes by what they gain per second: at first as learned on other circuits, then
as seen on this one. Large circuits are also cut into windows that are done one by one. At the end
the best circuit is proved equivalent to the input; what cannot be proved is not given out.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eda.aig import strash, structural_hash
from eda.errors import InputError
from eda.logic.abc import find_abc
from eda.logic.bandit import Bandit, learned, size_class
from eda.logic.engine import run_pieces, run_steps, usable
from eda.logic.equivalence import check_equivalence
from eda.logic.objective import Objective
from eda.logic.recipes import BY_NAME, PIECES, Recipe
from eda.logic.resynthesis import MOST_ANDS, MOST_INPUTS, resynthesize
from eda.logic.windows import cut, put_back, shuffled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eda.aig import Aig

ORDERS: Final = ("learned", "random")
RESYNTHESIS: Final = "resynthesis"
RESYNTHESIS_PRIOR: Final = 0.05
_ELITE: Final = 4
_AGAIN: Final = 10
_DC2_SHARE: Final = 0.1
_DEEP_SHARE: Final = 0.55
_DEEP_ANDS: Final = 20_000
_DEEPER: Final = 2.0
_LEAST_SECONDS: Final = 0.05
_BUSY_WALL: Final = 60.0
"""How much longer than its processor time a run may take on the clock, on a busy machine."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried.

    Attributes:
        recipe: Its name.
        seconds: Processor time it took.
        spent: Processor time of the whole run, until then.
        ands, levels: Of what it made.
        best_ands, best_levels: Of the best so far.
    """

    recipe: str
    seconds: float
    spent: float
    ands: int
    levels: int
    best_ands: int
    best_levels: int


@dataclass(frozen=True, slots=True)
class Optimized:
    """What `optimize_aig` returns.

    Attributes:
        aig: The result, with the names of the input; the input itself, its equal gates merged,
            where nothing better was found or proved.
        ands_before, levels_before: Of the input, its equal gates merged.
        ands, levels: Of the result.
        proved: Whether the result is proved equivalent; always, unless it is the input.
        proof: What proved it.
        seconds: Processor time of the search, of all workers.
        proof_seconds: Time on the clock of the proof.
        log: What was tried.
        abc: Whether ABC was there; without it the results are worse.
        unproved_ands: ANDs of a better circuit that could not be proved, or None.
    """

    aig: Aig
    ands_before: int
    levels_before: int
    ands: int
    levels: int
    proved: bool
    proof: str
    seconds: float
    proof_seconds: float
    log: tuple[Step, ...]
    abc: bool
    unproved_ands: int | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A circuit and how it came about: from which other one, by which windows."""

    aig: Aig
    parent: _Candidate | None = None
    pairs: tuple[tuple[Aig, Aig], ...] = ()
    tried: set[str] = field(default_factory=set)


def optimize_aig(
    aig: Aig,
    *,
    seconds: float = 10.0,
    objective: str = "ands",
    seed: int = 0,
    workers: int = 1,
    proof_seconds: float | None = None,
    order: str = "learned",
    progress: Callable[[Step], object] | None = None,
) -> Optimized:
    """Make a circuit smaller or flatter while time lasts, and prove the result.

    Args:
        aig: Any circuit; of one with latches the logic between them.
        seconds: Processor time of the search, for each worker. The proof comes on top.
        objective: ``ands``, ``levels`` or their ``product``.
        seed: Where chance starts.
        workers: How many recipes run at a time.
        proof_seconds: Processor time of the proof; by default ten times the search, and at least
            60.
        order: ``learned``, or ``random`` to choose recipes by chance alone.
        progress: Called after each step.

    Raises:
        InputError: There is no such objective or order, or a number is out of range.

    Example:
        >>> from eda.aig import AigBuilder
        >>> made = AigBuilder(3)
        >>> a, b, c = made.inputs
        >>> made.output(made.or_(made.and_(a, b), made.and_(a, c)))
        >>> optimize_aig(made.build(), seconds=0.5).ands
        2
    """
    goal = Objective(objective)
    if order not in ORDERS:
        raise InputError(f"there is no order {order!r}; there are: {', '.join(ORDERS)}")
    if not seconds > 0 or workers < 1:
        raise InputError(f"seconds = {seconds} and workers = {workers} must be positive")
    start = strash(aig)
    search = _Search(start.combinational(), goal, seconds * workers, seed, order, progress)
    search.run(workers)
    allowed = max(60.0, 10 * seconds) if proof_seconds is None else proof_seconds
    began = time.monotonic()
    best, proof = _proved(search, allowed)
    result = start.with_logic(best.fanins, best.outputs) if proof else start
    top = search.best.aig
    return Optimized(
        result,
        start.num_ands,
        start.depth,
        result.num_ands,
        result.depth,
        bool(proof),
        proof or "the input itself",
        search.spent,
        time.monotonic() - began,
        tuple(search.log),
        find_abc() is not None,
        top.num_ands if goal.key(top) < goal.key(result) else None,
    )


def search_from(
    starts: list[Aig],
    goal: Objective,
    *,
    seconds: float,
    seed: int,
    workers: int,
    accept: Callable[[Aig], bool],
    progress: Callable[[Step], object] | None = None,
    cares: Sequence[int] | None = None,
) -> tuple[Aig, tuple[Step, ...], float]:
    """Search from several circuits of one function, the best first; prove nothing.

    Args:
        starts: At least one.
        goal: What is to become small.
        seconds: Processor time, of all workers.
        seed: Where chance starts.
        workers: How many recipes run at a time.
        accept: Says of a circuit whether it is right; those that are not are dropped.
        progress: Called after each step.
        cares: Per output the table of where its value matters; by default everywhere.

    Returns:
        The best circuit, the log, and the processor time.
    """
    search = _Search(starts[0], goal, seconds, seed, "learned", progress)
    search.accept = accept
    search.cares = cares
    for aig in starts[1:]:
        search._take(_Candidate(aig))
    search.improved = True
    search.run(workers)
    return search.best.aig, tuple(search.log), search.spent


class _Search:
    """The candidates so far, and the loop that makes more of them."""

    def __init__(
        self,
        aig: Aig,
        goal: Objective,
        budget: float,
        seed: int,
        order: str,
        progress: Callable[[Step], object] | None,
    ) -> None:
        self.root = _Candidate(aig)
        self.elite = [self.root]
        self.goal = goal
        self.budget = budget
        self.seed = seed
        self.progress = progress
        self.log: list[Step] = []
        self.improved = False
        # Fewer ANDs in ever deeper circuits would be of no use to anybody who maps them.
        self._most_levels = max(aig.depth + 2, int(_DEEPER * aig.depth))
        self.accept: Callable[[Aig], bool] | None = None
        self.cares: Sequence[int] | None = None
        self._children = 0.0
        self._busy: set[str] = set()
        self._began = time.process_time()
        self._deadline = time.monotonic() + _BUSY_WALL * budget + 10
        self._lock = threading.Lock()
        self._recipes = {recipe.name: recipe for recipe in usable()}
        self._pieces = {name: steps for name, steps in PIECES.items() if find_abc()}
        self._random = order == "random"
        table = {} if self._random else learned(goal.name)
        self._bandits: dict[str, Bandit] = {}
        self._table = table

    @property
    def best(self) -> _Candidate:
        return self.elite[0]

    @property
    def spent(self) -> float:
        return self._children + time.process_time() - self._began

    @property
    def left(self) -> float:
        if time.monotonic() > self._deadline:
            return 0.0
        return self.budget - self.spent

    def run(self, workers: int) -> None:
        if not self.root.aig.num_ands or not self._recipes:
            return
        failures: list[BaseException] = []

        def work(number: int) -> None:
            try:
                rng = random.Random(self.seed * 1009 + number)
                while self.left > _LEAST_SECONDS and self.best.aig.num_ands:
                    if not self._once(rng):
                        return
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(workers)]
        for thread in threads[1:]:
            thread.start()
        self._opening(self.budget / workers)
        work(0)
        for thread in threads[1:]:
            thread.join()
        if failures:
            raise failures[0]

    def _bandit(self, ands: int) -> Bandit:
        state = f"{size_class(ands)}/{'polished' if self.improved else 'fresh'}"
        if state not in self._bandits:
            prior = {RESYNTHESIS: RESYNTHESIS_PRIOR} | self._table.get(state, {})
            self._bandits[state] = Bandit(prior, spread=8.0 if self._random else 0.5)
        return self._bandits[state]

    def _once(self, rng: random.Random) -> bool:
        """Choose a candidate and an arm, run it, and take note; False where nothing is left."""
        with self._lock:
            source = self.best
            if len(self.elite) > 1 and rng.random() < 0.25:
                source = rng.choice(self.elite[1:])
            arms = self._arms(source)
            if not arms:
                source = self.best
                source.tried.clear()
                arms = self._arms(source, any_time=True)
            if not arms:
                return False
            bandit = self._bandit(source.aig.num_ands)
            arm = bandit.choose(sorted(arms), rng)
            left = self.left
            if arm in self._recipes and not self._recipes[arm].anytime:
                source.tried.add(arm)
        if arm == RESYNTHESIS:
            made, used = self._walk(source, left, rng)
        elif arm in self._recipes:
            made, used = self._whole(source, self._recipes[arm], left, rng)
        else:
            made, used = self._by_windows(source, arm, left, rng)
        self._record(arm, made, used, source, bandit)
        return True

    def _record(
        self,
        arm: str,
        made: list[_Candidate],
        used: float,
        source: _Candidate,
        bandit: Bandit | None,
    ) -> None:
        """Take note of what was made, and of what it gained."""
        if self.accept is not None:
            made = [candidate for candidate in made if self.accept(candidate.aig)]
        with self._lock:
            if arm != RESYNTHESIS:  # which runs in this process, whose time counts anyway
                self._children += used
            gain = 0.0
            for candidate in made:
                gain = max(gain, self.goal.gain(self.best.aig, candidate.aig))
            for candidate in made:
                self._take(candidate)
            if bandit is not None:
                bandit.told(arm, gain, max(used, 0.01))
            shown = min((c.aig for c in made), key=self.goal.key, default=source.aig)
            self._note(arm, used, shown)

    def _opening(self, seconds: float) -> None:
        """Do what pays on nearly every circuit: ``dc2`` again and again, one long ``&deepsyn``.

        A long run of ``&deepsyn`` from the input finds more than short ones from elsewhere.
        """
        dc2, deep = self._recipes.get("dc2"), self._recipes.get("deepsyn")
        root, ands = self.root, self.root.aig.num_ands
        if self._random or self.accept is not None or dc2 is None or deep is None:
            return
        if 1e-6 * dc2.us_per_and * ands * _AGAIN <= _DC2_SHARE * seconds:
            made = run_steps(root.aig, [dc2] * _AGAIN, seconds=2 * _DC2_SHARE * seconds)
            found = [_Candidate(item, root) for item in made.circuits]
            self._record("dc2 again", found, made.seconds, root, None)
        whole = int(_DEEP_SHARE * seconds)
        if whole >= 1 and ands <= _DEEP_ANDS and self.goal.name != "levels":
            made = run_steps(
                root.aig, [deep], seconds=whole + 1, share=(whole + 0.01) / (whole + 1)
            )
            found = [_Candidate(item, root) for item in made.circuits]
            self._record("long deepsyn", found, made.seconds, root, None)

    def _arms(self, source: _Candidate, *, any_time: bool = False) -> list[str]:
        """Return what can be done to a candidate in the time that is left."""
        ands, left = source.aig.num_ands, self.left
        arms = []
        for name, recipe in self._recipes.items():
            needed = 1.0 if recipe.anytime else 1e-6 * recipe.us_per_and * ands
            if name in source.tried or (recipe.anytime and ands > _DEEP_ANDS):
                continue
            if needed <= left or any_time:
                arms.append(name)
        narrow = source.aig.num_inputs <= MOST_INPUTS and ands <= MOST_ANDS
        if narrow and self.goal.name != "levels":
            arms.append(RESYNTHESIS)
        if self.goal.name != "levels" and ands > 150:
            arms += [name for name in self._pieces if left > 1.0 or any_time]
        return arms

    def _whole(
        self, source: _Candidate, recipe: Recipe, left: float, rng: random.Random
    ) -> tuple[list[_Candidate], float]:
        limit = left
        chain = [recipe]
        if recipe.anytime:
            limit = min(left, max(1.2, 0.3 * self.budget))
        elif recipe.engine == "abc" and self.goal.name != "levels" and not self._random:
            # What it opens, the next one closes.
            chain.append(BY_NAME["compress2rs"])
        aig = shuffled(source.aig, rng) if source is not self.root else source.aig
        seed = rng.randrange(100) if source is not self.root else 0
        made = run_steps(aig, chain, seconds=limit, share=0.85, seed=seed)
        return [_Candidate(item, source) for item in made.circuits], made.seconds

    def _walk(
        self, source: _Candidate, left: float, rng: random.Random
    ) -> tuple[list[_Candidate], float]:
        before = time.thread_time()
        seconds = min(left, max(0.5, 0.12 * self.budget))
        made = resynthesize(
            source.aig,
            seconds=seconds,
            seed=rng.randrange(1 << 30),
            cares=self.cares,
            most_levels=None if self.cares is not None else self._most_levels,
        )
        return [_Candidate(made, source)], time.thread_time() - before

    def _by_windows(
        self, source: _Candidate, arm: str, left: float, rng: random.Random
    ) -> tuple[list[_Candidate], float]:
        piece = self._pieces[arm]
        windows = cut(source.aig, piece.ands, rng)
        limit = min(left, max(2.0, 0.3 * self.budget))
        count = max(1, int(limit / piece.seconds))
        chosen = rng.sample(range(len(windows)), min(count, len(windows)))
        made = run_pieces({at: windows[at].logic for at in chosen}, piece.steps, seconds=limit)
        better = {
            at: logic
            for at, logic in made.circuits.items()
            if self.goal.key(logic) < self.goal.key(windows[at].logic)
        }
        if not better:
            return [], made.seconds
        whole = put_back(source.aig, windows, better)
        pairs = tuple((windows[at].logic, logic) for at, logic in better.items())
        return [_Candidate(whole, source, pairs)], made.seconds

    def _take(self, candidate: _Candidate) -> None:
        key = self.goal.key(candidate.aig)
        if key < self.goal.key(self.best.aig):
            self.improved = True
        if any(key == self.goal.key(item.aig) for item in self.elite):
            # As good, and another start for what comes next.
            same = next(i for i, x in enumerate(self.elite) if self.goal.key(x.aig) == key)
            if structural_hash(self.elite[same].aig) != structural_hash(candidate.aig):
                self.elite[same] = candidate
            return
        self.elite.append(candidate)
        self.elite.sort(key=lambda item: self.goal.key(item.aig))
        del self.elite[_ELITE:]

    def _note(self, arm: str, used: float, made: Aig) -> None:
        best = self.best.aig
        step = Step(arm, used, self.spent, made.num_ands, made.depth, best.num_ands, best.depth)
        self.log.append(step)
        if self.progress is not None:
            self.progress(step)


def _proved(search: _Search, seconds: float) -> tuple[Aig, str]:
    """Return the best circuit that can be proved, and what proved it; "" where none can."""
    best = search.best
    if best is search.root:
        return best.aig, "structure"
    whole = check_equivalence(search.root.aig, best.aig, seconds=0.5 * seconds)
    if whole.answer == "equivalent":
        return best.aig, whole.method
    if whole.answer == "different":  # a fault of a program; its work is thrown away
        return search.root.aig, ""
    chain: list[_Candidate] = []
    here: _Candidate | None = best
    while here is not None and here.parent is not None:
        chain.append(here)
        here = here.parent
    reached, left = search.root.aig, 0.5 * seconds
    done = 0
    for link in reversed(chain):
        began = time.process_time()
        pairs = link.pairs or ((link.parent.aig, link.aig),) if link.parent else ()
        share = left / max(1, len(chain) - done) / max(1, len(pairs))
        if any(not check_equivalence(a, b, seconds=share).equivalent for a, b in pairs):
            break
        done += 1
        reached = link.aig
        left -= time.process_time() - began
    if done and search.goal.key(reached) < search.goal.key(search.root.aig):
        return reached, f"{done} steps, one by one"
    return search.root.aig, ""
