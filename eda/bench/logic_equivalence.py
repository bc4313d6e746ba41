"""``eda bench logic``, equivalence: mutated EPFL circuits whose answer is known."""

from __future__ import annotations

import random
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from eda.aig import read_aiger
from eda.bench.mutants import KINDS, SAME, mutant
from eda.bench.table import Table
from eda.logic.equivalence import check_equivalence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from eda.bench.resume import Kept

PAIRS = 200
QUICK_PAIRS = 42
QUICK_ANDS = 3000
SECONDS = 30.0


def equivalence_table(
    folder: Path, *, full: bool, seed: int, log: Callable[[str], object], kept: Kept
) -> Table:
    """Return the verdicts on mutated circuits."""
    sizes = {path: read_aiger(path).num_ands for path in sorted(folder.glob("*.aig"))}
    most = 60_000 if full else QUICK_ANDS
    paths = [path for path, ands in sizes.items() if ands <= most]
    rng = random.Random(seed)
    seen: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(PAIRS if full else QUICK_PAIRS):
        kind, path = KINDS[number % len(KINDS)], rng.choice(paths)
        key = f"cec/{path.stem}/{kind}/{number}/{seed}"
        found = kept.get(key, partial(_one, path, kind, seed * 1000 + number))
        log(f"{path.stem} {kind}: {found['answer']} by {found['method'] or 'nothing'}")
        seen[kind][found["verdict"]] += 1
        seen[kind][found["method"]] += 1
        times[kind].append(found["seconds"])
    rows = []
    for kind in KINDS:
        count = sum(seen[kind][name] for name in ("right", "wrong", "unknown"))
        methods = [
            f"{seen[kind][name]} {name}"
            for name in sorted(seen[kind])
            if name not in ("right", "wrong", "unknown", "")
        ]
        rows.append(
            (
                kind,
                "equal" if kind in SAME else "different",
                count,
                seen[kind]["right"],
                seen[kind]["unknown"],
                seen[kind]["wrong"],
                max(times[kind], default=0.0),
                ", ".join(methods),
            )
        )
    return Table(
        "Equivalence of mutated EPFL circuits",
        ("mutation", "truth", "pairs", "right", "unknown", "wrong", "longest, s", "found by"),
        tuple(rows),
        (
            f"up to {most} ANDs; {SECONDS:g} s of processor time a pair; a counterexample counts "
            "as right only if the simulator confirms it",
            "minterm: one output turned for one single assignment of the inputs it depends on",
        ),
    )


def _one(path: Path, kind: str, seed: int) -> dict[str, Any]:
    aig = read_aiger(path)
    made = mutant(aig, kind, random.Random(seed))
    verdict = check_equivalence(aig, made.aig, seconds=SECONDS, seed=seed)
    if verdict.answer == "unknown":
        told = "unknown"
    elif (verdict.answer == "equivalent") == made.same:
        told = "right"
    else:
        told = "wrong"
    return {
        "answer": verdict.answer,
        "method": verdict.method,
        "verdict": told,
        "seconds": verdict.seconds,
    }
