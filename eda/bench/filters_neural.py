"""``eda bench filters-neural``: the neural simulator against openEMS, beside the closed forms.

The filters were solved before (:mod:`eda.datasets.printed`); none that is measured was learned
from, and of some no filter of their order was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.bench.table import Cell, Table, render, result_of
from eda.datasets.printed import SHIPPED, PrintedRecord, load
from eda.datasets.printed_training import solved_of
from eda.filters.microstrip.network import scattering, sizes_of
from eda.filters.neural.circuit import corrected_scattering
from eda.filters.neural.closed import closed_forms
from eda.filters.neural.corrections import published
from eda.filters.neural.graph import graph_of
from eda.filters.neural.measures import (
    Band,
    band_of,
    error_db,
    levels_db,
    one_factor,
)
from eda.filters.neural.simulator import neural_scattering
from eda.filters.neural.weights import NeuralWeights, load_weights

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure", "render", "run"]

POINTS: Final = 401
_QUICK: Final = 12
"""Filters of each part that the quick form takes."""

_FINE: Final = 4
"""Times as many points where centre and bandwidth are read."""

_COARSE: Final = 4
"""Every so many points are enough to fit a factor that is then learned."""

_DRAWS: Final = 2000
_WAYS: Final = (
    "closed forms",
    "closed forms, one factor predicted by a linear regression",
    "closed forms, one factor fitted to each answer",
    "closed forms, published discontinuities, all pairs",
    "neural simulator",
)

_PUBLISHED: Final = {
    "trained orders": "1.69 and 2.17",
    "order never trained": "3.69",
}
"""What Circuit-GNN states in dB, of other filters at other frequencies (G. Zhang, H. He and
D. Katabi, ICML 2019), after 375,000 layouts."""

_PARTS: Final = (
    "trained orders",
    "order never trained",
    "open loops",
    "resonators beside a line",
)

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Log = Callable[[str], object]


@dataclass
class Errors:
    """What was measured of one way, a number for each filter.

    Attributes:
        db: Mean difference of |S21| above -40 dB.
        centre: Relative error of the centre, or of a low-pass's edge; nan where there is none.
        width: Relative error of the bandwidth; nan where there is none.
        ms: Time for one design.
        active: Frequencies at which power was made.
    """

    db: list[float] = field(default_factory=list)
    centre: list[float] = field(default_factory=list)
    width: list[float] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    active: int = 0


def run(
    *, full: bool = False, seed: int = 0, data: Path | None = None, log: Log = lambda text: None
) -> dict[str, Any]:
    """Measure on filters that were not learned from.

    Args:
        full: All of them instead of some of each part.
        seed: Of the intervals, and of which filters the quick form takes.
        data: Folder of the solved filters; by default those that are shipped.
        log: Called with what is being done.

    Raises:
        DatasetError: There are no solved filters.
        WeightsError: There are no weights.
    """
    records = load(data if data is not None else SHIPPED)
    tested = [record for record in records if record.split == "test"]
    parts = {name: [one for one in tested if part_of(one) == name] for name in _PARTS}
    rng = np.random.default_rng(seed)
    weights = load_weights()
    learned = Regression.of([record for record in records if record.split == "train"])
    tables, curves, rows = [], [], []
    for name, members in parts.items():
        if not members:
            continue
        if not full and len(members) > _QUICK:
            members = [members[at] for at in sorted(rng.permutation(len(members))[:_QUICK])]
        found = {way: Errors() for way in _WAYS}
        for record in members:
            measured(record, found, learned, weights)
            log(f"{name}: {record.family}, order {record.order}, index {record.index}")
        tables.append(table(name, members, found, rng))
        rows += kind_rows(members, found)
        curves += shown(name, members, found, weights)
    tables.append(kinds_table(rows))
    return result_of("filters-neural", tables, full=full, seed=seed, curves=curves)


def part_of(record: PrintedRecord) -> str:
    """Return which table a filter belongs to."""
    if record.family == "open_loop":
        return _PARTS[2]
    if (record.family, record.response) == ("edge_coupled", "bandstop"):
        return _PARTS[3]
    return _PARTS[int(record.order_unseen)]


def shown(
    name: str, records: Sequence[PrintedRecord], found: dict[str, Errors], weights: NeuralWeights
) -> list[dict[str, Any]]:
    """Return curves of one filter of each family: that with the median error of its family."""
    errors = found[_WAYS[-1]].db
    made = []
    for family in sorted({record.family for record in records}):
        own = sorted((error, at) for at, error in enumerate(errors) if records[at].family == family)
        error, at = own[(len(own) - 1) // 2]
        record = records[at]
        frequency, full = _even(record)
        foreseen = neural_scattering([record.layout], record.board, frequency, weights=weights)
        levels = (_closed(record)(frequency), foreseen.s21[0], full)
        made.append(
            {
                "title": f"{family}, order {record.order}, {name}: {error:.2f} dB",
                "frequency_hz": frequency.tolist(),
                "levels_db": [levels_db(level).round(3).tolist() for level in levels],
            }
        )
    return made


def figure(result: Mapping[str, Any]) -> Figure:
    """Return what closed forms, neural simulator and openEMS say of some filters.

    Args:
        result: As `run` returns it.
    """
    from matplotlib.figure import Figure

    from eda.plots.style import COLOURS, INK, dress

    curves = result["curves"]
    rows = -(-len(curves) // 2)
    drawn = Figure(figsize=(10.0, 3.2 * rows), layout="constrained")
    axes = drawn.subplots(rows, 2, squeeze=False)
    looks = (
        ("closed forms", COLOURS[0], "--", 1.1),
        ("neural simulator", COLOURS[1], "-", 1.8),
        ("openEMS", INK, ":", 1.8),
    )
    for ax, item in zip(axes.flat, curves, strict=False):
        for level, (label, colour, style, width) in zip(item["levels_db"], looks, strict=True):
            ax.plot(
                item["frequency_hz"], level, color=colour, linestyle=style, lw=width, label=label
            )
        ax.set_ylim(-60.0, 3.0)
        ax.set_xlim(item["frequency_hz"][0], item["frequency_hz"][-1])
        dress(ax, x_unit="Hz")
        ax.set_title(item["title"], fontsize=10, color=INK)
        ax.set_ylabel("|S21| / dB")
    for ax in axes.flat[len(curves) :]:
        ax.set_axis_off()
    axes.flat[0].legend(frameon=False, fontsize=9, labelcolor=INK)
    return drawn


@dataclass(frozen=True)
class Regression:
    """A linear regression of the factor on the frequency by what a filter is as a whole."""

    weights: Real
    mean: Real
    scale: Real

    @staticmethod
    def inputs(record: PrintedRecord) -> Real:
        """Return numbers of a whole filter."""
        high = 1e3 * record.board.height_m
        strips = record.layout.strips
        widths = np.log([strip.width_mm / high for strip in strips])
        lengths = np.log([strip.length_mm / high for strip in strips])
        gaps = [np.log(record.layout.gap_mm(pair) / high) for pair in record.layout.coupled]
        families = ("hairpin", "edge_coupled", "stub", "stepped_impedance", "open_loop")
        return np.array(
            [
                *(float(record.family == family) for family in families),
                *(float(record.family == family) * widths.mean() for family in families),
                *(float(record.family == family) * lengths.mean() for family in families),
                record.order,
                np.log(record.board.er),
                widths.min(),
                lengths.min(),
                float(np.mean(gaps)) if gaps else 0.0,
                float(any(strip.name.startswith("t1") for strip in strips)),
            ]
        )

    @classmethod
    def of(cls, records: Sequence[PrintedRecord]) -> Regression:
        """Return the regression of filters whose answers are known."""
        inputs = np.array([cls.inputs(record) for record in records])
        wanted = []
        for record in records:
            frequency, full = _even(record)
            factor, _ = one_factor(_closed(record), frequency[::_COARSE], full[::_COARSE])
            wanted.append(np.log(factor))
        mean, scale = inputs.mean(0), inputs.std(0) + 1e-6
        x = np.column_stack([np.ones(len(inputs)), (inputs - mean) / scale])
        ridge = np.eye(x.shape[1])
        ridge[0, 0] = 0.0
        return cls(np.linalg.solve(x.T @ x + ridge, x.T @ np.array(wanted)), mean, scale)

    def factor(self, record: PrintedRecord) -> float:
        """Return the factor for a filter."""
        x = (self.inputs(record) - self.mean) / self.scale
        return float(np.exp(self.weights[0] + x @ self.weights[1:]))


def _even(record: PrintedRecord) -> tuple[Real, Complex]:
    frequency = np.linspace(record.frequency_hz[0], record.frequency_hz[-1], POINTS)
    return frequency, solved_of([record])[0].at(frequency)[:, 1, 0]


def _closed(record: PrintedRecord) -> Callable[[Real], Complex]:
    sizes = sizes_of(record.layout)

    def respond(frequency_hz: Real) -> Complex:
        found: Complex = scattering(record.layout, sizes, frequency_hz, record.board).s21[0]
        return found

    return respond


def measured(
    record: PrintedRecord,
    found: dict[str, Errors],
    learned: Regression,
    weights: NeuralWeights,
) -> None:
    """Measure every way on one filter."""
    frequency, full = _even(record)
    fine = np.linspace(frequency[0], frequency[-1], _FINE * (POINTS - 1) + 1)
    wanted = band_of(fine, solved_of([record])[0].at(fine)[:, 1, 0], record.response)
    closed = _closed(record)
    graph = graph_of(record.layout, 1e3 * record.board.height_m)
    scale = one_factor(closed, frequency, full)[0]
    predicted = learned.factor(record)

    def textbook(at: Real) -> Any:
        forms = closed_forms(record.layout, graph, record.board, at)
        return corrected_scattering(graph, forms, published(graph, forms))

    def neural(at: Real) -> Any:
        return neural_scattering([record.layout], record.board, at, weights=weights)

    ways: tuple[Callable[[Real], Complex], ...] = (
        closed,
        lambda at: closed(predicted * at),
        lambda at: closed(scale * at),
        lambda at: textbook(at).s21[0],
        lambda at: neural(at).s21[0],
    )
    for way, respond in zip(_WAYS, ways, strict=True):
        errors = found[way]
        errors.db.append(error_db(respond(frequency), full))
        band = band_of(fine, respond(fine), record.response)
        errors.centre.append(_relative(band, wanted, "centre_hz"))
        errors.width.append(_relative(band, wanted, "width_hz"))
        begun = time.perf_counter()
        respond(frequency[::4])
        errors.ms.append(1e3 * (time.perf_counter() - begun))
    for way, both in ((_WAYS[3], textbook), (_WAYS[4], neural)):
        s = both(fine)
        power = np.abs(s.s11[0]) ** 2 + np.abs(s.s21[0]) ** 2
        found[way].active += int((power > 1 + 1e-9).sum())


def _relative(band: Band | None, wanted: Band | None, name: str) -> float:
    if band is None or wanted is None or getattr(wanted, name) == 0:
        return float("nan")
    return float(getattr(band, name) / getattr(wanted, name) - 1)


def table(
    name: str,
    records: Sequence[PrintedRecord],
    found: dict[str, Errors],
    rng: np.random.Generator,
) -> Table:
    """Return the table of one part."""
    rows: list[tuple[Cell, ...]] = []
    for way, errors in found.items():
        low, high = interval(np.array(errors.db), rng)
        rows.append(
            (
                way,
                round(float(np.mean(errors.db)), 2) if errors.db else None,
                f"{low:.2f} to {high:.2f}",
                round(float(np.median(errors.db)), 2) if errors.db else None,
                _percent(errors.centre),
                _percent(errors.width),
                round(float(np.median(errors.ms)), 1) if errors.ms else None,
                errors.active if way in _WAYS[3:] else None,
            )
        )
    kinds = sorted({f"{record.family} {record.order}" for record in records})
    return Table(
        f"|S21| against openEMS: {name} ({len(records)} filters)",
        (
            *("way", "mean / dB", "95 %", "median / dB", "centre", "bandwidth"),
            *("ms a design", "active points"),
        ),
        tuple(rows),
        (
            f"{', '.join(kinds)}",
            f"mean difference of |S21| at {POINTS} even frequencies where either is above -40 dB",
            "centre and bandwidth: mean (median) error at 3 dB, low-passes by their edge",
            f"ms: {1 + POINTS // 4} frequencies, one design at a time; intervals: bootstrap",
            *(
                [f"Circuit-GNN (2019) states {_PUBLISHED[name]} dB of other filters"]
                if name in _PUBLISHED
                else []
            ),
        ),
    )


def kind_rows(
    records: Sequence[PrintedRecord], found: Mapping[str, Errors]
) -> list[tuple[Cell, ...]]:
    """Return a row for each family, response and order."""
    kinds: dict[tuple[str, str, int, bool], list[int]] = {}
    for at, record in enumerate(records):
        kind = (record.family, record.response, record.order, record.order_unseen)
        kinds.setdefault(kind, []).append(at)
    rows: list[tuple[Cell, ...]] = []
    for (family, response, order, unseen), rows_of in sorted(kinds.items()):
        means = [
            round(float(np.mean([found[way].db[at] for at in rows_of])), 2)
            for way in (_WAYS[0], _WAYS[2], _WAYS[4])
        ]
        rows.append((family, response, order, "no" if unseen else "", len(rows_of), *means))
    return rows


def kinds_table(rows: Sequence[tuple[Cell, ...]]) -> Table:
    """Return the means of every kind of filter."""
    return Table(
        "|S21| against openEMS by kind, mean / dB",
        (
            *("family", "response", "order", "trained", "filters"),
            *("closed forms", "best factor", "neural simulator"),
        ),
        tuple(rows),
        ("best factor: one factor on the frequency, fitted to each answer",),
    )


def interval(values: Real, rng: np.random.Generator) -> tuple[float, float]:
    """Return the 95 % interval of a mean, by drawing filters anew."""
    if not len(values):
        return float("nan"), float("nan")
    means = values[rng.integers(len(values), size=(_DRAWS, len(values)))].mean(1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def _percent(values: Sequence[float]) -> str:
    """Return mean and median of sizes, in percent."""
    known = 100 * np.abs([value for value in values if np.isfinite(value)])
    return f"{known.mean():.2f} % ({np.median(known):.2f} %)" if len(known) else ""
