"""Data for the link predictor: circuits of all corpora, split, and training on them."""

from __future__ import annotations

import math
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from eda.datasets.benchmark import load_benchmark
from eda.datasets.corpora import CORPORA, need_corpus
from eda.datasets.generated import generated_samples, mix
from eda.datasets.image2net import read_image2net
from eda.datasets.netlists import NETLIST_FOLDERS, read_netlists
from eda.datasets.records import CorpusCircuit, read_records
from eda.datasets.splits import Part, split_circuits, split_hash
from eda.errors import DatasetError
from eda.graph import circuit_graph
from eda.links.sample import Sample, make_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

LINK_CORPORA: Final = ("analoggenie", "align_ota", "image2net")
"""Corpora of analog circuits without sizes, drawn or composed."""
NETLIST_CORPORA: Final = (
    *("sky130_cells", "stdcells", "ihp", "align", "openfasoc", "analoggym"),
    "ngspice",
)
"""Corpora of netlists in dialects: cells, generators, testbenches, examples."""
TRAINED_CORPORA: Final = (*LINK_CORPORA, *NETLIST_CORPORA)
"""Corpora that the shipped weights were trained on."""
TEST_CORPORA: Final = tuple(name for name, corpus in CORPORA.items() if corpus.test_only)
"""Corpora that no training may take."""

GENERATED: Final = 10_000
"""Circuits of the generator that the shipped weights were trained on besides ..."""
GENERATED_SHARE: Final = 0.25
"""... and their share of all draws."""

SHARES: Final = {
    "analoggenie": 0.34,
    "analoggenie, composed": 0.12,
    "align_ota, composed": 0.05,
    "image2net": 0.14,
    "sky130_cells": 0.08,
    "stdcells": 0.03,
    "ihp": 0.05,
    "align": 0.05,
    "openfasoc": 0.02,
    "analoggym": 0.02,
    "ngspice": 0.10,
}
"""Share of the draws of each source in the second stage of the training, of the sources there
are: gates are soon learned, analog circuits by hand are what every draw is missed for."""
OTHER_SHARE: Final = 0.05
COMPOSED_IMPORTANCE: Final = 0.3
"""A machine-composed circuit counts less: there are many, and each resembles many others."""
MIN_PINS: Final = 3
VALIDATION_PINS: Final = 500
"""Larger circuits are no part of early stopping, which would take longer than the training."""
IMPORTANT_PINS: Final = 300
"""Of larger circuits a training scene holds a part, so they count no more than this."""


@dataclass(frozen=True)
class LinkData:
    """Circuits as the link predictor takes them, with the part each belongs to.

    Attributes:
        circuits: As read.
        samples: The same, boiled down.
        parts: ``train``, ``validation`` or ``test``.
    """

    circuits: tuple[CorpusCircuit, ...]
    samples: tuple[Sample, ...]
    parts: tuple[Part, ...]

    def select(
        self, part: Part, wanted: Callable[[CorpusCircuit], bool] = lambda _: True
    ) -> list[Sample]:
        """Return the clean samples of a part whose circuits are wanted.

        Example:
            ``data.select("test", lambda circuit: circuit.drawn)``
        """
        return [
            sample
            for circuit, sample, own in zip(self.circuits, self.samples, self.parts, strict=True)
            if own == part and circuit.clean and wanted(circuit)
        ]


def read_corpus(name: str, folder: Path | None = None) -> Iterator[CorpusCircuit]:
    """Yield the circuits of a corpus.

    Raises:
        DatasetError: There is no such corpus, it is not on this machine, or it is damaged.
    """
    folder = folder or need_corpus(name)
    if name == "image2net":
        yield from read_image2net(folder)
    elif name in NETLIST_FOLDERS:
        yield from read_netlists(folder, corpus=name)
    elif name == "analoggenie" and (folder / "Dataset").is_dir():
        from eda.datasets.upstream import read_analoggenie

        yield from read_analoggenie(folder)
    elif name == "align_ota" and not (folder / "train.jsonl.gz").exists():
        raise DatasetError(
            f"{folder}: holds the netlists as published, which are hierarchical; the circuits "
            "used here are flat (train.jsonl.gz): read the netlists with eda.read_netlist, or "
            "set EDA_DATA to a folder that has the flat ones"
        )
    else:
        yield from read_records(folder / "train.jsonl.gz", corpus=name)


