"""``eda train recipes``: in which order logic is optimised, learned on circuits of other suites."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from eda.datasets.corpora import data_folder
from eda.errors import DatasetError

CIRCUITS: Final = (
    *("iwls2005/ss_pcm.aig", "iwls2005/usb_phy.aig", "openabc/apex1.aig", "openabc/dalu.aig"),
    *("openabc/i10.aig", "openabc/fir.aig", "iwls2005/tv80.aig"),
)
"""What the shipped table was learned on; the benches use others."""


def train_recipes(
    *,
    out: Path,
    seed: int = 0,
    names: Sequence[str] = CIRCUITS,
    data: Path | None = None,
    log: Callable[[str], object] = lambda _text: None,
) -> dict[str, Any]:
    """Run every recipe on some circuits, and write ``recipe_gains.json``; some minutes.

    The gains are per second of processor time, so they differ a little from machine to machine.

    Args:
        out: Folder of the run.
        seed: Draws the windows of large circuits.
        names: Circuits, as paths below the folder ``aig`` of the corpora.
        data: Folder of the corpora; by default what ``EDA_DATA`` names.
        log: Called with what is being done.

    Returns:
        The path of the table, the number of circuits, objectives and states.

    Raises:
        DatasetError: The circuits are not there.
    """
    from eda.aig import read_aiger
    from eda.logic.learn_order import learn_gains, write_gains

    folder = data if data is not None else data_folder()
    if folder is None or not all((folder / "aig" / name).is_file() for name in names):
        raise DatasetError(
            "the circuits to learn from are not there; set EDA_DATA to a folder that holds "
            f"aig/{names[0]} and its like"
        )
    table = learn_gains((read_aiger(folder / "aig" / name) for name in names), seed=seed, log=log)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "recipe_gains.json"
    write_gains(table, path, what=f"gains per second, learned on {', '.join(names)}")
    return {
        "table": str(path),
        "circuits": len(names),
        "objectives": len(table),
        "states": max((len(states) for states in table.values()), default=0),
    }
