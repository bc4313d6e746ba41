"""``eda bench logic``, embeddings: equal signals against proofs, and variants found again."""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.aig import AigBuilder, read_aiger, strash
from eda.bench.table import Table
from eda.logic.abc import find_abc
from eda.logic.embedding import embed, equal_signals, mine_equal, nearness, prove_equal, signatures
from eda.logic.engine import run_pieces
from eda.logic.recipes import RESYN2

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.aig import Aig
    from eda.bench.resume import Kept

PAIRS: Final = 60
QUICK: Final = ("ctrl", "router", "int2float", "cavlc")


def embed_table(
    folder: Path, *, full: bool, seed: int, log: Callable[[str], object], kept: Kept
) -> Table:
    """Return average precision of equal signals, and how variants are found again."""
    paths = sorted(folder.glob("*.aig"))
    most = 60_000 if full else 3000
    small = [path for path in paths if read_aiger(path).num_ands <= most]
    names = [path.stem for path in small] if full else list(QUICK)
    labels, scores, refined, unknown = [], [], [], 0
    for path in small:
        if path.stem not in names:
            continue
        found = kept.get(f"equal/{path.stem}/{seed}", partial(_pairs, path, seed))
        log(f"{path.stem}: {len(found['labels'])} pairs")
        labels += found["labels"]
        scores += found["scores"]
        refined += found["refined"]
        unknown += found["unknown"]
    rows: list[tuple[Any, ...]] = [
        (
            "equal signals, by signature",
            len(labels),
            f"{sum(labels)} equal, {unknown} left out because unknown",
            average_precision(labels, scores),
        ),
        (
            "the same, counterexamples added",
            len(labels),
            "as eda embed --prove does it",
            average_precision(labels, refined),
        ),
    ]
    if find_abc() is not None:
        for recipe, script in (
            ("resyn2", RESYN2),
            ("dc2", "dc2"),
            ("SOP balancing", "if -g -K 6; strash"),
        ):
            hits = kept.get(
                f"variants/{recipe}/{most}/{seed}", partial(_retrieved, small, script, seed)
            )
            rows.append(
                (
                    f"the {recipe} variant found among all",
                    hits["count"],
                    "share at rank 1",
                    hits["hits"] / max(1, hits["count"]),
                )
            )
    return Table(
        "Embeddings",
        ("what", "count", "", "value"),
        tuple(rows),
        (
            "equal signals: average precision of likeness of signatures in 8192 patterns, over "
            "pairs proved equal or different by SAT, half of them near misses",
            "the circuits are doubled by other logic beforehand, so that there is something to "
            "find; graph networks in the literature: .41 to .65",
        ),
    )


def _pairs(path: Path, seed: int) -> dict[str, Any]:
    """Return pairs of signals with their likeness, and whether SAT says that they are equal."""
    aig = _doubled(read_aiger(path), seed)
    values = signatures(aig, seed=seed)
    rng = random.Random(seed)
    chosen: list[tuple[int, int]] = []
    classes = equal_signals(aig, seed=seed)
    same = [(members[0], other) for members in classes for other in members[1:]]
    chosen += rng.sample(same, min(PAIRS // 2, len(same)))
    # Near misses: of many random pairs those whose signatures are most alike, and not the same.
    first = aig.first_and
    tries = []
    for _ in range(4000):
        a, b = rng.randrange(first, aig.num_variables), rng.randrange(1, aig.num_variables)
        if a != b:
            distance = int(np.bitwise_count(values[a] ^ values[b]).sum())
            flip = distance > 32 * values.shape[1]
            tries.append((min(distance, 64 * values.shape[1] - distance), 2 * a, 2 * b + flip))
    near = sorted({item for item in tries if item[0]})[: PAIRS // 2]
    chosen += [(a, b) for _, a, b in near]
    answers = prove_equal(aig, chosen, seconds=60.0)
    mined = mine_equal(aig, seconds=60.0, seed=seed).values
    labels, scores, refined = [], [], []
    for pair, answer in zip(chosen, answers, strict=True):
        if answer == "unknown":
            continue
        labels.append(answer == "equivalent")
        scores.append(_likeness(values, pair))
        refined.append(_likeness(mined, pair))
    return {
        "labels": labels,
        "scores": scores,
        "refined": refined,
        "unknown": answers.count("unknown"),
    }


def _likeness(values: NDArray[np.uint64], pair: tuple[int, int]) -> float:
    """Return the share of patterns in which two literals agree."""
    a, b = pair
    flipped = values[a >> 1] ^ values[b >> 1]
    if (a ^ b) & 1:
        flipped = ~flipped
    differing = int(np.bitwise_count(flipped).sum())
    return 1 - differing / (64 * int(values.shape[1]))


def _doubled(aig: Aig, seed: int) -> Aig:
    """Return a circuit beside another form of itself, on the same inputs."""
    other = aig
    if find_abc() is not None:
        made = run_pieces({0: aig}, RESYN2, seconds=30.0)
        other = made.circuits.get(0, aig)
    both = AigBuilder(aig.num_inputs)
    for form in (aig, other):
        for literal in both.copy(form, both.inputs):
            both.output(literal)
    return strash(both.build())


def _retrieved(paths: list[Path], script: str, seed: int) -> dict[str, int]:
    circuits = [read_aiger(path) for path in paths]
    made = run_pieces(dict(enumerate(circuits)), script, seconds=120.0)
    known = [embed(aig, seed=seed) for aig in circuits]
    hits = 0
    for at, variant in made.circuits.items():
        mine = embed(variant, seed=seed)
        hits += int(np.argmax([nearness(mine, other) for other in known])) == at
    return {"count": len(made.circuits), "hits": hits}


def average_precision(labels: list[bool], scores: list[float]) -> float | None:
    """Return the average precision; pairs of one score count as one rank."""
    total = sum(labels)
    if not total:
        return None
    groups: dict[float, list[bool]] = {}
    for label, score in zip(labels, scores, strict=True):
        groups.setdefault(score, []).append(label)
    seen = right = 0
    value = 0.0
    for score in sorted(groups, reverse=True):
        members = groups[score]
        seen += len(members)
        right += sum(members)
        value += sum(members) / total * right / seen
    return value