def link_data(
    corpora: Iterable[str] = LINK_CORPORA,
    *,
    leave_out: Iterable[str] = (),
    seed: int = 0,
    root: Path | None = None,
) -> LinkData:
    """Read the corpora, boil the circuits down, and split them.

    Args:
        corpora: Names.
        leave_out: Of these corpora (read too), all circuits are for tests, and so is whatever
            circuit of another corpus is like one of them: leave one source out. Corpora for
            tests only are left out always.
        seed: Of the split.
        root: A folder laid out as ``EDA_DATA`` is; by default that one, then the user's cache.

    Raises:
        DatasetError: A corpus is not on this machine, or is damaged.
    """
    left_out = {*leave_out, *TEST_CORPORA}
    circuits = [
        circuit
        for name in dict.fromkeys((*corpora, *leave_out))
        for circuit in read_corpus(name, root / CORPORA[name].folder if root else None)
    ]
    samples = [make_sample(circuit_graph(item.circuit), name=item.name) for item in circuits]
    parts = split_circuits(circuits, seed=seed, left_out=left_out)
    return LinkData(tuple(circuits), tuple(samples), tuple(parts))


def training_samples(
    data: LinkData,
    *,
    generated: int = 0,
    share: float = GENERATED_SHARE,
    seed: int = 0,
    shares: Mapping[str, float] | None = None,
) -> tuple[list[Sample], list[float]]:
    """Return the training circuits and how often each is to be drawn.

    Larger circuits are drawn more often (by the square root of their pins), composed ones less.

    Args:
        data: Circuits of the corpora.
        generated: How many circuits of the generator to add. Those that equal a validation or
            test circuit of the corpora or of ``links-v1`` up to names are left out.
        share: Share of all draws that goes to them.
        seed: Of the generator.
        shares: How the other draws are divided among the corpora, as in `SHARES`; by default by
            what each holds.
    """
    samples, importance, sources = [], [], []
    for circuit, sample, part in zip(data.circuits, data.samples, data.parts, strict=True):
        if part != "train" or not circuit.clean or len(sample.edge_net) < MIN_PINS:
            continue
        samples.append(sample)
        weight = COMPOSED_IMPORTANCE if circuit.composed else 1.0
        importance.append(weight * math.sqrt(min(len(sample.edge_net), IMPORTANT_PINS)))
        sources.append(circuit.corpus + (", composed" if circuit.composed else ""))
    if shares is not None:
        total: dict[str, float] = defaultdict(float)
        for source, weight in zip(sources, importance, strict=True):
            total[source] += weight
        importance = [
            weight * shares.get(source, OTHER_SHARE) / total[source]
            for source, weight in zip(sources, importance, strict=True)
        ]
    if not generated:
        return samples, importance
    held_out = {
        split_hash(circuit)
        for circuit, part in zip(data.circuits, data.parts, strict=True)
        if part != "train"
    }
    held_out |= {item.hash for item in load_benchmark("links-v1") if item.part != "train"}
    made, drawn = generated_samples(generated, seed=seed, exclude=held_out)
    return mix([(samples, importance, 1 - share), (made, drawn, share)])


def validation_samples(data: LinkData) -> list[Sample]:
    """Return the validation circuits that people drew or wrote, not those a machine composed."""
    return data.select("validation", lambda circuit: not (circuit.composed or circuit.digital))


def calibrate_links(
    folder: Path, *, corpora: Sequence[str] = LINK_CORPORA, leave_out: Sequence[str] = ()
) -> dict[str, Any]:
    """Fit the calibration of the weights in a folder anew, together and each alone.

    Args:
        folder: Holds the weights; ``calibration.json`` is written there.
        corpora: Names of the corpora whose validation circuits are asked.
        leave_out: Corpora to keep out.

    Returns:
        The numbers of the calibration, by the digests of the weights.

    Raises:
        DatasetError: A corpus is not on this machine, or is damaged.
        WeightsError: There are no weights in the folder, or they are damaged.
    """
    from eda.links.calibrate import fit_folder

    samples = validation_samples(link_data(corpora, leave_out=leave_out))
    names = ", ".join(name for name in corpora if name not in leave_out)
    about = f"{len(samples)} validation circuits of {names}"
    return {key: asdict(item) for key, item in fit_folder(folder, samples, about=about).items()}


