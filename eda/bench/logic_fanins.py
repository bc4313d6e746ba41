"""``eda bench logic``, open fanins: the hidden signal among 50, by rules and by the network."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.aig import read_aiger, strash
from eda.bench.table import Table
from eda.logic.fanin_features import Surroundings, features, neighbours
from eda.logic.fanin_model import load_fanin_model
from eda.logic.open_fanins import CANDIDATES, draw_queries, hide

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.bench.resume import Kept
    from eda.logic.open_fanins import Queries

MOST: Final = 200
"""Hidden fanins that are asked for in a circuit."""

QUICK_BYTES: Final = 300_000
"""Files larger than this are left to ``full``."""

RULES: Final = ("random", "level", "level + sibling", "the same, unread first")
_RESAMPLED: Final = 2000


def fanin_table(
    folder: Path, *, full: bool, seed: int, log: Callable[[str], object], kept: Kept
) -> Table:
    """Return mean reciprocal ranks on each circuit of a folder, none of which was learned from.

    Args:
        folder: The EPFL circuits.
        full: The largest too, and three hidings of each instead of one.
        seed: Draws what is hidden.
        log: Called with what is being done.
        kept: What was measured before.
    """
    rows: list[tuple[Any, ...]] = []
    for path in sorted(folder.glob("*.aig")):
        if not full and path.stat().st_size > QUICK_BYTES:
            continue
        for number in range(seed, seed + (3 if full else 1)):
            found = kept.get(f"fanins/{path.stem}/{number}", partial(_one, path, number))
            rows.append((path.stem, found["asked"], *found["mrr"], *found["hits"], found["turned"]))
        log(f"{path.stem}: {found['mrr'][-1]:.3f}")
    values = np.array([row[2:] for row in rows])
    names = [row[0] for row in rows]
    best = values[:, 1:4].max(axis=1)
    ours = values[:, 4]
    told = [
        f"mean over circuits, MRR: network {_interval(ours, names)}; "
        f"{RULES[2]} {_interval(values[:, 2], names)}; "
        f"{RULES[3]} {_interval(values[:, 3], names)}",
        f"Hits@1: network {_interval(values[:, 6], names)}; "
        f"{RULES[2]} {_interval(values[:, 5], names)}",
        f"MRR of the network less that of the best rule of each circuit: "
        f"{_interval(ours - best, names)}",
        "95 % intervals: circuits drawn again with replacement",
        f"{CANDIDATES} candidates: no loop, levels near that of the true one; a tenth of all "
        "fanins hidden at once; ties count as their mean",
    ]
    rows.append(("mean", sum(row[1] for row in rows), *values.mean(axis=0).tolist()))
    return Table(
        "Open fanins: mean reciprocal rank of the hidden signal",
        (
            "circuit",
            "asked",
            *RULES,
            "network",
            f"Hits@1, {RULES[2]}",
            "Hits@1, network",
            "inverter right",
        ),
        tuple(rows),
        tuple(told),
    )


def _interval(values: NDArray[np.float64], names: list[str]) -> str:
    """Return the mean over circuits with its interval."""
    per_circuit = np.array(
        [
            np.mean([value for value, own in zip(values, names, strict=True) if own == name])
            for name in sorted(set(names))
        ]
    )
    rng = np.random.default_rng(0)
    drawn = per_circuit[rng.integers(0, len(per_circuit), (_RESAMPLED, len(per_circuit)))]
    low, high = np.quantile(drawn.mean(axis=1), (0.025, 0.975))
    return f"{per_circuit.mean():.3f} ({low:.3f} to {high:.3f})"


def _one(path: Path, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    aig = strash(read_aiger(path).combinational())
    asked = draw_queries(hide(aig, rng), rng, most=MOST)
    around = Surroundings(asked.opened, seed)
    scores = load_fanin_model().scores(features(around, asked.asked, asked.candidates))
    best = scores.max(axis=-1, keepdims=True)
    whole = np.log(np.exp(scores - best).sum(axis=-1)) + best[..., 0]
    by_rule = [*_rules(asked, around), whole.astype(np.float64)]
    ranks = [reciprocal_ranks(item) for item in by_rule]
    firsts = [first_places(item) for item in by_rule]
    turned = scores[:, 0, 1] > scores[:, 0, 0]
    return {
        "asked": len(asked.asked),
        "mrr": [float(item.mean()) for item in ranks],
        "hits": [float(firsts[2].mean()), float(firsts[-1].mean())],
        "turned": float((turned == asked.inverted).mean()),
    }


def _rules(asked: Queries, around: Surroundings) -> list[NDArray[np.float64]]:
    """Return the scores of `RULES`.

    Sibling: how many ANDs read the candidate beside the sibling, how many ANDs read beside the
    open one read the candidate, and whether both are read beside a third. Level breaks its ties.
    """
    levels = asked.opened.aig.levels
    other = asked.opened.siblings[asked.asked] >> 1
    level = -np.abs(levels[asked.candidates] - levels[other][:, None]).astype(np.float64)
    near = neighbours(around, asked.asked, asked.candidates)
    sibling = near["together"].sum(-1) + near["brothers"].sum(-1) + (near["second"][..., 0] > 0)
    unread = around.fanouts[asked.candidates] == 0
    both = 1e6 * sibling + level
    return [np.zeros(level.shape), level, both, both + 1e6 * unread]


def reciprocal_ranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the expected reciprocal rank of the first of each row, ties in any order.

    Example:
        >>> reciprocal_ranks(np.array([[1.0, 0.0, 2.0], [1.0, 1.0, 0.0]])).tolist()
        [0.5, 0.75]
    """
    above = (scores[:, 1:] > scores[:, :1]).sum(axis=1)
    equal = (scores[:, 1:] == scores[:, :1]).sum(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, scores.shape[1] + 1))])
    expected: NDArray[np.float64] = (sums[above + equal + 1] - sums[above]) / (equal + 1)
    return expected


def first_places(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how likely the first of each row comes first, ties in any order."""
    above = (scores[:, 1:] > scores[:, :1]).sum(axis=1)
    equal = (scores[:, 1:] == scores[:, :1]).sum(axis=1)
    likely: NDArray[np.float64] = np.where(above, 0.0, 1 / (equal + 1))
    return likely
