"""``eda bench surrogate``: the neural simulator beside baselines, in one run.

The quick form learns from 100 designs of each case and from more of the case that we ship;
``--full`` simulates up to 2,000 designs of every case, which are kept, and goes on where it was.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.surrogate_baselines import NAMES, baseline
from eda.bench.surrogate_tables import PARAMETERS, table_rows
from eda.bench.table import Table, render, result_of
from eda.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from eda.spice import Case
    from eda.surrogate import CaseModel

    Floats = NDArray[np.float64]

FEW: Final = 100
QUICK_DESIGNS: Final = 300
TESTED: Final = 300
SHORT: Final = ("GP", "GB", "MLP", "AR")
OURS: Final = "ours"
EQUATIONS: Final = "ours without networks"

__all__ = ["render", "run"]


@dataclass(frozen=True, eq=False)
class Measured:
    """A case with simulated designs: [designs, parameters] and [designs, metrics] each.

    Attributes:
        case: The case.
        few: A hundred designs to learn from, all over the space.
        test: Designs all over the space that nothing learns from.
        many: More designs to learn from; None in the quick form where there are no more.
    """

    case: Case
    few: tuple[Floats, Floats]
    test: tuple[Floats, Floats]
    many: tuple[Floats, Floats] | None


def run(
    *, full: bool = False, seed: int = 0, log: Callable[[str], None] | None = None
) -> Mapping[str, Any]:
    """Measure, and return the tables."""
    say = log or (lambda _: None)
    few, ranks, unseen, many, speed = [], [], [], [], []
    for item in _cases(full, say):
        say(f"{item.case.name}: learning")
        model, zero = _unseen_model(item.case)
        rows, rank, fitted, tuned = _few(zero, item, seed)
        few += rows
        ranks.append(rank)
        unseen += _never_simulated(zero, item)
        many += _many(model, item, seed)
        speed.append(_speed(fitted, tuned))
    tables = [
        Table(
            f"{FEW} simulations of a circuit that no network was trained on: R2",
            ("case", "metric", "ours", "no networks", *SHORT, "in 90 %"),
            tuple(few),
            (
                "of designs that work; logarithms of powers, frequencies, times and offsets",
                "GP: Gaussian process, GB: gradient boosting, AR: autoregressive transformer",
                "in 90 %: per cent of these metrics inside our intervals",
            ),
        ),
        _ranks(ranks),
        Table(
            "Not one simulation: circuits and technologies that no network was trained on: R2",
            ("case", "metric", "ours", "equations", "in 90 %"),
            tuple(unseen),
            (
                "the networks that answer never saw the circuit's topology; of those in gf180 and "
                "sky130 none saw the technology either",
            ),
        ),
        Table(
            "Many simulations",
            ("case", "metric", "designs", "R2", "in 90 %", "AUC alive"),
            tuple(many),
        ),
        Table(
            "Time",
            ("case", "us a design", "ms for one", "ms ngspice", "s to begin", "replaced, %"),
            tuple(speed),
            (
                "us a design: in batches of 1,000, equations, networks and heads; "
                "s to begin: reading the case and fine-tuning; processor time of one core",
                "replaced: share of ngspice's time for 2,000 designs that is saved, with 100 "
                "of them simulated and everything counted",
            ),
        ),
        _tables(full, seed, say),
    ]
    return result_of("surrogate", [table for table in tables if table.rows], full=full, seed=seed)


def _cases(full: bool, say: Callable[[str], None]) -> Iterator[Measured]:
    """Yield cases: designs of golden tables, and designs that are simulated and kept."""
    from eda.datasets.surrogate import OWN_DESIGNS, SHARED, shared_cases
    from eda.spice.case_golden import read_golden
    from eda.spice.case_reader import example_case

    own = example_case()
    designs, metrics = _simulated(own, OWN_DESIGNS if full else QUICK_DESIGNS, say)
    test = TESTED if full else QUICK_DESIGNS // 3
    few = slice(test, test + FEW)
    yield Measured(
        own,
        (designs[few], metrics[few]),
        (designs[:test], metrics[:test]),
        (designs[test:], metrics[test:]),
    )
    for case in shared_cases():
        rows = read_golden(case)
        x = np.array([list(row.design.values()) for row in rows])
        y = np.array([list(row.metrics.values()) for row in rows])
        count = min(FEW, len(rows) // 2)
        many = _simulated(case, SHARED[case.name], say) if full else None
        yield Measured(case, (x[:count], y[:count]), (x[count:], y[count:]), many)


def _simulated(case: Case, count: int, say: Callable[[str], None]) -> tuple[Floats, Floats]:
    from eda.datasets.corpora import cache_folder
    from eda.surrogate import build_data, load_data

    folder = cache_folder() / "surrogate"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{case.name}-{count}.npz"
    try:
        data = load_data(path, case)
    except DatasetError:
        say(f"simulating {count} designs of {case.name}")
        data = build_data(case, count=count, out=path)
    order = np.random.default_rng(0).permutation(len(data))
    return data.designs[order], data.metrics[order]


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
    model: CaseModel, item: Measured, seed: int
) -> tuple[list[tuple[Any, ...]], tuple[str, dict[str, float]], CaseModel, float]:
    """Return R2 by metric and model after a few simulations, mean ranks, our model, its time."""
    from scipy.stats import rankdata

    from eda.surrogate.designs import to_unit
    from eda.surrogate.evaluate import score
    from eda.surrogate.scales import is_alive, is_defined, learned

    case = model.case
    (x, y), (asked, truths) = item.few, item.test
    ok = np.asarray(np.isfinite(y).all(axis=1))
    truth, there = learned(case, truths), is_defined(case, truths) & is_alive(case, truths)[:, None]
    begun = time.process_time()
    fitted = model.fit_arrays(x, y, ok, seed=seed)
    tuned = time.process_time() - begun
    said = fitted.predict(asked)
    intervals = score(fitted, said, truths)
    blind = replace(model, ensemble=None).fit_arrays(x, y, ok, seed=seed)
    answers = {
        OURS: learned(case, said.value),
        EQUATIONS: learned(case, blind.predict(asked).value),
    }
    unit, tests = to_unit(case, x), to_unit(case, asked)
    usable = is_defined(case, y) & is_alive(case, y)[:, None]
    known = np.where(usable, learned(case, y), np.nan)
    for name in NAMES:
        answers[name] = baseline(name, unit, known, tests, seed=seed)
    rows, ranks = [], []
    for at, metric in enumerate(case.metrics):
        live = there[:, at]
        scores = {k: _r2(truth[live, at], v[live, at]) for k, v in answers.items()}
        rows.append((case.name, metric, *scores.values(), 100 * intervals.metrics[at].coverage))
        ranks.append(rankdata([-value for value in scores.values()]))
    mean = np.mean(ranks, axis=0)
    rank = (case.name, dict(zip(answers, map(float, mean), strict=True)))
    return rows, rank, fitted, tuned


def _ranks(found: list[tuple[str, dict[str, float]]]) -> Table:
    names = list(found[0][1]) if found else []
    rows: list[tuple[Any, ...]] = [(c, *(ranks[name] for name in names)) for c, ranks in found]
    if found:
        rows.append(("all", *(float(np.mean([r[name] for _, r in found])) for name in names)))
    return Table("Mean rank over metrics, 1 is best", ("case", *names), tuple(rows))


def _never_simulated(model: CaseModel, item: Measured) -> list[tuple[Any, ...]]:
    from eda.surrogate.evaluate import evaluate

    network = evaluate(model, *item.test)
    plain = evaluate(replace(model, ensemble=None), *item.test)
    return [
        (model.case.name, one.metric, one.r2, two.r2, 100 * one.coverage)
        for one, two in zip(network.metrics, plain.metrics, strict=True)
    ]


def _many(model: CaseModel, item: Measured, seed: int) -> list[tuple[Any, ...]]:
    from eda.surrogate.evaluate import evaluate

    if item.many is None:
        return []
    x, y = item.many
    fitted = model.fit_arrays(x, y, np.asarray(np.isfinite(y).all(axis=1)), seed=seed)
    found = evaluate(fitted, *item.test)
    return [
        (item.case.name, part.metric, len(x), part.r2, 100 * part.coverage, found.auc)
        for part in found.metrics
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
        for name in PARAMETERS if full else QUICK_TABLES:
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


QUICK_TABLES: Final = ("CVA", "CSVA")
QUICK_TABLE: Final = {"rows": 2000, "epochs": 40, "members": 1}