def train_links(
    *,
    out: Path,
    corpora: Sequence[str] = TRAINED_CORPORA,
    leave_out: Sequence[str] = (),
    seed: int = 0,
    minutes: float | None = 90.0,
    resume: bool = False,
    generated: int | None = None,
    share: float | None = None,
    log: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Train the link predictor on the corpora, as the shipped weights were.

    Args:
        out: Folder of the run; the weights are ``links-seedN.safetensors`` in it.
        corpora: Names of the corpora to train on.
        leave_out: Corpora to keep out, with whatever is like a circuit of theirs.
        seed: Of the training; the split of the circuits does not depend on it.
        minutes: Stop after this time; None for as long as it takes.
        resume: Go on from the checkpoint in ``out``.
        generated: How many circuits of the generator to mix in; None for `GENERATED`.
        share: Share of all draws that goes to them; None for `GENERATED_SHARE`.
        log: Called with a line of progress now and then.

    Returns:
        Figures of the training; they are also in ``summary.json``.

    Raises:
        DatasetError: A corpus is not on this machine, or is damaged.
    """
    from eda.links.train import FIRST_STAGE, SECOND_STAGE, train
    from eda.links.weights import load_weights

    generated = GENERATED if generated is None else generated
    share = GENERATED_SHARE if share is None else share
    data = link_data(corpora, leave_out=leave_out)
    samples, importance = training_samples(data, generated=generated, share=share)
    validation = [
        sample for sample in validation_samples(data) if len(sample.edge_net) <= VALIDATION_PINS
    ]
    name = f"links-seed{seed}"
    card = {
        "title": "Link predictor: which net does a pin belong on",
        "licence": "GPL-3.0-or-later",
        "date": _today(),
        "command": f"eda train links --seed {seed} --generated {generated} --share {share}",
        "data": [_source(name) for name in corpora if name not in leave_out],
        "training_circuits": len(samples),
        "generated": {"count": generated, "share": share if generated else 0.0, "seed": 0},
        "validation_circuits": len(validation),
        "split": "by circuit (canonical hash and near-duplicate groups), seed 0",
    }
    began = time.monotonic()
    first = out / "first"
    if not (resume and (first / "summary.json").exists()):
        train(
            samples,
            importance,
            validation,
            out=first,
            name=name,
            plan=FIRST_STAGE,
            seed=seed,
            minutes=minutes,
            resume=resume,
            card=card,
            log=log,
        )
    spent = (time.monotonic() - began) / 60
    return train(
        samples,
        _second_draw(data, samples, importance, share if generated else 0.0),
        validation,
        out=out,
        name=name,
        plan=SECOND_STAGE,
        seed=seed,
        minutes=None if minutes is None else max(0.0, minutes - spent),
        resume=resume,
        start=load_weights(first / f"{name}.safetensors"),
        card={**card, "first_stage": asdict(FIRST_STAGE)},
        log=log,
    )


def _second_draw(
    data: LinkData, samples: Sequence[Sample], importance: Sequence[float], share: float
) -> list[float]:
    """Return the importance of the same circuits in the second stage: each corpus by its share."""
    _, own = training_samples(data, shares=SHARES)
    made = importance[len(own) :]
    return mix([(samples[: len(own)], own, 1 - share), (samples[len(own) :], made, share)])[1]


def _source(name: str) -> dict[str, str]:
    corpus = CORPORA[name]
    return {
        "name": name,
        "source": f"https://github.com/{corpus.repository}",
        "commit": corpus.commit,
        "licence": corpus.licence,
    }


def _today() -> str:
    from datetime import UTC, datetime

    return datetime.now(tz=UTC).date().isoformat()
