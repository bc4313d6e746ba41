"""``eda bench filters``: ways to design a filter, on masks that nobody has tuned for."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np

from eda.agents.filter_methods import METHODS, Outcome, run_method
from eda.agents.filter_specs import random_spec
from eda.bench.filters_speed import speed_table
from eda.bench.printed import printed_tables
from eda.bench.table import Cell, Table, render, result_of
from eda.datasets.corpora import data_folder
from eda.errors import SimulationError
from eda.filters.deck import write_deck
from eda.filters.design import design_circuit, keeps_limits
from eda.filters.montecarlo import monte_carlo_yield, tolerances, wilson
from eda.filters.policy import FOLDER, Policy, read_policy, shipped_policy
from eda.filters.search import Design, Search
from eda.filters.spec import FilterSpec
from eda.filters.spec_reader import read_spec
from eda.filters.verify import verify_deck

__all__ = ["render", "run"]

SEEDS: Final = (101, 102, 103)
WORKERS: Final = 2
BUDGET: Final = 3000
QUICK: Final = 3
FULL: Final = 20
_GROUPS: Final = (
    ("lumped_lc", "standard"),
    ("lumped_lc", "hard"),
    ("active_rc", "standard"),
    ("active_rc", "hard"),
)
_TRIALS: Final = 200

Log = Callable[[str], object]


@dataclass(frozen=True)
class Row:
    """One mask designed in one way.

    Attributes:
        method: The way.
        group: Technology and tier.
        mask: Which mask, the same number in every way.
        solved: Whether ngspice confirms the delivered deck, and the limits are kept.
        evaluations: Calls and gradients that were spent.
        simulations: Runs of ngspice, the verification included.
        seconds: Time without the verification.
        margin_db: As simulated.
        parts: Parts of the circuit.
        batch: Monte-Carlo yield; None where not solved.
    """

    method: str
    group: tuple[str, str]
    mask: int
    solved: bool
    evaluations: int
    simulations: int
    seconds: float
    margin_db: float
    parts: int
    batch: float | None


def run(
    *,
    full: bool = False,
    seed: int = 0,
    data: Path | None = None,
    count: int | None = None,
    methods: Sequence[str] = tuple(METHODS),
    executor: Executor | None = None,
    log: Log = lambda text: None,
) -> dict[str, Any]:
    """Measure ways to design filters.

    Args:
        full: Twenty masks of each kind and seed instead of three.
        seed: Added to the three seeds that draw the masks.
        data: Folder of the corpora; by default what ``EDA_DATA`` names. Without it the table of
            the development specifications is left out.
        count: Masks of each kind and seed, instead of those.
        methods: Which ways.
        executor: Where masks are worked on; by default two processes. It is shut down at the end.
        log: Called with what is being done.
    """
    policy, _ = _nets()
    able = [name for name in methods if policy is not None or not _needs_net(name)]
    masks = list(draw_masks(count or (FULL if full else QUICK), seed))
    jobs = [
        (number, group, spec, at, tuple(able)) for number, (group, spec, at) in enumerate(masks)
    ]
    rows: list[Row] = []
    with executor or ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        for found in pool.map(mask_rows, jobs):
            rows += found
            log(f"{found[0].mask + 1} of {len(masks)} masks: {' '.join(found[0].group)}")
        printed = printed_tables(pool, full=full, seed=seed, count=count, log=log)
    tables = [*tables_of_rows(rows, able), *printed, speed_table()]
    folder = data if data is not None else data_folder()
    if folder is not None and (folder / "filters" / "index.json").is_file():
        tables.append(development_table(folder / "filters", log))
    return result_of("filters", tables, full=full, seed=seed)


Job = tuple[int, tuple[str, str], FilterSpec, int, tuple[str, ...]]


def mask_rows(job: Job) -> list[Row]:
    """Return what every way makes of one mask."""
    number, group, spec, seed, methods = job
    policy, clone = _nets()
    nets = {} if policy is None else {"policy": policy, "clone": clone or policy}
    return [
        judged(name, group, number, spec, run_method(name, spec, seed=seed, budget=BUDGET, **nets))
        for name in methods
    ]


def _nets() -> tuple[Policy | None, Policy | None]:
    clone = FOLDER / "clone"
    return shipped_policy(), read_policy(clone) if clone.is_dir() else None


def _needs_net(name: str) -> bool:
    return name.startswith("policy") or name == "supervised inverse net"


def draw_masks(count: int, seed: int) -> Iterator[tuple[tuple[str, str], FilterSpec, int]]:
    """Yield technology and tier, a mask, and the seed that drew it."""
    for base in SEEDS:
        for group in _GROUPS:
            for at in range(count):
                random = np.random.default_rng([base + seed, at, *map(len, group), hash_of(group)])
                spec = random_spec(random, technology=group[0], tier=group[1], name=f"m{at}")
                yield group, spec, base + seed


def hash_of(group: tuple[str, str]) -> int:
    """Return a number for a group that is the same in every process."""
    return _GROUPS.index(group)


def judged(name: str, group: tuple[str, str], mask: int, spec: FilterSpec, outcome: Outcome) -> Row:
    """Have ngspice judge what a way delivers."""
    spent, calls = outcome.ledger.evaluations, 0
    if outcome.topology is None:
        return Row(name, group, mask, False, spent, 0, outcome.seconds, -999.0, 0, None)
    design = Design(outcome.topology, np.log(outcome.values), 0.0, 0.0, name, name != "textbook")
    margin = -999.0
    with tempfile.TemporaryDirectory(prefix="eda-bench-") as folder:
        deck = Path(folder) / "filter.cir"
        deck.write_text(write_deck(spec, design.topology, outcome.values), encoding="utf-8")
        try:
            calls = 1
            margin = verify_deck(deck, spec, points=101).margin_db
        except SimulationError:
            margin = -999.0
    # A textbook's values are of no series; it is judged by the mask alone.
    solved = margin >= 0 and (name == "textbook" or keeps_limits(spec, design))
    batch = None
    if solved:
        batch = monte_carlo_yield(
            Search(spec).coarse,
            design.topology,
            design.log_values,
            tolerances(spec, design.topology),
            trials=_TRIALS,
            seed=1,
        ).share
    size = design.topology.size
    return Row(name, group, mask, solved, spent, calls, outcome.seconds, margin, size, batch)


_COLUMNS: Final = (
    *("way", "solved", "95 %", "evaluations", "simulations", "seconds", "margin / dB"),
    *("parts", "yield"),
)


def tables_of_rows(rows: Sequence[Row], methods: Sequence[str]) -> Iterator[Table]:
    """Yield a table of all masks, and one of each technology and tier."""
    yield _table("Ways to design a filter, all masks", rows, methods, _notes(rows))
    for group in _GROUPS:
        inside = [row for row in rows if row.group == group]
        yield _table(f"{group[0]}, {group[1]}", inside, methods, ())


def _table(
    title: str, rows: Sequence[Row], methods: Sequence[str], notes: tuple[str, ...]
) -> Table:
    by_method: Mapping[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_method[row.method].append(row)
    made: list[tuple[Cell, ...]] = []
    for name in methods:
        own = by_method[name]
        solved = [row for row in own if row.solved]
        low, high = wilson(len(solved), len(own))
        made.append(
            (
                name,
                f"{len(solved)}/{len(own)}",
                f"{low:.0%}-{high:.0%}",
                _median([row.evaluations for row in own]),
                _median([row.simulations for row in own]),
                _median([row.seconds for row in own]),
                _median([row.margin_db for row in solved]),
                _median([row.parts for row in solved]),
                _mean([row.batch for row in solved if row.batch is not None]),
            )
        )
    return Table(title, _COLUMNS, tuple(made), notes)


def _median(values: Sequence[float]) -> float | None:
    return float(statistics.median(values)) if values else None


def _mean(values: Sequence[float]) -> float | None:
    return float(statistics.fmean(values)) if values else None


def _notes(rows: Sequence[Row]) -> tuple[str, ...]:
    notes = [
        "masks are drawn around known designs: standard beside rounded textbook filters, hard "
        "0.15 dB beside what L-BFGS and exchanges make of them; 3 seeds",
        f"at most {BUDGET} evaluations each: every call of the evaluator and every gradient",
        "solved: ngspice, on the delivered deck, with every limit; seconds, evaluations, margin, "
        "parts: medians, the last two of solved masks; yield: mean of solved masks",
        "textbook: values of no series, so its row says what rounding costs",
    ]
    both = _equal_parts(rows, "policy + refine", "L-BFGS multistart")
    if both:
        ours, theirs = zip(*both, strict=True)
        notes.append(
            f"where policy + refine and L-BFGS need equally many parts ({len(both)} masks): "
            f"yield {statistics.fmean(ours):.2f} and {statistics.fmean(theirs):.2f}"
        )
    return tuple(notes)


def _equal_parts(rows: Sequence[Row], first: str, second: str) -> list[tuple[float, float]]:
    one = {row.mask: row for row in rows if row.method == first and row.batch is not None}
    two = {row.mask: row for row in rows if row.method == second and row.batch is not None}
    return [
        (one[mask].batch or 0.0, two[mask].batch or 0.0)
        for mask in sorted(set(one) & set(two))
        if one[mask].parts == two[mask].parts
    ]


def development_table(folder: Path, log: Log) -> Table:
    """Return what the command makes of the lumped and active development specifications."""
    made: list[tuple[Cell, ...]] = []
    took = []
    for path in sorted(folder.glob("*.json")):
        if path.name in ("index.json", "baselines.json"):
            continue
        spec = read_spec(path)
        if spec.technology == "microstrip":
            continue
        log(f"{spec.id}")
        begun = time.perf_counter()
        result = design_circuit(spec)
        took.append(time.perf_counter() - begun)
        made.append(
            (
                spec.id,
                spec.tier,
                "yes" if result.solved else f"no {result.impossible}",
                result.margin_db,
                result.topology.name,
                result.topology.size,
                result.batch.share,
                result.ledger.evaluations,
                took[-1],
            )
        )
    done = sum(row[2] == "yes" for row in made)
    return Table(
        f"Development specifications: {done} of {len(made)} solved",
        ("spec", "tier", "solved", "margin / dB", "circuit", "parts", "yield", "evaluations", "s"),
        tuple(made),
        (
            f"eda design-filter with its defaults; median {statistics.median(took):.2f} s"
            if took
            else "none found",
            "used for tuning; the tables above are of masks that were not",
        ),
    )
