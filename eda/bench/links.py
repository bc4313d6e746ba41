"""``eda bench links``: how well the link predictor does, beside what it has to beat.

Every figure is on circuits that no training circuit equals (see `eda.datasets.splits`). The
quick form asks fewer pins of the large sets; ``full`` asks all, and goes on where it was
stopped: each table is kept as soon as it is made.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.bench.links_complete import complete_table
from eda.bench.links_motifs import motif_answers, motif_table
from eda.bench.links_speed import speed_table
from eda.bench.table import Table, render, result_of
from eda.datasets.corpora import cache_folder, data_folder
from eda.datasets.links import link_data, training_samples
from eda.links.calibrate import reliability
from eda.links.metrics import Answers
from eda.links.motif_index import SHIPPED_INDEX, shipped_index
from eda.links.prior import count_prior, highest_degree
from eda.links.protocol import complete_pins, model_scorer
from eda.links.protocols import Wiring, area_under_curve, fill_holes, find_wrong_wire, hide_folds
from eda.links.weights import FOLDER, SHIPPED, shipped_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from eda.datasets.links import LinkData
    from eda.datasets.records import CorpusCircuit
    from eda.links.protocol import Scorer
    from eda.links.sample import Sample
    from eda.links.weights import Weights

__all__ = ["render", "run"]

SETS: Final[tuple[tuple[str, str], ...]] = (
    ("drawn", "AnalogGenie, analog, drawn by hand"),
    ("composed", "AnalogGenie, machine-composed (near-duplicates of one another)"),
    ("image2net", "Image2Net, read from images"),
    ("align_ota", "ALIGN operational amplifiers (composed)"),
)
QUICK_QUERIES: Final = 10
"""Pins asked per circuit of the sets other than the drawn one, in the quick form."""
QUICK_CIRCUITS: Final = 60
QUICK_DEVICES: Final = 4
COLUMNS: Final = ("method", "Hits@1", "95 %", "Hits@3", "MRR", "95 %", "pair", "95 %", "pins")
PUBLISHED: Final = (
    ("GNN-ACLP on SpiceNetlist, 5-fold (theirs)", 0.9403, 0.9875),
    ("GNN-ACLP on Image2Net, 5-fold (theirs)", 0.9730, 0.9978),
)


def run(
    *,
    full: bool = False,
    seed: int = 0,
    log: Callable[[str], None] | None = None,
    data: Path | None = None,
) -> dict[str, Any]:
    """Measure; return the tables as plain values, for `render` or for JSON.

    Args:
        full: Every pin and circuit, more repeats; resumable.
        seed: Of what is drawn at random: wrong nets, holes, moved pins.
        log: Called with a line on what is being done.
        data: A folder laid out as ``EDA_DATA`` is; by default that one.

    Raises:
        DatasetError: The corpora are not on this machine.
    """
    say = log or (lambda _: None)
    say("reading the corpora")
    corpora = link_data(root=data)
    bench = _Bench(corpora, full=full, seed=seed)
    steps: tuple[tuple[str, Callable[[], Table]], ...] = (
        ("completion, drawn", bench.drawn),
        ("completion, other sets", bench.others),
        ("calibration", bench.calibration),
        ("nearest training wires", bench.motifs),
        ("holes", bench.holes),
        ("whole devices", bench.devices),
        ("audit", bench.audit),
        ("GNN-ACLP protocol", bench.stacked),
        ("speed", lambda: speed_table(data if data is not None else data_folder())),
    )
    tables = []
    for name, make in steps:
        say(name)
        tables.append(_kept(name, make, seed=seed) if full else make())
    return result_of("links", tables, full=full, seed=seed)


class _Bench:
    def __init__(self, data: LinkData, *, full: bool, seed: int) -> None:
        self.data = data
        self.full = full
        self.seed = seed
        self.models = [shipped_weights(name) for name in SHIPPED]
        self._prior: Scorer | None = None

    def test(self, name: str) -> list[Sample]:
        def wanted(circuit: CorpusCircuit) -> bool:
            if name == "drawn":
                return circuit.drawn
            if name == "composed":
                return circuit.corpus == "analoggenie" and circuit.composed
            return circuit.corpus == name

        return self.data.select("test", wanted)

    def prior(self) -> Scorer:
        if self._prior is None:
            samples, _ = training_samples(self.data)
            self._prior = count_prior(samples)
        return self._prior

    def answers(self, samples: Sequence[Sample], scorer: Scorer, *, cut: bool) -> Answers:
        queries = None if self.full or not cut else QUICK_QUERIES
        return complete_pins(samples, scorer, seed=self.seed, queries=queries)

    def drawn(self) -> Table:
        samples = self.test("drawn")
        rows = []
        figures = []
        for name, model in zip(SHIPPED, self.models, strict=True):
            answers = self.answers(samples, model_scorer([model]), cut=False)
            figures.append(answers.figures())
            rows.append(_row(f"model {name.removeprefix('links-')}", answers, self.seed))
        mean = {key: float(np.mean([item[key] for item in figures])) for key in figures[0]}
        rows.append(
            (
                f"mean of {len(figures)} seeds",
                *(round(mean["hits_at_1"], 4), None, round(mean["hits_at_3"], 4)),
                *(round(mean["mrr"], 4), None, round(mean["pair"], 4), None, None),
            )
        )
        for name, scorer in (
            ("all seeds together (as shipped)", model_scorer(self.models)),
            ("counted prior", self.prior()),
            ("highest degree", highest_degree),
        ):
            rows.append(_row(name, self.answers(samples, scorer, cut=False), self.seed))
        nearest = motif_answers(samples, shipped_index(), seed=self.seed)
        rows.insert(-1, _row("nearest training wire (motif alone)", nearest, self.seed))
        return Table(
            "P1 pin completion, hand-drawn AnalogGenie circuits held out",
            COLUMNS,
            tuple(rows),
            (
                f"{len(samples)} circuits; every pin but bulks is hidden once, by itself;"
                " rank is the mean over ties; intervals by drawing circuits anew",
            ),
        )

    def others(self) -> Table:
        rows = []
        for name, _ in SETS[1:]:
            samples = self._cut(self.test(name))
            for method, scorer in (
                ("model", model_scorer(self.models)),
                ("counted prior", self.prior()),
                ("highest degree", highest_degree),
            ):
                answers = self.answers(samples, scorer, cut=True)
                rows.append(_row(f"{name}: {method}", answers, self.seed))
        about = tuple(f"{name}: {text}" for name, text in SETS[1:])
        return Table("P1 pin completion, other held-out sets", COLUMNS, tuple(rows), about)

    def calibration(self) -> Table:
        from eda.links.scene import join_scenes, make_scene, right_pairs
        from eda.links.score import score

        said, correct = [], []
        for sample in self.test("drawn"):
            asked = sample.queries()
            if not len(asked):
                continue
            scenes = [make_scene(sample, asked[at : at + 1]) for at in range(len(asked))]
            right = np.concatenate([right_pairs(scene, sample) for scene in scenes])
            together = join_scenes(scenes)
            probability, none = score(self.models, together)
            bounds = np.searchsorted(together.pair_query, np.arange(len(asked) + 1))
            for at in range(len(asked)):
                one = slice(bounds[at], bounds[at + 1])
                best = int(np.argmax(probability[one]))
                certain = float(probability[one][best])
                said.append(max(certain, float(none[at])))
                correct.append(bool(right[one][best]) and certain >= none[at])
        rows, error = reliability(np.array(said), np.array(correct))
        return Table(
            "Calibration: what the first answer's probability is worth (drawn, held out)",
            ("mean probability said", "share right", "pins"),
            tuple((round(a, 4), round(b, 4), n) for a, b, n in rows),
            (f"expected calibration error {error:.4f}",),
        )

    def holes(self) -> Table:
        samples = self._cut(self.test("drawn"))
        repeats = 5 if self.full else 1
        rows = []
        for share in (0.1, 0.2):
            total = Wiring()
            for at, sample in enumerate(samples):
                for repeat in range(repeats):
                    rng = np.random.default_rng((self.seed, at, repeat, round(100 * share)))
                    total += fill_holes(sample, share, self.models, rng)
            rows.append(
                (
                    f"{share:.0%} of the pins opened",
                    round(total.proposed_right / max(total.proposed, 1), 4),
                    round(total.right / max(total.opened, 1), 4),
                    total.opened,
                )
            )
        return Table(
            "P2 several holes at once, settled jointly (drawn, held out)",
            ("holes", "precision", "recall", "pins"),
            tuple(rows),
            ("precision: of the nets proposed; recall: of the pins opened",),
        )

    def motifs(self) -> Table:
        return motif_table(self.test("drawn"), shipped_index(), seed=self.seed)

    def devices(self) -> Table:
        samples = self._cut(self.test("drawn"))
        each = None if self.full else QUICK_DEVICES
        return complete_table(samples, self._one(), self.prior(), per_circuit=each, seed=self.seed)

    def audit(self) -> Table:
        samples = self._cut(self.test("drawn"))
        repeats = 5 if self.full else 1
        values = []
        for at, sample in enumerate(samples):
            for repeat in range(repeats):
                rng = np.random.default_rng((self.seed, at, repeat))
                found = find_wrong_wire(sample, self._one(), rng)
                if found is not None:
                    values.append(found)
        array = np.array(values)
        rng = np.random.default_rng(self.seed)
        drawn = rng.choice(array, (1000, len(array))).mean(axis=1)
        return Table(
            "P3 audit: one pin moved to a wrong net, found among all pins (drawn, held out)",
            ("method", "AUC", "95 %", "most suspicious of all", "circuits"),
            (
                (
                    "model",
                    round(float(array.mean()), 4),
                    _interval(np.quantile(drawn, (0.025, 0.975))),
                    round(float((array >= 1.0).mean()), 4),
                    len(values),
                ),
                ("by chance", 0.5, None, None, None),
            ),
        )

    def stacked(self) -> Table:
        samples = self._cut(self.test("drawn"))
        validation = self.data.select("validation", lambda circuit: circuit.drawn)
        threshold = _threshold(*self._pairs(validation))
        positive, inside = self._pairs(samples)
        sizes = np.array([sample.num_devices * sample.num_nets for sample in samples], dtype=float)
        across = _share_inside(samples)
        # A negative across circuits gets probability 0: the model only ranks nets of its circuit.
        rng = np.random.default_rng(self.seed)
        is_inside = rng.random(len(positive)) < across
        uniform = np.where(is_inside, rng.choice(inside, len(positive)), 0.0)
        rows: list[tuple[Any, ...]] = [
            (
                "uniform negatives on the stacked graph: model",
                _accuracy(positive, uniform, threshold),
                round(area_under_curve(positive, uniform), 4),
            ),
            (
                'uniform negatives on the stacked graph: rule "same circuit"',
                round(0.5 + 0.5 * float((~is_inside).mean()), 4),
                round(0.5 + 0.5 * float((~is_inside).mean()), 4),
            ),
            (
                "negatives inside the circuit: model",
                _accuracy(positive, inside, threshold),
                round(area_under_curve(positive, inside), 4),
            ),
            ('negatives inside the circuit: rule "same circuit"', 0.5, 0.5),
            *((name, accuracy, area) for name, accuracy, area in PUBLISHED),
        ]
        return Table(
            "P4 the protocol of GNN-ACLP: pairs right or wrong, one negative per link",
            ("negatives and method", "accuracy", "AUC"),
            tuple(rows),
            (
                f"{len(samples)} drawn circuits held out, a fifth of all pins hidden at a time; "
                f"{across:.2%} of uniform negatives lie inside one circuit "
                f"(of {int(sizes.sum())} pairs)",
                "the rule knows nothing of circuits, so the uniform form measures next to nothing;"
                " their figures are on other data, with other negatives drawn",
                f"the model's threshold, {threshold:.3g}, was chosen on validation circuits",
            ),
        )

    def _pairs(self, samples: Sequence[Sample]) -> tuple[Any, Any]:
        positive, inside = [], []
        for at, sample in enumerate(samples):
            rng = np.random.default_rng((self.seed, at))
            found = hide_folds(sample, self._one(), rng)
            positive.append(found.positive)
            inside.append(found.negative_inside)
        return np.concatenate(positive), np.concatenate(inside)

    def _one(self) -> list[Weights]:
        return self.models if self.full else self.models[:1]

    def _cut(self, samples: list[Sample]) -> list[Sample]:
        return samples if self.full else samples[:QUICK_CIRCUITS]


def _row(name: str, answers: Answers, seed: int) -> tuple[Any, ...]:
    figures = answers.figures()
    intervals = answers.intervals(seed=seed)
    cells: list[Any] = [name]
    for key, with_interval in (("hits_at_1", 1), ("hits_at_3", 0), ("mrr", 1), ("pair", 1)):
        cells.append(round(figures[key], 4))
        if with_interval:
            cells.append(_interval(intervals[key]))
    return (*cells, len(answers.rank))


def _interval(bounds: Any) -> str:
    return f"{bounds[0]:.3f}-{bounds[1]:.3f}"


def _accuracy(positive: Any, negative: Any, threshold: float) -> float:
    right = float((positive >= threshold).mean() + (negative < threshold).mean())
    return round(right / 2, 4)


def _threshold(positive: Any, negative: Any) -> float:
    """Return the threshold that tells links from wrong nets of the same circuit best."""
    candidates = np.geomspace(1e-3, 0.9, 60)
    return float(max(candidates, key=lambda value: _accuracy(positive, negative, value)))


def _share_inside(samples: Sequence[Sample]) -> float:
    """Return how many of all device-net pairs of the stacked graph join one circuit."""
    devices = np.array([sample.num_devices for sample in samples], dtype=np.float64)
    nets = np.array([sample.num_nets for sample in samples], dtype=np.float64)
    return float((devices * nets).sum() / (devices.sum() * nets.sum()))


def _kept(name: str, make: Callable[[], Table], *, seed: int) -> Table:
    """Return a table of the full form, from what an earlier run kept where there is one."""
    digest = sha256(f"{name}:{seed}".encode())
    for weights in SHIPPED:
        digest.update((FOLDER / f"{weights}.safetensors").read_bytes())
    digest.update(SHIPPED_INDEX.read_bytes())
    path = cache_folder().parent / "bench" / f"links-{digest.hexdigest()[:20]}.json"
    if path.exists():
        item = json.loads(path.read_text("utf-8"))
        rows = tuple(tuple(row) for row in item["rows"])
        return Table(item["title"], tuple(item["columns"]), rows, tuple(item["notes"]))
    table = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(table.to_dict()), "utf-8")
    part.replace(path)
    return table
