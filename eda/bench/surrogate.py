"""``eda bench surrogate``: the neural simulator beside baselines, in one run.

The quick form learns from 100 designs of each case and from 400 of the case that we ship;
``--full`` simulates 2,300 designs of every case, which are kept, and goes on where it was.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.surrogate_baselines import NAMES, baseline
from eda.bench.surrogate_tables import PARAMETERS, table_rows
from eda.bench.table import Table, render, result_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.spice import Case
    from eda.surrogate import CaseModel

    Floats = NDArray[np.float64]

FEW: Final = 100
QUICK_DESIGNS: Final = 400
FULL_DESIGNS: Final = 2300
TESTED: Final = 300
AHEAD: Final = ("ugbw_hz", "gain_db", "power_w")
OURS: Final = "ours"
EQUATIONS: Final = "ours without networks"

__all__ = ["render", "run"]


def run(
    *, full: bool = False, seed: int = 0, log: Callable[[str], None] | None = None
) -> Mapping[str, Any]:
    """Measure, and return the tables."""
    say = log or (lambda _: None)
    cases = _cases(full, say)
    few, ranks, unseen, many, speed = [], [], [], [], []
    for case, designs, metrics in cases:
        say(f"{case.name}: {len(designs)} designs")
        model, zero = _unseen_model(case)
        rows, rank, fitted, tuned = _few(zero, designs, metrics, seed)
        few += rows
        ranks.append(rank)
        unseen += _never_simulated(zero, designs, metrics)
        if len(designs) >= QUICK_DESIGNS:
            many += _many(model, designs, metrics, seed)
        speed.append(_speed(fitted, tuned))
    tables = [
        Table(
            f"{FEW} simulations of a circuit that no network was trained on",
            ("case", "metric", "ours", "without networks", *NAMES, "in 90 %"),
            tuple(few),
            (
                "R2 on designs that work; logarithms of powers, frequencies, times and offsets",
                "in 90 %: share of them, in per cent, inside our intervals",
            ),
        ),
        _ranks(ranks),
        Table(
            "Not one simulation: circuits and technologies that no network was trained on",
            ("case", "metric", "network", "equations alone", "in 90 %"),
            tuple(unseen),
            (
                "the network that answers never saw the circuit's topology; of gf180 and sky130 "
                "none saw the technology either",
            ),
        ),
        Table(
            "Many simulations",
            ("case", "metric", "designs", "R2", "in 90 %", "AUC dead or alive"),
            tuple(many),
        ),
        Table(
            "Time",
            ("case", "us a design", "ms for one", "ms ngspice", "s to begin", "replaced, %"),
            tuple(speed),
            (
                "us a design: in batches of 1,000: equations, networks and heads, one core; "
                "s to begin: reading the case and fine-tuning; processor time",
                "replaced: share of ngspice's time for 2,000 designs that is saved, with 100 of them "
                "simulated and everything counted",
            ),
        ),
        _tables(full, seed, say),
    ]
    return result_of("surrogate", [table for table in tables if table.rows], full=full, seed=seed)


def _cases(full: bool, say: Callable[[str], None]) -> list[tuple[Case, Floats, Floats]]:
    """Return cases with designs and metrics: golden tables, or designs that are simulated."""
    from eda.datasets.corpora import cache_folder
    from eda.datasets.surrogate import shared_cases
    from eda.spice.case_golden import read_golden
    from eda.spice.case_reader import example_case
    from eda.surrogate import build_data

    made = []
    for case in (example_case(), *shared_cases()):
        golden = read_golden(case)
        if full or len(golden) < 2 * FEW:
            count = FULL_DESIGNS if full else QUICK_DESIGNS
            folder: Path = cache_folder() / "surrogate"
            folder.mkdir(parents=True, exist_ok=True)
            if not full and len(golden) >= 60:
                count = 0
            if count:
                say(f"simulating {count} designs of {case.name}")
                data = build_data(case, count=count, out=folder / f"{case.name}-{count}.npz")
                order = np.random.default_rng(0).permutation(len(data))
                made.append((case, data.designs[order], data.metrics[order]))
                continue
        made.append(
            (
                case,
                np.array([list(row.design.values()) for row in golden]),
                np.array([list(row.metrics.values()) for row in golden]),
            )
        )
    return made


def _unseen_model(case: Case) -> tuple[CaseModel, CaseModel]:
    """Return the shipped model of a case, and one of only networks that never saw its topology."""
    from eda.surrogate import load_surrogate
    from eda.surrogate.samples import topology_of

    model = load_surrogate().for_case(case)
    if model.ensemble is None or model.reader is None:
        return model, model
    return model, replace(
        model, ensemble=model.ensemble.without(case.name, topology_of(model.reader))
    )


def _r2(truth: Floats, said: Floats) -> float:
    return 1.0 - float(((said - truth) ** 2).mean() / truth.var())


def _few(
    model: CaseModel, designs: Floats, metrics: Floats, seed: int
) -> tuple[list[tuple[Any, ...]], tuple[str, dict[str, float]], CaseModel, float]:
    """Return R2 by metric and model after a few simulations, mean ranks, our model, its time."""
    from scipy.stats import rankdata

    from eda.surrogate.designs import to_unit
    from eda.surrogate.evaluate import score
    from eda.surrogate.scales import is_alive, is_defined, learned

    case = model.case
    count = min(FEW, len(designs) // 2)
    train, test = slice(0, count), slice(count, count + TESTED)
    ok = np.isfinite(metrics[train]).all(axis=1)
    alive, there = is_alive(case, metrics), is_defined(case, metrics)
    truth = learned(case, metrics)
    begun = time.process_time()
    fitted = model.fit_arrays(designs[train], metrics[train], ok, seed=seed)
    tuned = time.process_time() - begun
    said = fitted.predict(designs[test])
    intervals = score(fitted, said, metrics[test])
    blind = replace(model, ensemble=None).fit_arrays(designs[train], metrics[train], ok, seed=seed)
    answers = {
        OURS: learned(case, said.value),
        EQUATIONS: learned(case, blind.predict(designs[test]).value),
    }
    unit = to_unit(case, designs)
    usable = there[train] & alive[train, None]
    for name in NAMES:
        y = np.where(usable, truth[train], np.nan)
        answers[name] = baseline(name, unit[train], y, unit[test], seed=seed)
    rows, ranks = [], []
    for at, metric in enumerate(case.metrics):
        live = (alive & there[:, at])[test]
        scores = {k: _r2(truth[test][live, at], v[live, at]) for k, v in answers.items()}
        rows.append((case.name, metric, *scores.values(), 100 * intervals.metrics[at].coverage))
        ranks.append(rankdata([-value for value in scores.values()]))
    mean = np.mean(ranks, axis=0)
    rank = (case.name, dict(zip(answers, map(float, mean), strict=True)))
    return rows, rank, fitted, tuned


def _ranks(found: list[tuple[str, dict[str, float]]]) -> Table:
    names = list(found[0][1]) if found else []
    rows = [(case, *(ranks[name] for name in names)) for case, ranks in found]
    if found:
        rows.append(("all", *(float(np.mean([r[name] for _, r in found])) for name in names)))
    return Table("Mean rank over metrics, 1 is best", ("case", *names), tuple(rows))


def _never_simulated(model: CaseModel, designs: Floats, metrics: Floats) -> list[tuple[Any, ...]]:
    from eda.surrogate.evaluate import evaluate

    some = slice(0, TESTED)
    network = evaluate(model, designs[some], metrics[some])
    plain = evaluate(replace(model, ensemble=None), designs[some], metrics[some])
    return [
        (model.case.name, one.metric, one.r2, two.r2, 100 * one.coverage)
        for one, two in zip(network.metrics, plain.metrics, strict=True)
    ]


def _many(model: CaseModel, designs: Floats, metrics: Floats, seed: int) -> list[tuple[Any, ...]]:
    from eda.surrogate.evaluate import evaluate

    held = min(TESTED, len(designs) // 4)
    ok = np.isfinite(metrics[held:]).all(axis=1)
    fitted = model.fit_arrays(designs[held:], metrics[held:], ok, seed=seed)
    found = evaluate(fitted, designs[:held], metrics[:held])
    return [
        (model.case.name, item.metric, len(designs) - held, item.r2, 100 * item.coverage, found.auc)
        for item in found.metrics
    ]


def _speed(fitted: CaseModel, tuned: float) -> tuple[Any, ...]:
    from eda.surrogate import load_surrogate
    from eda.surrogate.designs import as_mappings, from_unit

    case = fitted.case
    rows = from_unit(
        case, np.random.default_rng(1).uniform(size=(1000, len(case.design_parameters)))
    )
    start = _seconds(lambda: load_surrogate().for_case(case))
    batch = _seconds(lambda: fitted.predict(rows)) / len(rows)
    one = _seconds(lambda: fitted.predict(rows[:1]))
    simulated = case.simulate(as_mappings(case, rows[:12]), workers=1, cache=False)
    ngspice = float(np.median([result.seconds for result in simulated]))
    used = start + tuned + 2000 * batch + FEW * ngspice
    return (
        case.name,
        1e6 * batch,
        1e3 * one,
        1e3 * ngspice,
        start + tuned,
        100 * (1 - used / (2000 * ngspice)),
    )


def _seconds(action: Callable[[], object]) -> float:
    """Return the processor time that an action takes, in s."""
    begun = time.process_time()
    action()
    return time.process_time() - begun


def _tables(full: bool, seed: int, say: Callable[[str], None]) -> Table:
    from eda.datasets import data_folder

    home = data_folder()
    rows: list[tuple[Any, ...]] = []
    folder = None if home is None else home / "sizing" / "aicircuit"
    if folder is not None and folder.is_dir():
        for name in PARAMETERS:
            say(f"table {name}")
            size = {"rows": 100_000, "epochs": 150, "members": 3} if full else QUICK_TABLE
            rows += table_rows(folder, name, seed=seed, **size)
    return Table(
        "Tables of AICircuit: parameters to metrics, no deck",
        ("table", "metric", "ours", "MLP here", "MLP noted"),
        tuple(rows),
        (
            "R2 on a fifth of the rows, held out"
            + ("" if full else f"; quick form: {QUICK_TABLE['rows']:,} rows a table"),
        ),
    )


QUICK_TABLE: Final = {"rows": 3000, "epochs": 40, "members": 1}
