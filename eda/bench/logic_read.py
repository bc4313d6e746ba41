"""``eda bench logic``, reading: circuits read and written back, hyp as tensors, damaged files."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from eda.aig import aiger_bytes, read_aiger
from eda.bench.aiger_fuzz import fuzz
from eda.bench.table import Table

if TYPE_CHECKING:
    from pathlib import Path

    from eda.bench.resume import Kept

FUZZED = 10_000


def reading_table(folder: Path, *, seed: int, kept: Kept) -> Table:
    """Return how the circuits of a folder are read, and what damaged files do."""
    rows: list[tuple[Any, ...]] = []
    for name in ("epfl", "iwls2005", "openabc"):
        files = sorted((folder / name).glob("*.aig"))
        if files:
            rows.append(_read_all(name, files))
    hyp = folder / "epfl" / "hyp.aig"
    if hyp.is_file():
        rows.append(_tensors(hyp))
    found = kept.get(f"fuzz/{FUZZED}/{seed}", lambda: _fuzz(seed))
    rows.append(
        (
            f"{FUZZED} damaged files",
            found["files"],
            f"{found['refused']} refused, {found['equal']} read with the right function, "
            f"{found['faults']} faults",
            found["slowest_s"],
        )
    )
    return Table(
        "Reading AIGER",
        ("what", "files", "result", "longest, s"),
        tuple(rows),
        (
            "damaged: bytes flipped, cut off, spliced, deleted, inserted, digits changed; a fault "
            "is a crash, a wrong function, or another verdict than that of a second reader and "
            "evaluator written apart",
        ),
    )


def _read_all(name: str, files: list[Path]) -> tuple[Any, ...]:
    slowest, ands, same = 0.0, 0, 0
    for path in files:
        started = time.process_time()
        aig = read_aiger(path)
        slowest = max(slowest, time.process_time() - started)
        ands += aig.num_ands
        for ascii in (False, True):
            again = read_aiger_bytes(aiger_bytes(aig, ascii=ascii))
            same += again == aiger_bytes(aig)
    return name, len(files), f"{ands} ANDs, {same} of {2 * len(files)} written back equal", slowest


def read_aiger_bytes(data: bytes) -> bytes:
    """Read AIGER and return it in binary."""
    from eda.aig import parse_aiger

    return aiger_bytes(parse_aiger(data))


def _tensors(path: Path) -> tuple[Any, ...]:
    import torch_geometric.data  # noqa: F401  # its import is not what is measured

    started = time.process_time()
    aig = read_aiger(path)
    graph = aig.to_pyg()
    spent = time.process_time() - started
    told = f"{graph.num_nodes} nodes, {graph.num_edges} edges, {aig.depth} levels"
    return "hyp read, and made PyG tensors", 1, told, spent


def _fuzz(seed: int) -> dict[str, Any]:
    score = fuzz(FUZZED, seed=seed)
    return {
        "files": score.files,
        "refused": score.refused,
        "equal": score.equal,
        "faults": len(score.faults),
        "slowest_s": score.slowest_s,
    }
