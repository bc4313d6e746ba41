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
from eda.bench.generate_judge import Sized, Verdict, judge, size_opamps
from eda.bench.generate_makers import MAKERS, MODEL, make
from eda.bench.generate_ocb import ocb_tables
from eda.bench.generate_tables import (
    BUDGET,
    Groups,
    fidelity_table,
    grammar_table,
    likelihood_table,
    main_table,
    sizing_table,
    type_table,
)
from eda.bench.table import render, result_of
from eda.datasets.corpora import data_folder
from eda.datasets.topologies import topology_data
from eda.tensors import replace_file
from eda.topology.generated import known_beside
from eda.topology.known import Known, known_from
from eda.topology.types import TYPES
from eda.topology.weights import weights_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eda.datasets.topologies import TopologyData, TopologyRecord
    from eda.topology.weights import Weights

__all__ = ["render", "run"]

QUICK: Final = 30
FULL: Final = 1000
FULL_SEEDS: Final = 3
SIZED_QUICK: Final = 30
FEWER: Final = 60
"""Generated circuits and compositions of each type that the quick form has."""
SIZED_FULL: Final = 100
GRAMMAR_QUICK: Final = 1_500
GRAMMAR_FULL: Final = 100_000
FOLDER: Final = Path("runs") / "bench-generate"
REAL: Final = "known circuits"
BLOCKS: Final = "block enumeration"


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
        main_table(groups, seconds, training),
        fidelity_table(groups, classifier, data),
        type_table(groups[MODEL], training),
        *([sizing_table(sized)] if sized else []),
        likelihood_table(model, data, seed, orders=8 if full else 2, log=log),
        grammar_table(GRAMMAR_FULL if full else min(GRAMMAR_QUICK, 50 * many), seed, log),
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
