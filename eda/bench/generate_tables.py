"""The tables of ``eda bench generate``, out of what was found of each circuit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eda.bench.generate_judge import distance, shares
from eda.bench.generate_makers import MAKERS, MODEL
from eda.bench.rules import wilson
from eda.bench.table import Table
from eda.topology.bigram import Bigram
from eda.topology.likelihood import circuit_bits
from eda.topology.parts import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eda.bench.generate_classifier import Classifier
    from eda.bench.generate_judge import Sized, Verdict
    from eda.datasets.topologies import TopologyData, TopologyRecord
    from eda.topology.weights import Weights

Groups = dict[str, dict[str, list["Verdict"]]]
"""What was found of each circuit, by maker and type."""

BUDGET = 200
"""Simulations that a sizing may take."""


def share(hits: int, total: int) -> str:
    """Return a share with its interval, as ``93.3 % (78.7-98.2)``."""
    low, high = wilson(hits, total)
    return f"{100 * hits / max(total, 1):.1f} % ({100 * low:.1f}-{100 * high:.1f})"


def main_table(
    groups: Groups, seconds: Mapping[str, float], training: Sequence[TopologyRecord]
) -> Table:
    """Return validity, novelty, simulations, sizes and speed, a column for each maker."""
    rows: list[tuple[str, ...]] = []

    def row(title: str, hit: Callable[[Verdict], bool | None], reach: str) -> None:
        cells = []
        for maker in MAKERS:
            flat = [item for items in groups[maker].values() for item in items]
            cells.append(share(sum(bool(hit(item)) for item in flat), len(flat)))
        rows.append((title, *cells, reach))

    row("V0 AnalogToBi's check", lambda item: item.v0, "100 %")
    row("V1 strict rules", lambda item: item.v1, "100 %")
    row("N1 strictly new", lambda item: item.novel, ">= 90 %")
    row("uniqueness", lambda item: item.first, ">= 95 %")
    row("VN0 valid (V0) and new", lambda item: item.v0 and item.novel, ">= 95 %")
    row("VN1 valid, new, first of its class", lambda item: item.vn1, ">= 85 %")
    row("S1 operating point solved", lambda item: item.op, ">= 99 %")
    cells = []
    for maker in MAKERS:
        own = groups[maker].get("opamp", [])
        cells.append(share(sum(item.saturated is True for item in own), len(own)))
    rows.append(("S2a op-amps all saturated, default sizes", *cells, ">= 25 %"))
    cells = []
    for maker in MAKERS:
        flat = [item for items in groups[maker].values() for item in items]
        asked = [item for item in flat if item.works is not None]
        cells.append(share(sum(item.works is True for item in asked), len(asked)))
    rows.append(("pass the testbench of their type", *cells, ""))
    cells = []
    for maker in MAKERS:
        ratios, apart = _sizes(groups[maker], training)
        cells.append(f"{ratios:.2f}, {apart:.2f}")
    rows.append(("devices: median over training's; KS distance", *cells, "within 15 %"))
    cells = [f"{_kinds(groups[maker], training):.2f}" for maker in MAKERS]
    rows.append(("kinds of device: distance from training's", *cells, ""))
    cells = []
    for maker in MAKERS:
        counts = shares(groups[maker])
        total = max((len(items) for items in groups[maker].values()), default=1)
        cells.append(str(sum(20 * counts[name] >= total for name in groups[maker])))
    rows.append(("types with >= 5 % VN1", *cells, str(len(groups[MODEL]))))
    cells = []
    for maker in MAKERS:
        good = sum(shares(groups[maker]).values())
        cells.append(f"{2 * good / max(seconds[maker], 1e-9):.1f}")
    rows.append(("VN1 circuits per second, 2 cores", *cells, ">= 5"))
    many = sum(len(items) for items in groups[MODEL].values())
    return Table(
        "New circuits",
        ("metric", *MAKERS, "reach"),
        tuple(rows),
        (
            f"{many} circuits of each maker, all that were begun; 95 % intervals of Wilson",
            "kinds of device: 0 where a type is made of the same kinds as its training circuits, 1"
            " where it has none of them",
            "new: no circuit of the corpora or the training data has the hash, in which only the"
            " rails are labelled; an equal hash counts as the same circuit",
            "operating points and testbenches: level-1 models, default sizes of `eda generate`",
            "seconds: processor time of making alone, twice as many on two cores",
        ),
    )


def _sizes(
    groups: Mapping[str, Sequence[Verdict]], training: Sequence[TopologyRecord]
) -> tuple[float, float]:
    """Return the mean over types of the ratio of median sizes, and of the KS distance."""
    ratios, apart = [], []
    for name, items in groups.items():
        theirs = [len(item.topology) for item in training if item.topology.type == name]
        ours = [item.devices for item in items]
        if theirs and ours:
            ratios.append(float(np.median(ours) / np.median(theirs)))
            apart.append(distance(ours, theirs))
    return float(np.mean(ratios)), float(np.mean(apart))


def _kinds(groups: Mapping[str, Sequence[Verdict]], training: Sequence[TopologyRecord]) -> float:
    """Return the mean over types of the total variation of shares of kinds of device."""
    apart = []
    for name, items in groups.items():
        theirs = [item.topology for item in training if item.topology.type == name]
        if not theirs or not items:
            continue
        known = np.zeros(len(KINDS))
        for circuit in theirs:
            for kind, _ in circuit.devices:
                known[kind] += 1 / len(circuit)
        ours = np.sum([np.array(item.kinds) / max(item.devices, 1) for item in items], axis=0)
        apart.append(0.5 * float(np.abs(known / len(theirs) - ours / len(items)).sum()))
    return float(np.mean(apart)) if apart else 0.0


def fidelity_table(groups: Groups, classifier: Classifier, data: TopologyData) -> Table:
    """Return how many circuits have the ports of their type, and are taken for it."""
    held = data.part("validation") + data.part("test")
    guesses = classifier.predict([item.topology for item in held])
    right = [g == item.topology.type for g, item in zip(guesses, held, strict=True)]
    rows = [
        ("held-out circuits", "", share(sum(right), len(right))),
        ("held-out circuits, each type alike", "", f"{100 * _alike(held, right):.1f} %"),
    ]
    for maker in MAKERS:
        flat = [item for items in groups[maker].values() for item in items]
        asked = [item for item in flat if item.guessed is not None]
        rows.append(
            (
                maker,
                share(sum(item.ports for item in flat), len(flat)),
                share(sum(bool(item.guessed) for item in asked), len(asked)),
            )
        )
    return Table(
        "Type fidelity",
        ("circuits", "ports of the type", "taken for their type"),
        tuple(rows),
        (
            "the classifier sees structure alone, no ports, and was trained on other circuits; its"
            " accuracy on held-out ones is the first row",
        ),
    )


def _alike(held: Sequence[TopologyRecord], right: Sequence[bool]) -> float:
    """Return the mean over types of the share that was told right."""
    by_type: dict[str, list[bool]] = {}
    for item, told in zip(held, right, strict=True):
        by_type.setdefault(item.topology.type, []).append(told)
    return float(np.mean([np.mean(own) for own in by_type.values()]))


def type_table(
    groups: Mapping[str, Sequence[Verdict]], training: Sequence[TopologyRecord]
) -> Table:
    """Return what was found of one maker's circuits, type by type."""
    rows = []
    for name, items in groups.items():
        theirs = [len(item.topology) for item in training if item.topology.type == name]
        total = len(items)
        asked = [item for item in items if item.works is not None]
        rows.append(
            (
                name,
                len(theirs),
                share(sum(item.vn1 for item in items), total),
                share(sum(item.op for item in items), total),
                share(sum(item.works is True for item in asked), len(asked)) if asked else "-",
                share(sum(bool(item.guessed) for item in items), total),
                f"{np.median([item.devices for item in items]):.0f}",
                f"{np.median(theirs):.0f}" if theirs else "-",
            )
        )
    return Table(
        "The model by type",
        (
            *("type", "training circuits", "VN1", "S1", "testbench passed", "taken for it"),
            *("devices", "training's"),
        ),
        tuple(rows),
    )


