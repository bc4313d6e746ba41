"""``eda train fanins``: the network for open fanins, from circuits of other suites than the test.

EPFL is what `eda bench logic` tests on, and no circuit of it is here. Two circuits of IWLS 2005
are other versions of designs of EPFL, and are left out too.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.datasets.corpora import data_folder
from eda.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDERS: Final = ("iwls2005", "openabc", "iwls2022/best")
KIN: Final = ("iwls05_i2c", "iwls05_mem_ctrl")
VALIDATION: Final = ("tv80", "i10", "systemcaes", "bc0", "ex36", "ex80")
"""By these the epoch is chosen; the others are learned from."""

_LEAST_ANDS: Final = 150


def train_fanins(
    *,
    out: Path,
    seed: int = 0,
    minutes: float = 10.0,
    resume: bool = False,
    data: Path | None = None,
    log: Callable[[str], object] = lambda _text: None,
) -> dict[str, Any]:
    """Train on all circuits with enough gates; some two minutes of one core.

    Args:
        out: Folder of the run.
        seed: Where chance starts.
        minutes: Stop after so long.
        resume: Go on from the checkpoint there.
        data: Folder of the corpora; by default what ``EDA_DATA`` names.
        log: Called with what is being done.

    Returns:
        As `eda.logic.fanin_train.train_fanin_model`, and the number of circuits and questions.

    Raises:
        DatasetError: The circuits are not there.
    """
    from eda.aig import read_aiger, strash
    from eda.logic.fanin_train import fanin_samples, joined, train_fanin_model

    folder = data if data is not None else data_folder()
    paths = (
        []
        if folder is None
        else [
            path
            for name in FOLDERS
            for path in sorted((folder / "aig" / name).glob("*.aig"))
            if path.stem not in KIN
        ]
    )
    parts: dict[bool, list[Any]] = {True: [], False: []}
    circuits = 0
    for path in paths:
        aig = strash(read_aiger(path).combinational())
        if aig.num_ands < _LEAST_ANDS:
            continue
        circuits += 1
        log(f"{path.stem}: {aig.num_ands} ANDs")
        chosen_by = path.stem in VALIDATION
        for number in range(1 if chosen_by else 2):
            for near in (True,) if chosen_by else (True, False):
                draw = 1 + 4 * seed + 2 * number + near
                made = fanin_samples(aig, seed=draw, near=near)
                if len(made.inverted):
                    parts[chosen_by].append(made)
    if not parts[True] or not parts[False]:
        raise DatasetError(
            "the circuits to learn from are not there; set EDA_DATA to a folder that holds "
            f"aig/{FOLDERS[0]}, and others named in the model card"
        )
    training, validation = joined(parts[False]), joined(parts[True])
    found = train_fanin_model(
        training, validation, out=out, seed=seed, minutes=minutes, resume=resume, log=log
    )
    return {**found, "circuits": circuits, "questions": len(training.inverted)}
