"""Scores answers to a benchmark: `Evaluator`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from eda.datasets.benchmark import BENCHMARK_PARTS, BenchmarkCircuit, load_benchmark
from eda.errors import DatasetError
from eda.links.metrics import Answers

if TYPE_CHECKING:
    from eda.links.protocol import Scorer

TESTED_PARTS: Final = tuple(part for part in BENCHMARK_PARTS if part != "train")


class Evaluator:
    """The judge of a benchmark, so that all figures mean the same.

    Input: for each circuit of a part, by name, one row of scores per question and one column per
    net: an array [queries, nets], the higher the likelier that the hidden pin belongs on that
    net. Only the order within a row counts. All nets of a circuit are candidates.

    Example:
        >>> import numpy as np
        >>> from eda.datasets import Evaluator, load_benchmark
        >>> evaluator = Evaluator("links-v1")
        >>> answers = {
        ...     circuit.name: np.tile(circuit.sample.net_degree, (len(circuit.queries), 1))
        ...     for circuit in load_benchmark("links-v1", "test")
        ... }
        >>> sorted(evaluator.eval(answers))
        ['circuits', 'hits_at_1', 'hits_at_3', 'intervals', 'mrr', 'pair', 'queries']
    """

    def __init__(self, name: str) -> None:
        """Load the benchmark.

        Raises:
            DatasetError: There is none of that name.
        """
        self.name = name
        load_benchmark(name)

    def expected(self, part: str = "test") -> dict[str, tuple[int, int]]:
        """Return the shape that each circuit's scores must have: (queries, nets)."""
        return {item.name: (len(item.queries), item.sample.num_nets) for item in self._of(part)}

    # The name is that of the Open Graph Benchmark's evaluators. It compares arrays of numbers;
    # nothing that comes in is run.
    def eval(self, predictions: Mapping[str, Any], *, part: str = "test") -> dict[str, Any]:
        """Score the answers to one part.

        Args:
            predictions: Circuit name -> scores [queries, nets]; anything that
                ``numpy.asarray`` takes.
            part: ``test``, ``unseen`` or ``validation``.

        Returns:
            ``hits_at_1``, ``hits_at_3``, ``mrr`` and ``pair`` (the right net against one wrong
            net), each from 0 to 1; ``intervals``, a 95 % interval for each of them, by drawing
            circuits anew; ``queries`` and ``circuits``, how many there were. Among nets with the
            very same score the mean of their ranks counts.

        Raises:
            DatasetError: A circuit is missing or unknown, a shape is wrong, a score is not a
                number; the message says which.
        """
        circuits = self._of(part)
        known = {item.name for item in circuits}
        for name in predictions:
            if name not in known:
                raise DatasetError(
                    f"{self.name}: the part {part} has no circuit {name!r}; its names and shapes "
                    f"are in Evaluator({self.name!r}).expected({part!r})"
                )
        at: list[int] = []
        ranks: list[float] = []
        pairs: list[float] = []
        for number, item in enumerate(circuits):
            scores = self._scores(item, predictions)
            for row, answer, wrong in zip(scores, item.answers, item.wrong, strict=True):
                above, tied = int((row > row[answer]).sum()), int((row == row[answer]).sum()) - 1
                at.append(number)
                ranks.append(1.0 + above + tied / 2)
                pairs.append((np.sign(row[answer] - row[wrong]) + 1) / 2)
        answers = Answers(np.array(at, dtype=np.int64), np.array(ranks), np.array(pairs))
        return {
            **answers.figures(),
            "intervals": answers.intervals(),
            "queries": len(ranks),
            "circuits": len(circuits),
        }

    def _of(self, part: str) -> tuple[BenchmarkCircuit, ...]:
        if part not in TESTED_PARTS:
            raise DatasetError(
                f"{self.name} asks no questions of a part {part!r}; it does of: "
                f"{', '.join(TESTED_PARTS)}"
            )
        return load_benchmark(self.name, part)

    def _scores(
        self, item: BenchmarkCircuit, predictions: Mapping[str, Any]
    ) -> NDArray[np.float64]:
        shape = (len(item.queries), item.sample.num_nets)
        if item.name not in predictions:
            raise DatasetError(
                f"{self.name}: no scores for {item.name!r}; expected an array of shape {shape}: "
                "a row per question, a column per net"
            )
        try:
            scores = np.asarray(predictions[item.name], dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise DatasetError(
                f"{self.name}: the scores for {item.name!r} are no array of numbers ({error})"
            ) from error
        if scores.shape != shape:
            raise DatasetError(
                f"{self.name}: the scores for {item.name!r} have shape {scores.shape}; expected "
                f"{shape}: a row per question, a column per net"
            )
        if np.isnan(scores).any():
            raise DatasetError(
                f"{self.name}: a score for {item.name!r} is not a number (row "
                f"{int(np.argwhere(np.isnan(scores))[0][0])})"
            )
        return scores


def predict_with(
    scorer: Scorer, name: str = "links-v1", *, part: str = "test"
) -> dict[str, NDArray[np.float64]]:
    """Return the answers of a scorer of `eda.links` as `Evaluator.eval` takes them.

    Args:
        scorer: As in `eda.links.protocol`: the shipped model, or a baseline.
        name: The benchmark.
        part: ``test``, ``unseen`` or ``validation``.
    """
    from eda.links.scene import join_scenes, make_scene

    answers: dict[str, NDArray[np.float64]] = {}
    for item in load_benchmark(name, part):
        scenes = [
            make_scene(item.sample, item.queries[at : at + 1]) for at in range(len(item.queries))
        ]
        together = join_scenes(scenes)
        scores = np.asarray(scorer(together), dtype=np.float64)
        bounds = np.searchsorted(together.pair_query, np.arange(len(scenes) + 1))
        rows = np.full((len(scenes), item.sample.num_nets), -1e30)
        for number, scene in enumerate(scenes):
            rows[number, scene.pair_net] = scores[bounds[number] : bounds[number + 1]]
        answers[item.name] = rows
    return answers
