"""A surrogate bound to one case: it predicts designs, draws them, and is fine-tuned on results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import InputError, SpecError
from eda.surrogate.describe import SAMPLES, Describer, Description, make_describer
from eda.surrogate.designs import as_mappings, design_array, from_unit, to_unit
from eda.surrogate.ensemble import Ensemble, Prior
from eda.surrogate.graphs import GraphReader
from eda.surrogate.heads import NORMAL_90, Classifier, Head, fit_classifier, fit_head
from eda.surrogate.physics import Answer, Physics
from eda.surrogate.prediction import Prediction
from eda.surrogate.scales import (
    decides,
    is_alive,
    is_defined,
    learned,
    metric_array,
    metric_units,
    undefined,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from eda.spice import Case, CaseResult

    Floats = NDArray[np.float64]

SURE: Final = 0.95
"""Beyond this probability the other possibility is left out of an interval."""
NEVER: Final = 0.01
"""Below this probability a thing does not exist."""
UNKNOWN: Final = 30.0
GUESSED: Final = 3.0
"""Half of an interval on the learned scale, without networks: with an answer, and without."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """What fine-tuning learned.

    Attributes:
        alive: Whether a design works.
        defined: For each metric, whether it exists; None where it always does.
        live: For each metric, its head among designs that work.
        dead: For each metric, its head among the others; None where none of them has it.
        count: How many designs it learned from.
        designs: These designs, SI, [designs, parameters].
    """

    alive: Classifier
    defined: tuple[Classifier | None, ...]
    live: tuple[Head, ...]
    dead: tuple[Head | None, ...]
    count: int
    designs: Floats


@dataclass(frozen=True, eq=False)
class CaseModel:
    """A surrogate of one case.

    Attributes:
        case: The case.
        physics: The equations of its deck; None where they cannot be solved.
        describer: Makes features.
        nothing: What each metric is where it does not exist; NaN where it always does.
        reader: Makes the networks' inputs; None without equations.
        ensemble: The trained networks; None to do without.
        fitted: What fine-tuning learned; None before.
        why_no_physics: Why there are no equations; empty where there are.
    """

    case: Case
    physics: Physics | None
    describer: Describer
    nothing: Floats
    reader: GraphReader | None = None
    ensemble: Ensemble | None = None
    fitted: Fitted | None = None
    why_no_physics: str = ""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics."""
        return self.case.metrics

    def predict(
        self, designs: ArrayLike, prefix: Mapping[str, ArrayLike] | None = None
    ) -> Prediction:
        """Return the metrics of designs, each with a 90 % interval.

        Args:
            designs: Values in SI, [designs, parameters] in the order of the case.
            prefix: What is known already, by name: metrics, or node voltages as ``v(x1.a)``,
                [designs] each.

        Raises:
            InputError: A design is outside its range, or a name or a number makes no sense.
        """
        rows = design_array(self.case, designs)
        known = self._known(prefix or {}, len(rows))
        about, answer, prior = self.describe(rows, known)
        if self.fitted is None:
            return self._first(answer, prior, known)
        return self._corrected(self.fitted, about, answer, prior, known)

    def sample(self, designs: ArrayLike, k: int, *, seed: int = 0) -> Floats:
        """Return k draws of the metrics, [k, designs, metrics] in SI.

        Draws are of designs that work; `Prediction.alive` says how likely that is. Within a draw
        the designs belong together, as one function drawn from the model.
        """
        rows = design_array(self.case, designs)
        rng = np.random.default_rng(seed)
        about, answer, prior = self.describe(rows, {})
        made = np.empty((k, len(rows), len(self.metrics)))
        if self.fitted is None:
            middle, half = self._guess(answer, prior)
            made[:] = middle + half / NORMAL_90 * rng.standard_normal((k, 1, len(self.metrics)))
        else:
            for at, head in enumerate(self.fitted.live):
                made[:, :, at] = head.draw(about, k, rng)
        return metric_units(self.case, made)

    def fit(self, designs: ArrayLike, results: Sequence[CaseResult], seed: int = 0) -> CaseModel:
        """Return a model fine-tuned on simulated designs; intervals are made anew.

        What the model knew of other simulations of this case is forgotten: give all of them.

        Args:
            designs: Values in SI, [designs, parameters].
            results: What `Case.simulate` gave for them.
            seed: Of the folds.

        Raises:
            InputError: There are not as many results as designs, or none.
        """
        rows = design_array(self.case, designs)
        if len(rows) != len(results) or not len(rows):
            raise InputError(
                f"{len(rows)} designs and {len(results)} results; give as many of each"
            )
        return self.fit_arrays(
            rows, metric_array(self.case, results), np.array([r.ok for r in results]), seed=seed
        )

    def fit_arrays(
        self, designs: Floats, metrics: Floats, ok: NDArray[np.bool_], *, seed: int = 0
    ) -> CaseModel:
        """Return a model fine-tuned on metrics [designs, metrics]; SI, NaN where there is none."""
        about, answer, prior = self.describe(designs, {})
        guesses = _guessed_to_exist(answer, prior)
        defined = is_defined(self.case, metrics)
        alive = is_alive(self.case, metrics)
        values = learned(self.case, metrics)
        masks: dict[bytes, Classifier] = {}

        def classifier(mask: NDArray[np.bool_], guess: Floats) -> Classifier:
            key = mask.tobytes() + guess.tobytes()
            if key not in masks:
                masks[key] = fit_classifier(about, guess, mask, seed=seed)
            return masks[key]

        exists, live, dead = [], [], []
        for at in range(len(self.metrics)):
            there = defined[:, at]
            always = np.isnan(self.nothing[at])
            exists.append(None if always else classifier(there, guesses[:, at]))
            works, fails = alive & there, ~alive & there
            live.append(fit_head(about.take(works), values[works, at], seed=seed))
            lost = fails.sum() >= 3
            dead.append(fit_head(about.take(fails), values[fails, at], seed=seed) if lost else None)
        fitted = Fitted(
            classifier(alive, guesses[:, self.deciding].min(axis=1)),
            tuple(exists),
            tuple(live),
            tuple(dead),
            len(designs),
            designs,
        )
        return replace(self, fitted=fitted)

    def operating_points(self, designs: ArrayLike, *, workers: int = 2) -> dict[str, Floats]:
        """Return node voltages as ngspice has them, to be given to `predict` as ``prefix``.

        This is the cheapest simulation there is. Where it fails the equations' voltage stands.

        Args:
            designs: Values in SI, [designs, parameters].
            workers: Simulations at once.

        Raises:
            InputError: The equations of the case are not solved, so that voltages say nothing.
            SimulatorNotFoundError: ngspice is not installed.
        """
        from eda.spice import Op, simulate_many

        if self.physics is None:
            raise InputError(f"voltages say nothing of {self.case.name}: {self.why_no_physics}")
        rows = design_array(self.case, designs)
        results = simulate_many(
            [self.case.circuit()],
            Op(),
            parameters=as_mappings(self.case, rows),
            workers=workers,
        )
        volts = self.physics.solve(rows).volts
        made = {}
        for at, net in enumerate(self.physics.nets):
            name = f"v({net})"
            if any(name in result.operating_point for result in results):
                made[name] = np.array(
                    [
                        result.operating_point.get(name, float(volts[row, at]))
                        for row, result in enumerate(results)
                    ]
                )
        return made

    def describe(
        self, designs: Floats, known: Mapping[str, Floats]
    ) -> tuple[Description, Answer, Prior | None]:
        """Return the features of designs, and what equations and networks say of them."""
        answer = self._answer(designs, known)
        prior = None
        network = np.zeros((len(designs), 0))
        if self.ensemble is not None and self.ensemble.members and self.reader is not None:
            measured = {at: known[n] for at, n in enumerate(self.metrics) if n in known}
            kinds = [self.case.measures[name].kind for name in self.metrics]
            prior = self.ensemble.say(self.reader, kinds, designs, answer, measured)
            chance = np.clip(prior.exists[:, np.isfinite(self.nothing)], 1e-4, 1 - 1e-4)
            network = np.log(chance / (1 - chance))
        # Where the equations are silent the networks' answer stands among the features.
        said = answer.metrics if prior is None else prior.value
        metrics = np.where(np.isfinite(answer.metrics), answer.metrics, said)
        about = self.describer(
            to_unit(self.case, designs), replace(answer, metrics=metrics), network
        )
        return about, answer, prior

    def _answer(self, designs: Floats, known: Mapping[str, Floats]) -> Answer:
        if self.physics is None:
            return no_answer(len(designs), len(self.metrics))
        nets = {f"v({net})": at for at, net in enumerate(self.physics.nets)}
        measured = {nets[name]: values for name, values in known.items() if name in nets}
        answer = self.physics.solve(designs, measured)
        metrics = answer.metrics.copy()
        for at, name in enumerate(self.metrics):
            if name in known:
                metrics[:, at] = known[name]
        return replace(answer, metrics=metrics)

    @property
    def deciding(self) -> list[int]:
        """Positions of the metrics that tell whether a design works."""
        return decides(self.case)

    def _known(self, prefix: Mapping[str, ArrayLike], many: int) -> dict[str, Floats]:
        """Return what is known, metrics on the learned scale."""
        made = {}
        nets = set() if self.physics is None else {f"v({net})" for net in self.physics.nets}
        for name, given in prefix.items():
            if name not in self.metrics and name.lower() not in nets:
                raise InputError(
                    f"prefix {name} is neither a metric nor a node voltage of {self.case.name}"
                )
            values = np.asarray(given, dtype=np.float64)
            if values.shape != (many,) or not np.isfinite(values).all():
                raise InputError(f"prefix {name}: give a finite number for each of {many} designs")
            if name in self.metrics:
                whole = np.zeros((many, len(self.metrics)))
                at = self.metrics.index(name)
                whole[:, at] = values
                values = learned(self.case, whole)[:, at]
            made[name if name in self.metrics else name.lower()] = values
        return made

    def _guess(self, answer: Answer, prior: Prior | None) -> tuple[Floats, Floats]:
        """Return the first answer and half of its interval, before any simulation."""
        if prior is not None:
            return prior.value, prior.half
        there = np.isfinite(answer.metrics)
        middle = np.where(there, answer.metrics, 0.0)
        return middle, np.where(there, GUESSED, UNKNOWN)

    def _first(
        self, answer: Answer, prior: Prior | None, known: Mapping[str, Floats]
    ) -> Prediction:
        middle, half = self._guess(answer, prior)
        value, low, high = middle.copy(), middle - half, middle + half
        if prior is None:
            alive = np.where(np.isfinite(answer.metrics).all(axis=1), 0.8, 0.2)
            return self._prediction(value, low, high, alive, known)
        nothing = learned(self.case, self.nothing)
        for at in np.flatnonzero(np.isfinite(nothing)):
            none = np.full(len(value), nothing[at])
            there = prior.exists[:, at]
            low[:, at] = _merged(there, low[:, at], none, np.minimum)
            high[:, at] = _merged(there, high[:, at], none, np.maximum)
            lost = (there < NEVER) & ~np.isfinite(answer.metrics[:, at])
            value[:, at] = np.where(lost, none, value[:, at])
        return self._prediction(value, low, high, prior.alive, known)

    def _corrected(
        self,
        fitted: Fitted,
        about: Description,
        answer: Answer,
        prior: Prior | None,
        known: Mapping[str, Floats],
    ) -> Prediction:
        guesses = _guessed_to_exist(answer, prior)
        alive = fitted.alive.predict(about, guesses[:, self.deciding].min(axis=1))
        seen = answer.margin[:, self.deciding].min(axis=1)
        many = (len(about), len(self.metrics))
        value, low, high = np.empty(many), np.empty(many), np.empty(many)
        nothing = learned(self.case, self.nothing)
        for at, (live, dead, exists) in enumerate(
            zip(fitted.live, fitted.dead, fitted.defined, strict=True)
        ):
            middle, half = live.predict(about)
            ends = [middle - half, middle + half]
            if dead is not None:
                other, width = dead.predict(about)
                # The equations have a say: of a design they see work, what it does if it works.
                works = (alive >= 0.5) | (seen > 0)
                ends[0] = _merged(alive, ends[0], other - width, np.minimum)
                ends[1] = _merged(alive, ends[1], other + width, np.maximum)
                middle = np.where(works, middle, other)
            if exists is not None:
                there = exists.predict(about, guesses[:, at])
                none = np.full(many[0], nothing[at])
                ends[0] = _merged(there, ends[0], none, np.minimum)
                ends[1] = _merged(there, ends[1], none, np.maximum)
                # What it would be, unless both the data and the equations say it is not there.
                chance = there if prior is None else np.maximum(there, prior.exists[:, at])
                lost = (chance < NEVER) & ~np.isfinite(answer.metrics[:, at])
                middle = np.where(lost, none, middle)
            value[:, at], low[:, at], high[:, at] = middle, ends[0], ends[1]
        return self._prediction(value, low, high, alive, known)

    def _prediction(
        self, value: Floats, low: Floats, high: Floats, alive: Floats, known: Mapping[str, Floats]
    ) -> Prediction:
        for at, name in enumerate(self.metrics):
            if name in known:
                value[:, at] = low[:, at] = high[:, at] = known[name]
        parts = [metric_units(self.case, item) for item in (value, low, high)]
        return Prediction(self.metrics, parts[0], parts[1], parts[2], alive)


