"""``eda train printed``: the neural simulator of printed filters, from layouts that were solved."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.datasets.printed import SHIPPED, PrintedRecord, load
from eda.errors import DatasetError

if TYPE_CHECKING:
    from eda.filters.neural.samples import Solved
    from eda.filters.neural.train import Plan

MEMBERS: Final = 3


def solved_of(records: Iterable[PrintedRecord]) -> list[Solved]:
    """Return records as the neural simulator takes them."""
    from eda.filters.neural.samples import Solved

    return [
        Solved(
            f"{record.seed}:{record.index}",
            record.layout,
            record.board,
            record.frequency_hz,
            record.s,
        )
        for record in records
    ]


def train_printed(
    *,
    out: Path,
    seed: int = 0,
    minutes: float = 60.0,
    resume: bool = False,
    data: Path | None = None,
    members: int = MEMBERS,
    plan: Plan | None = None,
    log: Callable[[str], object] = lambda _text: None,
) -> dict[str, Any]:
    """Train networks one after the other, and write their weights.

    Args:
        out: Folder of the run; the weights are written there.
        seed: Where chance starts.
        minutes: Stop after so long, all networks together.
        resume: Go on from the checkpoints there.
        data: Folder of the solved filters; by default those that are shipped.
        members: How many networks.
        plan: Sizes and rates.
        log: Called with what is being done.

    Returns:
        Path of the weights, filters learned from, epochs, seconds, and the mean error of |S21| on
        validation in dB.

    Raises:
        DatasetError: There are no filters to learn from.
    """
    from eda.filters.neural.train import Plan, train_member
    from eda.filters.neural.weights import NAME, NeuralWeights, save_weights

    plan = plan or Plan()
    folder = data if data is not None else SHIPPED
    training = solved_of(load(folder, "train"))
    validation = solved_of(load(folder, "validation"))
    if not training or not validation:
        raise DatasetError(
            f"{folder}: no filters to learn from; `eda filters build-data` solves some"
        )
    made, told = [], []
    for number in range(members):
        arrays, state = train_member(
            training,
            validation,
            out=out / f"member{number}",
            plan=plan,
            seed=seed + number,
            minutes=minutes / members,
            resume=resume,
            log=partial(_tell, log, f"network {number + 1} of {members}, "),
        )
        made.append(arrays)
        told.append(state)
    path = out / NAME
    save_weights(path, NeuralWeights(plan.shape, tuple(made), plan.prior))
    summary = {
        "weights": str(path),
        "networks": members,
        "filters": len(training),
        "epochs": sum(state["epoch"] for state in told),
        "seconds": round(sum(state["seconds"] for state in told), 1),
        "validation_db": round(sum(state["error_db"] for state in told) / members, 3),
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return summary


def _tell(log: Callable[[str], object], where: str, text: str) -> None:
    log(where + text)