def sizing_table(sized: Mapping[str, Sequence[tuple[Sized, Sized]]]) -> Table:
    """Return what sizing makes of op-amps, a row for each source."""
    rows = []
    for label, pairs in sized.items():
        total = len(pairs)
        last = [item for _, item in pairs]
        rows.append(
            (
                label,
                share(sum(item.saturated for item, _ in pairs), total),
                share(sum(item.saturated for item in last), total),
                share(sum(item.works for item in last), total),
                max((item.merit for item in last), default=0.0),
                float(np.median([item.simulations for item in last])) if last else 0.0,
            )
        )
    return Table(
        "Op-amps, sized",
        ("circuits", "S2a default", "S2b sized", "S3 works", "best merit", "simulations"),
        tuple(rows),
        (
            f"at most {BUDGET} simulations each; works: gain >= 20 dB, phase margin >= 45 degrees,"
            " gain margin > 0, 1 pF",
            "merit: unity gain (MHz) x load (pF) / power (mW), best of the row",
            "simulations: median of those that a sizing took",
        ),
    )


def likelihood_table(
    model: Weights,
    data: TopologyData,
    seed: int,
    *,
    orders: int,
    log: Callable[[str], object],
) -> Table:
    """Return bits per device of unseen circuits, by bigram grammars and by the model."""
    log("likelihood")
    held = [item.topology for item in data.part("test") if item.drawn]
    devices = np.array([len(item) for item in held])
    bits = circuit_bits(model, held, orders=orders, seed=seed).mean(axis=1)
    rows: list[tuple[str | float, ...]] = []
    base = 0.0
    for label, records in (
        ("bigram grammar, hand-drawn circuits", [r for r in data.part("train") if r.drawn]),
        ("bigram grammar, all training circuits", data.part("train")),
    ):
        bigram = Bigram()
        bigram.learn(((item.topology, 1.0) for item in records), np.random.default_rng(seed))
        own = np.array(
            [
                np.mean(
                    [bigram.bits(item, np.random.default_rng((seed, k))) for k in range(orders)]
                )
                for item in held
            ]
        )
        per = float(own.sum() / devices.sum())
        base = min(base or per, per)
        rows.append((label, per, *_interval(own, devices, seed)))
    per = float(bits.sum() / devices.sum())
    rows.append(("model", per, *_interval(bits, devices, seed)))
    return Table(
        "Likelihood of unseen hand-drawn circuits",
        ("model", "bits per device", "95 % from", "to"),
        tuple(rows),
        (
            f"{len(held)} circuits of the test part, mean over {orders} random orders; type and"
            " ports are given; intervals: bootstrap over circuits",
            f"the model needs {100 * (1 - per / base):.1f} % less than the better bigram grammar"
            " (reach: 20 %)",
        ),
    )


def _interval(
    bits: np.ndarray[Any, Any], devices: np.ndarray[Any, Any], seed: int
) -> tuple[float, float]:
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(bits), size=(1000, len(bits)))
    means = bits[drawn].sum(axis=1) / devices[drawn].sum(axis=1)
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def grammar_table(count: int, seed: int, log: Callable[[str], object]) -> Table:
    """Drive the grammar with random numbers in the place of a model."""
    from eda.bench.generate_grammar import drive

    log(f"{count} circuits of random numbers")
    broken, stuck, devices = drive(count, seed)
    return Table(
        "The grammar, driven by random numbers",
        ("circuits", "strictly valid", "stuck", "median devices"),
        ((count, share(count - broken - stuck, count), stuck, devices),),
        ("every circuit that was begun; a tenth is also checked by the batch form of the rules",),
    )