def _guessed_to_exist(answer: Answer, prior: Prior | None) -> Floats:
    """Return from -1 to 1 whether a metric exists: what networks, or else equations, say."""
    return answer.margin if prior is None else np.asarray(2 * prior.exists - 1)


def _merged(chance: Floats, first: Floats, second: Floats, widest: Any) -> Floats:
    """Return the end of an interval that holds whichever of two answers is not unlikely."""
    both = widest(first, second)
    return np.asarray(np.where(chance >= SURE, first, np.where(chance < NEVER, second, both)))


def no_answer(designs: int, metrics: int) -> Answer:
    """Return the answer where there are no equations."""
    return Answer(
        np.full((designs, metrics), np.nan),
        np.zeros((designs, 0, 4)),
        np.zeros((designs, 0)),
        np.zeros(designs, dtype=bool),
        np.zeros((designs, metrics)),
    )


def bind(
    case: Case, physics: Physics | None, ensemble: Ensemble | None = None, why: str = ""
) -> CaseModel:
    """Return a model of a case before any simulation of it."""
    if not case.measures:
        raise SpecError(f"{case.name} has no measures, so there is nothing to predict")
    rng = np.random.default_rng(0)
    sizes = rng.uniform(size=(SAMPLES, len(case.design_parameters)))
    designs = from_unit(case, sizes)
    answer = no_answer(SAMPLES, len(case.metrics)) if physics is None else physics.solve(designs)
    nothing = undefined(case, case.parameters(case.nominal))
    reader = None if physics is None else GraphReader(physics)
    describer = make_describer(answer)
    return CaseModel(case, physics, describer, nothing, reader, ensemble, None, why)
