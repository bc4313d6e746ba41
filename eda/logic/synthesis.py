"""Synthesis: the smallest circuit that can be found in some time for given truth tables.

Many starts are made, each in another way (`eda.logic.starts`); the short scripts run on all of
them, the longer ones on the best few, and the portfolio of `eda.logic.optimize` on what is left.
The result is compared with the tables in every assignment before it is given out.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.aig import Aig
from eda.errors import EdaError, InputError
from eda.logic.abc import find_abc
from eda.logic.engine import run_pieces
from eda.logic.objective import Objective
from eda.logic.optimize import search_from
from eda.logic.recipes import COMPRESS2RS, RESYN2
from eda.logic.resynthesis import MOST_ANDS, MOST_INPUTS, resynthesize
from eda.logic.starts import starts

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.logic.optimize import Step
    from eda.logic.truth import Truth

_START_SHARE: Final = 0.12
_SHORT_SHARE: Final = 0.2
_LONG_SHARE: Final = 0.2
_WALK_SHARE: Final = 0.2
_LONG_MOST: Final = 3
_SHORT: Final = f"{COMPRESS2RS}; {RESYN2}; {COMPRESS2RS}"


@dataclass(frozen=True, slots=True)
class Synthesized:
    """What `synthesize` returns.

    Attributes:
        aig: The circuit; it has the given values in every assignment that matters.
        start: The way the start was made from which it came.
        starts: The ANDs of every start, by its way: as made, and after the short scripts.
        seconds: Processor time.
        log: What the portfolio tried.
        abc: Whether ABC was there.
    """

    aig: Aig
    start: str
    starts: dict[str, tuple[int, int]]
    seconds: float
    log: tuple[Step, ...]
    abc: bool


def synthesize(
    truth: Truth,
    *,
    seconds: float = 10.0,
    objective: str = "ands",
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[Step], object] | None = None,
) -> Synthesized:
    """Find a small circuit for truth tables of at most 16 inputs.

    Args:
        truth: What to compute; see `parse_truth`.
        seconds: Processor time, for each worker.
        objective: ``ands``, ``levels`` or their ``product``.
        seed: Where chance starts.
        workers: How many recipes run at a time in the last part.
        progress: Called after each step of it.

    Raises:
        InputError: A number is out of range.
        EdaError: The result is wrong, which would be a fault of a program.

    Example:
        >>> from eda.logic.truth import parse_truth
        >>> synthesize(parse_truth("01101001", "xor"), seconds=0.3).aig.num_ands
        6
    """
    goal = Objective(objective)
    if not seconds > 0 or workers < 1:
        raise InputError(f"seconds = {seconds} and workers = {workers} must be positive")
    began = time.process_time()
    made = dict(starts(truth, seconds=_START_SHARE * seconds, seed=seed))
    spent = time.process_time() - began
    after, used = _short(made, _SHORT_SHARE * seconds)
    spent += used
    ranked = sorted(after, key=lambda name: goal.key(after[name]))
    chosen = {name: after[name] for name in ranked[:_LONG_MOST]}
    longer, used = _long(chosen, goal, seconds)
    spent += used
    began = time.process_time()
    walked = _walked(chosen, goal, seconds, truth, seed)
    spent += time.process_time() - began
    pool = [*longer.items(), *walked.items(), *after.items(), *made.items()]
    pool = [(name, aig) for name, aig in pool if truth.met_by(aig)]
    if not pool:
        raise EdaError("no start computes its truth table; this is a bug")
    pool.sort(key=lambda item: goal.key(item[1]))
    best, log, more = search_from(
        [aig for _, aig in pool[:4]],
        goal,
        seconds=max(0.05, seconds - spent) * workers,
        seed=seed,
        workers=workers,
        progress=progress,
        accept=truth.met_by,
        cares=truth.cares,
    )
    named = Aig(
        best.num_inputs,
        fanins=best.fanins,
        outputs=best.outputs,
        input_names=truth.input_names,
        output_names=truth.output_names,
    )
    if not truth.met_by(named):
        raise EdaError("the circuit does not compute its truth table; this is a bug")
    return Synthesized(
        named,
        pool[0][0],
        {name: (aig.num_ands, after.get(name, aig).num_ands) for name, aig in made.items()},
        spent + more,
        log,
        find_abc() is not None,
    )


def _short(made: dict[str, Aig], seconds: float) -> tuple[dict[str, Aig], float]:
    """Run the short scripts on every start, the small ones first."""
    if find_abc() is None:
        return dict(made), 0.0
    names = sorted(made, key=lambda name: made[name].num_ands)
    done = run_pieces(
        {at: made[name] for at, name in enumerate(names)}, _SHORT, seconds=max(seconds, 0.5)
    )
    found = dict(made)
    for at, aig in done.circuits.items():
        if aig.num_ands < found[names[at]].num_ands:
            found[names[at]] = aig
    return found, done.seconds


def _long(chosen: dict[str, Aig], goal: Objective, seconds: float) -> tuple[dict[str, Aig], float]:
    """Run ``&deepsyn`` for a while on the best few."""
    slice_seconds = int(_LONG_SHARE * seconds / max(1, len(chosen)))
    if find_abc() is None or goal.name == "levels":
        return {}, 0.0
    while slice_seconds < 1 and len(chosen) > 2:
        chosen = dict(list(chosen.items())[:-1])
        slice_seconds = int(_LONG_SHARE * seconds / len(chosen))
    if slice_seconds < 1 or min(aig.num_ands for aig in chosen.values()) > 4000:
        return {}, 0.0
    names = list(chosen)
    done = run_pieces(
        {at: chosen[name] for at, name in enumerate(names)},
        f"&get -n; &deepsyn -T {slice_seconds}; &put",
        seconds=1.3 * slice_seconds * len(names) + 0.3,
    )
    return {f"{names[at]}": aig for at, aig in done.circuits.items()}, done.seconds


def _walked(
    chosen: dict[str, Aig], goal: Objective, seconds: float, truth: Truth, seed: int
) -> dict[str, Aig]:
    """Walk from each of the best few, where they are narrow enough."""
    if goal.name == "levels":
        return {}
    share = _WALK_SHARE * seconds / max(1, len(chosen))
    return {
        name: resynthesize(aig, seconds=share, seed=seed, cares=truth.cares)
        for name, aig in chosen.items()
        if aig.num_inputs <= MOST_INPUTS and aig.num_ands <= MOST_ANDS
    }
