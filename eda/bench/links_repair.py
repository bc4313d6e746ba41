"""P2 and P3: several holes filled together, and a wrong wire found among all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eda.bench.links_data import interval
from eda.bench.table import Table
from eda.links.protocols import Wiring, fill_holes, find_wrong_wire

if TYPE_CHECKING:
    from eda.bench.links_data import BenchData

FULL_REPEATS = 5


def holes_table(bench: BenchData) -> Table:
    """Return precision and recall of the wiring when a share of the pins is opened."""
    samples = bench.cut(bench.test("drawn"))
    repeats = FULL_REPEATS if bench.full else 1
    rows: list[tuple[Any, ...]] = []
    for share in (0.1, 0.2):
        for name, alone in (
            ("each pin for itself", True),
            ("settled jointly", False),
        ):
            found = []
            for at, sample in enumerate(samples):
                total = Wiring()
                for repeat in range(repeats):
                    rng = np.random.default_rng((bench.seed, at, repeat, round(100 * share)))
                    total += fill_holes(sample, share, bench.models, rng, joint=not alone)
                found.append(total)
            rows.append(_holes_row(f"{share:.0%} of the pins opened: {name}", found, bench.seed))
    return Table(
        "P2 several holes at once (drawn, held out)",
        ("holes", "precision", "recall", "95 %", "pins"),
        tuple(rows),
        (
            "precision: of the nets proposed; recall: of the pins opened; intervals by drawing"
            " circuits anew",
        ),
    )


def audit_table(bench: BenchData) -> Table:
    """Return how high a moved pin ranks among all pins of its circuit."""
    samples = bench.cut(bench.test("drawn"))
    repeats = FULL_REPEATS if bench.full else 1
    found = []
    for at, sample in enumerate(samples):
        for repeat in range(repeats):
            rng = np.random.default_rng((bench.seed, at, repeat))
            wire = find_wrong_wire(sample, bench.some_models(), rng)
            if wire is not None:
                found.append(wire)
    rows: list[tuple[Any, ...]] = []
    for name, above in (
        ("margin to the best other net", np.array([wire.above for wire in found])),
        ("probability of the net", np.array([wire.above_by_probability for wire in found])),
    ):
        rng = np.random.default_rng(bench.seed)
        drawn = 1 - rng.choice(above, (1000, len(above))).mean(axis=1)
        rows.append(
            (
                name,
                round(float(1 - above.mean()), 4),
                interval(np.quantile(drawn, (0.025, 0.975))),
                round(float(np.median(above)), 4),
                round(float((above <= 0.02).mean()), 4),
                round(float((above == 0.0).mean()), 4),
                len(found),
            )
        )
    rows.append(("by chance", 0.5, None, 0.5, 0.02, None, None))
    return Table(
        "P3 audit: one pin moved to a wrong net, found among all pins (drawn, held out)",
        (
            *("suspicion", "AUC", "95 %", "median share above it", "in the first 2 %"),
            *("most suspicious of all", "circuits"),
        ),
        tuple(rows),
        (
            "share above it: of the other pins, those that look more suspicious; the circuits have"
            f" {np.median([wire.pins for wire in found]):.0f} pins at the median",
        ),
    )


def _holes_row(name: str, found: list[Wiring], seed: int) -> tuple[Any, ...]:
    counts = np.array([(w.opened, w.proposed, w.right, w.proposed_right) for w in found])
    total = counts.sum(axis=0)
    rng = np.random.default_rng(seed)
    drawn = counts[rng.integers(0, len(counts), (1000, len(counts)))].sum(axis=1)
    bounds = np.quantile(drawn[:, 2] / np.maximum(drawn[:, 0], 1), (0.025, 0.975))
    return (
        name,
        round(float(total[3] / max(total[1], 1)), 4),
        round(float(total[2] / max(total[0], 1)), 4),
        interval(bounds),
        int(total[0]),
    )
