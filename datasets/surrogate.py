"""Training of the shipped surrogate: its cases, their simulated designs, and the networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eda.datasets.corpora import data_folder
from eda.datasets.sizing_cases import generated_cases
from eda.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from eda.spice import Case
    from eda.surrogate.data import CaseData
    from eda.surrogate.train import TrainingPlan

SHARED: Final[dict[str, int]] = {
    "tia_fpdk45": 800,
    "ota2s_fpdk45": 2000,
    "ota2s_gf180": 2000,
    "ota5t_sky130": 1500,
}
"""Cases of the corpus ``sizing`` and how many designs of each are simulated."""
OWN_DESIGNS: Final = 1500
GENERATED: Final = 7
GENERATED_SEED: Final = 3
GENERATED_DESIGNS: Final = 300
LEFT_OUT: Final = ("gen_opamp_3_1",)
"""Generated cases that are passed over: one that takes half a second a simulation."""


def shared_cases() -> list[Case]:
    """Return the cases of the corpus ``sizing``; none where ``EDA_DATA`` does not hold it."""
    from eda.spice import read_case

    home = data_folder()
    if home is None:
        return []
    folders = [home / "sizing" / "circuits" / name for name in SHARED]
    return [read_case(folder) for folder in folders if (folder / "case.json").is_file()]


def training_cases(folder: Path) -> Iterator[tuple[Case, int]]:
    """Yield the cases that the shipped networks are trained on, and how many designs of each.

    Args:
        folder: Where the generated ones are written.
    """
    from eda.spice.case_reader import example_case

    for case in shared_cases():
        yield case, SHARED[case.name]
    yield example_case(), OWN_DESIGNS
    made = generated_cases(folder, GENERATED + len(LEFT_OUT), seed=GENERATED_SEED)
    for case in made:
        if case.name not in LEFT_OUT:
            yield case, GENERATED_DESIGNS


def train_surrogate(
    *,
    out: Path,
    seed: int = 0,
    minutes: float | None = None,
    resume: bool = False,
    workers: int = 2,
    plan: TrainingPlan | None = None,
    limit: int | None = None,
    log: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Simulate the designs and train the networks; what is there already is not made again.

    Args:
        out: Folder of the run: ``cases``, ``data``, the weights and their cards.
        seed: Of the training.
        minutes: Stop the training after this time; ``resume`` goes on.
        resume: Go on from the checkpoint.
        workers: Simulations at once.
        plan: Sizes and steps; None for those of the shipped networks.
        limit: Simulate no more than this many designs of each case (for a trial).
        log: Called with a line of progress now and then.

    Raises:
        DatasetError: There is no case to train on.
        SimulatorNotFoundError: ngspice is not installed.
    """
    from eda.surrogate.physics import Physics
    from eda.surrogate.samples import make_sample
    from eda.surrogate.train import train

    say = log or (lambda _: None)
    (out / "cases").mkdir(parents=True, exist_ok=True)
    (out / "data").mkdir(exist_ok=True)
    samples, origin = [], {}
    for case, count in training_cases(out / "cases"):
        count = count if limit is None else min(limit, count)
        data = _data(case, count, out / "data" / f"{case.name}.npz", workers, say)
        samples.append(make_sample(Physics(case, workers=workers), data))
        origin[case.name] = {"designs": len(data), "technology": case.technology}
    if not samples:
        raise DatasetError("there is no case to train on")
    card = {
        "task": "metrics of a sized circuit, without simulating it",
        "data": origin,
        "licence": "GPL-3.0-or-later",
        "command": f"eda train surrogate --seed {seed}",
    }
    return train(
        samples, out=out, plan=plan, seed=seed, minutes=minutes, resume=resume, card=card, log=log
    )


def _data(case: Case, count: int, path: Path, workers: int, say: Callable[[str], None]) -> CaseData:
    from eda.surrogate.data import build_data, load_data

    try:
        found = load_data(path, case)
        if found.card.get("count") == count:
            return found
    except DatasetError:
        pass
    say(f"simulating {count} designs of {case.name}")
    return build_data(case, count=count, out=path, workers=workers)
