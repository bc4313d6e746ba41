"""``eda bench generate``: new circuits counted, beside two makers that have learned nothing.

Every circuit that was begun is in the denominator. Shares come with Wilson's interval of 95 %.
The quick form makes 30 circuits of each type; ``--full`` makes 1,000 with each of three seeds,
and goes on where it was stopped.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.generate_classifier import Classifier
from eda.bench.generate_judge import Sized, Verdict, distance, judge, shares, size_opamps
from eda.bench.generate_makers import MAKERS, MODEL, make
from eda.bench.generate_ocb import ocb_tables
from eda.bench.rules import wilson
from eda.bench.table import Table, render, result_of
from eda.datasets.corpora import data_folder
from eda.datasets.topologies import topology_data
from eda.tensors import replace_file
from eda.topology.bigram import Bigram
from eda.topology.generated import known_beside
from eda.topology.known import Known, known_from
from eda.topology.likelihood import circuit_bits
from eda.topology.types import TYPES
from eda.topology.weights import weights_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eda.datasets.topologies import TopologyData, TopologyRecord
    from eda.topology.weights import Weights

__all__ = ["render", "run"]

QUICK: Final = 30
FULL: Final = 1000
FULL_SEEDS: Final = 3
SIZED_QUICK: Final = 10
FEWER: Final = 60
"""Generated circuits and compositions of each type that the quick form has."""
SIZED_FULL: Final = 100
BUDGET: Final = 200
GRAMMAR_QUICK: Final = 1_500
GRAMMAR_FULL: Final = 100_000
FOLDER: Final = Path("runs") / "bench-generate"
REAL: Final = "known circuits"
BLOCKS: Final = "block enumeration"

Groups = dict[str, dict[str, list[Verdict]]]


def run(
    *,
    full: bool = False,
    seed: int = 0,
    log: Callable[[str], object] = lambda _text: None,
    weights: Path | None = None,
    count: int | None = None,
    types: Sequence[str] | None = None,
    folder: Path | None = None,
    data: TopologyData | None = None,
) -> dict[str, Any]:
    """Measure the generator.

    Args:
        full: 1,000 circuits of each type with three seeds, else 30 with one.
        seed: The first seed.
        log: Called with what is being done.
        weights: Others than those shipped.
        count: Circuits of each type, where it is to be another number.
        types: Only these.
        folder: Where parts of the full form are kept, to go on from.
        data: The data set, where it is there already.

    Raises:
        DatasetError: The corpora are not there.
        SimulatorNotFoundError: ngspice is not installed.
    """
    model = weights_at(weights)
    names = tuple(types or TYPES)
    many = count if count is not None else FULL if full else QUICK
    if data is None:
        # The quick form does with fewer generated circuits; all that are known count as known.
        data = (
            topology_data(log=log)
            if full
            else topology_data(generated=FEWER, composed=FEWER, log=log)
        )
    training = data.part("train")
    learned = known_beside(weights)
    more = learned.keys if learned is not None else frozenset()
    known = known_from([(r.name, r.key, r.topology) for r in data.records[:1]], _keys(data) | more)
    log("classifier of types")
    classifier = Classifier([item.topology for item in training])
    groups: Groups = {maker: {name: [] for name in names} for maker in MAKERS}
    seconds = dict.fromkeys(MAKERS, 0.0)
    store = folder or (FOLDER if full else None)
    for own in range(seed, seed + (FULL_SEEDS if full else 1)):
        for maker in MAKERS:
            for name in names:
                log(f"{maker}: {many} x {name}, seed {own}")
                found, took = _part(
                    store, maker, name, many, own, model, training, known, classifier
                )
                groups[maker][name] += found
                seconds[maker] += took
    sized = _sizing(store, full, seed, model, training, data, names, count, log)
    tables = [
        _main_table(groups, seconds, training),
        _fidelity_table(groups, classifier, data),
        _type_table(groups[MODEL], training),
        *([_sizing_table(sized)] if sized else []),
        _likelihood_table(model, data, seed, orders=8 if full else 2, log=log),
        _grammar_table(GRAMMAR_FULL if full else min(GRAMMAR_QUICK, 50 * many), seed, log),
    ]
    folder_of_data = data_folder()
    ocb = folder_of_data / "topology" / "ocb_regen" if folder_of_data is not None else None
    if ocb is not None and ocb.is_dir() and "opamp" in names:
        tables += ocb_tables(ocb, full=full, seed=seed, log=log)
    return result_of("generate", tables, full=full, seed=seed)


def _keys(data: TopologyData) -> set[str]:
    """Return the hashes of all circuits of the data, those refused for their nets included."""
    return {item.key for item in data.records} | data.raw_keys


def _part(
    store: Path | None,
    maker: str,
    name: str,
    count: int,
    seed: int,
    model: Weights,
    training: Sequence[TopologyRecord],
    known: Known,
    classifier: Classifier,
) -> tuple[list[Verdict], float]:
    """Return the verdicts on one type of one maker, from the store where they are there."""
    path = None
    if store is not None:
        path = store / f"{_short(maker, model)}.{name}.{count}.{seed}.json"
        if path.exists():
            kept = json.loads(path.read_text("utf-8"))
            return [Verdict(**item) for item in kept["verdicts"]], float(kept["cpu_s"])
    made = make(maker, name, count, seed, model, training)
    found = judge(made.circuits, known, classifier=classifier, cache=False)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"cpu_s": made.cpu_s, "verdicts": [asdict(item) for item in found]})
        replace_file(path, text.encode())
    return found, made.cpu_s


def _short(label: str, model: Weights) -> str:
    """Return the name under which what was found of a maker is kept."""
    return f"{label.replace(' ', '-')}{f'.{model.digest}' if label == MODEL else ''}"


def _sizing(
    store: Path | None,
    full: bool,
    seed: int,
    model: Weights,
    training: Sequence[TopologyRecord],
    data: TopologyData,
    names: Sequence[str],
    count: int | None,
    log: Callable[[str], object],
) -> dict[str, list[tuple[Sized, Sized]]]:
    """Return for each maker, for known circuits and blocks, what sizing makes of op-amps."""
    if "opamp" not in names:
        return {}
    many = SIZED_FULL if full else min(count or SIZED_QUICK, SIZED_QUICK)
    sources: dict[str, list[Any]] = {
        maker: list(make(maker, "opamp", many, seed + 77, model, training).circuits)
        for maker in MAKERS
    }
    rng = np.random.default_rng(seed)
    for label, wanted in ((REAL, ("analoggenie", "align_ota")), (BLOCKS, ("generated",))):
        own = [
            item.topology
            for item in data.records
            if item.topology.type == "opamp" and item.source in wanted
        ]
        sources[label] = [own[at] for at in rng.permutation(len(own))[:many].tolist()]
    made = {}
    for label, circuits in sources.items():
        log(f"sizing of {len(circuits)} op-amps: {label}")
        path = None
        if store is not None:
            path = store / f"sized.{_short(label, model)}.{many}.{seed}.json"
            if path.exists():
                pairs = json.loads(path.read_text("utf-8"))
                made[label] = [(Sized(**one), Sized(**other)) for one, other in pairs]
                continue
        first = size_opamps(circuits, budget=1, cache=False)
        last = size_opamps(circuits, budget=BUDGET, merit=full, cache=False)
        made[label] = list(zip(first, last, strict=True))
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps([[asdict(one), asdict(other)] for one, other in made[label]])
            replace_file(path, text.encode())
    return made


# Tables ---------------------------------------------------------------------------------------


def share(hits: int, total: int) -> str:
    """Return a share with its interval, as ``93.3 % (78.7-98.2)``."""
    low, high = wilson(hits, total)
    return f"{100 * hits / max(total, 1):.1f} % ({100 * low:.1f}-{100 * high:.1f})"


def _main_table(
    groups: Groups, seconds: Mapping[str, float], training: Sequence[TopologyRecord]
) -> Table:
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


def _fidelity_table(groups: Groups, classifier: Classifier, data: TopologyData) -> Table:
    held = data.part("validation") + data.part("test")
    guesses = classifier.predict([item.topology for item in held])
    hits = sum(g == item.topology.type for g, item in zip(guesses, held, strict=True))
    rows = [("held-out circuits", "", share(hits, len(held)))]
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


def _type_table(
    groups: Mapping[str, Sequence[Verdict]], training: Sequence[TopologyRecord]
) -> Table:
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
                f"{np.median([item.devices for item in items]):.0f}",
                f"{np.median(theirs):.0f}" if theirs else "-",
            )
        )
    return Table(
        "The model by type",
        ("type", "training circuits", "VN1", "S1", "testbench passed", "devices", "training's"),
        tuple(rows),
    )


def _sizing_table(sized: Mapping[str, Sequence[tuple[Sized, Sized]]]) -> Table:
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


def _likelihood_table(
    model: Weights,
    data: TopologyData,
    seed: int,
    *,
    orders: int,
    log: Callable[[str], object],
) -> Table:
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


def _grammar_table(count: int, seed: int, log: Callable[[str], object]) -> Table:
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
