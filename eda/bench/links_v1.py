"""The rows of the leader table of ``links-v1`` that are ours: two baselines, the shipped model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eda.bench.table import Table
from eda.datasets import Evaluator, load_benchmark, predict_with
from eda.links.prior import count_prior, highest_degree
from eda.links.protocol import model_scorer
from eda.links.weights import models_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAME: Final = "links-v1"
PARTS: Final = ("test", "unseen")


def run(*, full: bool, seed: int, log: Callable[[str], None]) -> dict[str, Any]:
    """Score the baselines and the shipped model; there is nothing longer, and no chance in it."""
    del full, seed
    training = [item.sample for item in load_benchmark(NAME, "train")]
    scorers = (
        ("highest degree", highest_degree),
        ("counted prior", count_prior(training)),
        ("shipped model", model_scorer(models_for(0))),
    )
    evaluator = Evaluator(NAME)
    rows = []
    for name, scorer in scorers:
        for part in PARTS:
            figures = evaluator.eval(predict_with(scorer, NAME, part=part), part=part)
            rows.append({"method": name, "part": part, **figures})
            log(f"{name}, {part}: Hits@1 {figures['hits_at_1']:.3f}")
    return {"benchmark": NAME, "rows": rows}


def render(result: Mapping[str, Any]) -> str:
    """Return the table as text."""
    return Table(
        f"{result['benchmark']}: which net does the hidden pin belong on",
        ("method", "part", "Hits@1", "95 %", "Hits@3", "MRR", "95 %", "pair"),
        tuple(
            (
                row["method"],
                row["part"],
                round(row["hits_at_1"], 3),
                "{:.3f}-{:.3f}".format(*row["intervals"]["hits_at_1"]),
                round(row["hits_at_3"], 3),
                round(row["mrr"], 3),
                "{:.3f}-{:.3f}".format(*row["intervals"]["mrr"]),
                round(row["pair"], 3),
            )
            for row in result["rows"]
        ),
        notes=(
            "the counted prior is counted on the part train; intervals by drawing circuits anew",
        ),
    ).to_text()
