"""``eda bench logic``: AIGs read, proved, optimised, synthesised and described, beside ABC."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from eda.bench.logic_cutoff import cutoff_tables
from eda.bench.logic_embed import embed_table
from eda.bench.logic_equivalence import equivalence_table
from eda.bench.logic_fanins import fanin_table
from eda.bench.logic_gates import gates_table
from eda.bench.logic_optimize import optimize_tables
from eda.bench.logic_read import reading_table
from eda.bench.logic_synthesis import synthesis_table
from eda.bench.resume import Kept, kept_path
from eda.bench.table import Table, render, result_of
from eda.datasets.corpora import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["render", "run"]

KEPT = "bench-logic.jsonl"


def run(
    *,
    full: bool = False,
    seed: int = 0,
    log: Callable[[str], object] = lambda _text: None,
    data: Path | None = None,
    kept: Kept | None = None,
) -> dict[str, Any]:
    """Measure everything about logic.

    Args:
        full: All circuits, five seeds, ten seconds; what was measured is kept in ``runs/`` and
            not measured again. Without, some circuits and shorter times, about eight minutes of
            processor time.
        seed: Where chance starts.
        log: Called with what is being done.
        data: Folder of the corpora; by default what ``EDA_DATA`` names. Without any, only
            circuits made by chance are used.
        kept: Where results are kept; by default a file in ``runs/`` if ``full``.
    """
    if kept is None:
        kept = Kept(kept_path(KEPT) if full else None)
    folder = data if data is not None else data_folder()
    logic = folder / "aig" if folder is not None else None
    tables: list[Table] = []
    epfl = None
    if logic is not None and (logic / "epfl").is_dir():
        epfl = logic / "epfl"
        log("reading")
        tables.append(reading_table(logic, seed=seed, kept=kept))
        log("equivalence")
        tables.append(equivalence_table(epfl, full=full, seed=seed, log=log, kept=kept))
        log("optimisation")
        tables += optimize_tables(epfl, full=full, seed=seed, log=log, kept=kept)
    if logic is not None and (logic / "iwls2022").is_dir():
        log("synthesis")
        tables.append(synthesis_table(logic / "iwls2022", full=full, seed=seed, log=log, kept=kept))
    if logic is not None and (logic / "tcbench").is_dir():
        log("five gates")
        tables.append(gates_table(logic / "tcbench", full=full, seed=seed, log=log, kept=kept))
    log("writing circuits")
    tables += cutoff_tables(epfl, full=full, seed=seed, log=log, kept=kept)
    if epfl is not None:
        log("embeddings")
        tables.append(embed_table(epfl, full=full, seed=seed, log=log, kept=kept))
        log("open fanins")
        tables.append(fanin_table(epfl, full=full, seed=seed, log=log, kept=kept))
    return result_of("logic", tables, full=full, seed=seed)
