"""``eda bench links``: how well the link predictor does, beside what it has to beat.

Every figure is on circuits that no training circuit equals (see `eda.datasets.splits`). The
quick form asks fewer pins of the large sets; ``full`` asks all, and goes on where it was
stopped: each table is kept as soon as it is made.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from eda.bench.links_complete import complete_table
from eda.bench.links_completion import drawn_table, others_table, sources_table
from eda.bench.links_data import BenchData, kept_folder
from eda.bench.links_left_out import left_out_table
from eda.bench.links_matrix import matrix_table
from eda.bench.links_motifs import motif_table
from eda.bench.links_pairs import stacked_table
from eda.bench.links_repair import audit_table, holes_table
from eda.bench.links_seal import seal_table
from eda.bench.links_speed import seal_speed_table, speed_table
from eda.bench.links_trust import calibration_table, none_table
from eda.bench.table import Table, render, result_of, tables_of
from eda.datasets.corpora import CORPORA, data_folder, find_corpus
from eda.datasets.links import LINK_CORPORA, NETLIST_CORPORA, TEST_CORPORA, link_data
from eda.links.calibration import FILE as CALIBRATION_FILE
from eda.links.motif_index import SHIPPED_INDEX, shipped_index
from eda.links.weights import FOLDER, SHIPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from matplotlib.figure import Figure

__all__ = ["figure", "render", "run"]

QUICK_DEVICES: Final = 4


def run(
    *,
    full: bool = False,
    seed: int = 0,
    log: Callable[[str], None] | None = None,
    data: Path | None = None,
) -> dict[str, Any]:
    """Measure; return the tables as plain values, for `render` or for JSON.

    Args:
        full: Every pin and circuit, more repeats, longer trainings, larger chips; resumable.
        seed: Of what is drawn at random: wrong nets, holes, moved pins.
        log: Called with a line on what is being done.
        data: A folder laid out as ``EDA_DATA`` is; by default that one.

    Raises:
        DatasetError: The corpora that the models were trained on are not on this machine.
    """
    say = log or (lambda _: None)
    say("reading the corpora")
    more = [name for name in (*NETLIST_CORPORA, *TEST_CORPORA) if _is_there(name, data)]
    bench = BenchData(link_data((*LINK_CORPORA, *more), root=data), full=full, seed=seed)
    where = data if data is not None else data_folder()
    steps: tuple[tuple[str, Callable[[], Table]], ...] = (
        ("completion, drawn", lambda: drawn_table(bench)),
        ("completion, other sets", lambda: others_table(bench)),
        ("completion, other sources", lambda: sources_table(bench)),
        ("completion, a source left out", lambda: left_out_table(bench, log=say)),
        ("SEAL", lambda: seal_table(bench, log=say)),
        ("train on, test on", lambda: matrix_table(bench, log=say)),
        ("calibration", lambda: calibration_table(bench)),
        ("none of them", lambda: none_table(bench)),
        ("nearest training wires", lambda: _motifs(bench)),
        ("holes", lambda: holes_table(bench)),
        ("whole devices", lambda: _devices(bench)),
        ("audit", lambda: audit_table(bench)),
        ("GNN-ACLP protocol", lambda: stacked_table(bench)),
        ("speed", lambda: speed_table(where, full=full, log=say)),
        ("speed beside SEAL", lambda: seal_speed_table(where)),
    )
    tables = []
    for name, make in steps:
        say(name)
        tables.append(_kept(name, make, seed=seed) if full else make())
    return result_of("links", tables, full=full, seed=seed)


def figure(result: Mapping[str, Any]) -> Figure:
    """Return the reliability plot of a result.

    Args:
        result: As `run` returns it.
    """
    from eda.plots import plot_reliability

    table = next(item for item in tables_of(result) if item.title.startswith("Calibration"))
    curves: dict[str, list[tuple[float, float, int]]] = {}
    for row in table.rows:
        name, said, right, count = row
        curves.setdefault(str(name), []).append(
            (float(said or 0.0), float(right or 0.0), int(count or 0))
        )
    drawn: Figure = plot_reliability(curves).figure  # type: ignore[assignment]
    return drawn


def _motifs(bench: BenchData) -> Table:
    return motif_table(bench.test("drawn"), shipped_index(), seed=bench.seed)


def _devices(bench: BenchData) -> Table:
    samples = bench.cut(bench.test("drawn"))
    each = None if bench.full else QUICK_DEVICES
    models = bench.some_models()
    return complete_table(samples, models, bench.prior, per_circuit=each, seed=bench.seed)


def _is_there(name: str, data: Path | None) -> bool:
    folder = data / CORPORA[name].folder if data is not None else find_corpus(name)
    return folder is not None and folder.is_dir()


def _kept(name: str, make: Callable[[], Table], *, seed: int) -> Table:
    """Return a table of the full form, from what an earlier run kept where there is one."""
    digest = sha256(f"{name}:{seed}".encode())
    for weights in SHIPPED:
        digest.update((FOLDER / f"{weights}.safetensors").read_bytes())
    digest.update(SHIPPED_INDEX.read_bytes())
    calibration = FOLDER / CALIBRATION_FILE
    digest.update(calibration.read_bytes() if calibration.exists() else b"")
    path = kept_folder() / f"links-{digest.hexdigest()[:20]}.json"
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
