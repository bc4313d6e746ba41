"""Printed filters in ``eda bench filters``: ways to design one, on masks that nobody tuned for."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import numpy as np

from eda.agents.printed_methods import PRINTED_METHODS, PrintedOutcome, run_printed
from eda.agents.printed_specs import KINDS, Kind, printed_spec
from eda.bench.table import Cell, Table
from eda.filters.mask import coarse_mask
from eda.filters.microstrip.design import confirmed
from eda.filters.microstrip.etching import USUAL, etching_yield
from eda.filters.montecarlo import wilson
from eda.filters.spec import FilterSpec

SEEDS: Final = (201, 202, 203)
BUDGET: Final = 3000
TIERS: Final = ("standard", "hard")
QUICK: Final = 1
"""Seeds of the quick form; all with ``--full``, and several masks of each kind."""

FULL: Final = 4
_TRIALS: Final = 50
OURS: Final = "linear programs"
_MODEL: Final = "closed forms"


@dataclass(frozen=True)
class Row:
    """One mask designed in one way.

    Attributes:
        method: The way.
        tier: Of the mask.
        kind: Name of the kind of mask.
        mask: Which mask, the same number in every way.
        solved: Whether the closed forms and ngspice on the deck keep the mask, and the layout all
            limits.
        evaluations: Calls and gradients that were spent.
        simulations: Runs of ngspice.
        seconds: Time without them.
        margin_db: The smaller of both margins.
        area_mm2: Of the footprint.
        family: Of the layout.
        batch: Share of etched boards that keep the mask; None where not solved.
    """

    method: str
    tier: str
    kind: str
    mask: int
    solved: bool
    evaluations: int
    simulations: int
    seconds: float
    margin_db: float
    area_mm2: float
    family: str
    batch: float | None


Job = tuple[int, str, Kind, FilterSpec, int, tuple[str, ...]]


def printed_tables(
    pool: Executor,
    *,
    full: bool,
    seed: int,
    count: int | None = None,
    methods: Sequence[str] = tuple(PRINTED_METHODS),
    log: Callable[[str], object] = lambda text: None,
) -> list[Table]:
    """Return the tables of printed filters.

    Args:
        pool: Where masks are worked on.
        full: All seeds, and several masks of each kind.
        seed: Added to the seeds that draw the masks.
        count: Masks of each kind, tier and seed, instead of those.
        methods: Which ways.
        log: Called with what is being done.
    """
    seeds = SEEDS if full else SEEDS[:QUICK]
    each = count if count is not None else (FULL if full else 1)
    jobs = [(*item, tuple(methods)) for item in draw_printed(seeds, each, seed)]
    rows: list[Row] = []
    for found in pool.map(printed_rows, jobs):
        rows += found
        log(f"{found[0].mask + 1} of {len(jobs)} printed masks: {found[0].kind}")
    return list(tables_of(rows, methods))


def draw_printed(
    seeds: Sequence[int], count: int, seed: int
) -> Iterator[tuple[int, str, Kind, FilterSpec, int]]:
    """Yield number, tier, kind, a mask, and the seed that drew it."""
    number = 0
    for base in seeds:
        for tier in TIERS:
            for at, kind in enumerate(KINDS):
                for turn in range(count):
                    random = np.random.default_rng([base + seed, TIERS.index(tier), at, turn])
                    name = f"p{number}"
                    yield number, tier, kind, printed_spec(random, kind, tier=tier, name=name), base
                    number += 1


def printed_rows(job: Job) -> list[Row]:
    """Return what every way makes of one mask."""
    number, tier, kind, spec, seed, methods = job
    return [
        judged(
            name, tier, kind.name, number, spec, run_printed(name, spec, seed=seed, budget=BUDGET)
        )
        for name in methods
    ]


def judged(
    name: str, tier: str, kind: str, mask: int, spec: FilterSpec, outcome: PrintedOutcome
) -> Row:
    """Have ngspice judge the deck of what a way delivers."""
    spent, design = outcome.ledger.evaluations, outcome.design
    if design is None:
        return Row(name, tier, kind, mask, False, spent, 0, outcome.seconds, -999.0, 0.0, "", None)
    # A textbook's sizes are on no grid; it is judged by the mask and the other limits.
    broken = [text for text in design.broken if name != "textbook" or "on the grid" not in text]
    margin, simulations = design.margin_db, 0
    if margin >= 0 and not broken:
        verified, _ = confirmed(spec, spec.printed, design.layout, outcome.ledger, None)
        margin = min(margin, verified.margin_db)
        simulations = outcome.ledger.simulations
    solved = margin >= 0 and not broken
    batch = None
    if solved:
        batch = etching_yield(
            spec, spec.printed, design.layout, coarse_mask(spec), trials=_TRIALS, seed=1
        ).share
    wide, high = design.layout.footprint_mm
    return Row(
        *(name, tier, kind, mask, solved, spent, simulations, outcome.seconds, margin),
        *(wide * high, design.layout.family, batch),
    )


_COLUMNS: Final = (
    *("way", "solved", "95 %", "evaluations", "simulations", "seconds", "margin / dB"),
    *("area / mm2", "yield"),
)


def tables_of(rows: Sequence[Row], methods: Sequence[str]) -> Iterator[Table]:
    """Yield a table of each tier, and one of the kinds of mask."""
    for tier in TIERS:
        inside = [row for row in rows if row.tier == tier]
        yield Table(
            f"Printed filters, {tier} masks",
            _COLUMNS,
            tuple(_line(name, [row for row in inside if row.method == name]) for name in methods),
            _NOTES if tier == TIERS[0] else (),
        )
    yield _kinds(rows)


def _line(name: str, own: Sequence[Row]) -> tuple[Cell, ...]:
    solved = [row for row in own if row.solved]
    low, high = wilson(len(solved), len(own))
    return (
        name,
        f"{len(solved)}/{len(own)}",
        f"{low:.0%}-{high:.0%}",
        _median([row.evaluations for row in own]),
        _median([row.simulations for row in own]),
        _median([row.seconds for row in own]),
        _median([row.margin_db for row in solved]),
        _median([row.area_mm2 for row in solved]),
        statistics.fmean(row.batch or 0.0 for row in solved) if solved else None,
    )


def _kinds(rows: Sequence[Row]) -> Table:
    """Return what the last way makes of each kind of mask, and which families it takes."""
    made: list[tuple[Cell, ...]] = []
    ours = [row for row in rows if row.method == OURS]
    for kind in dict.fromkeys(row.kind for row in ours):
        own = [row for row in ours if row.kind == kind]
        families = Counter(row.family for row in own if row.solved)
        made.append(
            (
                kind,
                *(
                    f"{sum(row.solved for row in own if row.tier == tier)}"
                    f"/{sum(row.tier == tier for row in own)}"
                    for tier in TIERS
                ),
                _median([row.seconds for row in own]),
                _median([row.margin_db for row in own if row.solved]),
                ", ".join(f"{family} {count}" for family, count in families.most_common()),
            )
        )
    columns = ("mask", *TIERS, "seconds", "margin / dB", "families of the solved")
    return Table(f"Printed filters by kind, {OURS}", columns, tuple(made))


def _median(values: Sequence[float]) -> float | None:
    return float(statistics.median(values)) if values else None


_NOTES: Final = (
    "masks: 13 kinds moved to other frequencies and boards, bandwidths and footprints changed; "
    "hard: less loss, more attenuation, 55 to 90 % of the footprint; none is known to be possible",
    f"at most {BUDGET} evaluations each: every call of the closed forms and every slope",
    f"solved: {_MODEL} and ngspice on the deck keep the mask, the layout every limit; textbook: "
    "sizes on no grid",
    "seconds, evaluations: medians of all; margin, area: of the solved; yield: mean of the solved, "
    f"{_TRIALS} boards each, {1e3 * USUAL.etch_mm:g} um of etching, {USUAL.permittivity:.1%} of "
    f"permittivity, {USUAL.height:.0%} of thickness",
)
