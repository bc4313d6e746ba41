"""A sized circuit in ngspice: is there an operating point, is it saturated, what does it do?"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from eda.spice.analyses import Op
from eda.spice.measures import mos_operating_points, mos_saves
from eda.spice.simulator import simulate
from eda.topology.benches import BENCHES
from eda.topology.types import TYPES

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from eda.spice.simulation import SimulationResult
    from eda.topology.sized import Design

TIME_LIMIT_S: Final = 10.0
OP_LIMIT_S: Final = 2.0
EDGE_V: Final = 1e-3
"""So far below saturation a transistor still counts as saturated."""
OFF_A: Final = 10e-9
_TROUBLE: Final = re.compile(r"singular matrix|gmin stepping|source stepping", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Measured:
    """What simulations said of a circuit.

    Attributes:
        op_solved: Whether the operating point was found at once: without a singular matrix,
            without stepping, in less than two seconds.
        saturated: Whether all MOS transistors conduct and are saturated; None without any.
        regions: Region of each MOS transistor by its name.
        metrics: Figures of the testbench of its type.
        works: Whether they are those of a circuit that does its job; None where not measured.
        note: Why something could not be measured.
    """

    op_solved: bool
    saturated: bool | None
    regions: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    works: bool | None = None
    note: str = ""


def measure(designs: Sequence[Design], **options: Any) -> list[Measured]:
    """Measure circuits: the operating point of each, then the testbench of its type.

    Args:
        designs: Circuits with sizes.
        options: Those of `eda.spice.simulate_many`: ``executor``, ``workers``, ``cache``, ...

    Raises:
        SimulatorNotFoundError: ngspice is not installed.
    """
    options = {"time_limit_s": TIME_LIMIT_S, **options}
    points = operating_points(designs, **options)
    decks = []
    owners = []
    for at, (design, point) in enumerate(zip(designs, points, strict=True)):
        bench = BENCHES.get(TYPES[design.topology.type].testbench)
        if bench is None or not point[0].ok:
            continue
        for deck, analyses in bench.decks(design):
            decks.append((deck, analyses))
            owners.append(at)
    results = _run(decks, options)
    found: dict[int, list[SimulationResult]] = {}
    for owner, result in zip(owners, results, strict=True):
        found.setdefault(owner, []).append(result)
    return [
        _measured(design, point, found.get(at, []))
        for at, (design, point) in enumerate(zip(designs, points, strict=True))
    ]


def operating_points(
    designs: Sequence[Design], **options: Any
) -> list[tuple[SimulationResult, bool]]:
    """Return the operating point of each circuit, and whether it was found at once."""
    decks = []
    for design in designs:
        deck = design.deck()
        decks.append((deck, (Op(),), mos_saves(deck)))
    results = _run(decks, options)
    late = [at for at, item in enumerate(results) if item.ok and item.seconds >= OP_LIMIT_S]
    # The first of a process waits for ngspice to be loaded; so what was late is run again.
    for at, result in zip(late, _run([decks[at] for at in late], options), strict=True):
        results[at] = result
    return [
        (result, result.ok and result.seconds < OP_LIMIT_S and not _TROUBLE.search(result.log))
        for result in results
    ]


def _run(decks: Sequence[tuple[Any, ...]], options: Mapping[str, Any]) -> list[SimulationResult]:
    """Run decks of several kinds, those of one kind together."""
    from concurrent.futures import ThreadPoolExecutor

    own = dict(options)
    executor: Executor | None = own.pop("executor", None)
    workers = int(own.pop("workers", 2))
    own.pop("progress", None)
    if not decks:
        return []

    def gather(pool: Executor) -> list[SimulationResult]:
        waiting = [
            pool.submit(simulate, item[0], *item[1], save=item[2] if len(item) > 2 else (), **own)
            for item in decks
        ]
        return [future.result() for future in waiting]

    if executor is not None:
        return gather(executor)
    with ThreadPoolExecutor(max_workers=max(1, workers)) as threads:
        return gather(threads)


def _measured(
    design: Design, point: tuple[SimulationResult, bool], results: Sequence[SimulationResult]
) -> Measured:
    result, solved = point
    saturated: bool | None = None
    regions: dict[str, str] = {}
    if result.ok:
        saturated, regions = saturation(result)
    bench = BENCHES.get(TYPES[design.topology.type].testbench)
    if not result.ok:
        return Measured(False, None, note=f"operating point: {result.status.value}", works=False)
    if bench is None:
        return Measured(solved, saturated, regions)
    if not results:
        return Measured(solved, saturated, regions, note="its ports do not fit the testbench")
    if not results[0].ok:
        note = f"testbench: {results[0].status.value}"
        return Measured(solved, saturated, regions, note=note, works=False)
    try:
        metrics = bench.read(design, results)
    except (KeyError, IndexError, ValueError) as error:
        # A later deck of the bench ended early.
        return Measured(solved, saturated, regions, note=f"testbench: {error}", works=False)
    kept = {name: value for name, value in metrics.items() if math.isfinite(value)}
    return Measured(solved, saturated, regions, kept, bench.works(kept))


def saturation(result: SimulationResult) -> tuple[bool | None, dict[str, str]]:
    """Return whether every MOS transistor conducts and is saturated, and the region of each."""
    points = mos_operating_points(result.operating_point)
    regions = {name: str(point.region) for name, point in points.items()}
    if not points:
        return None, regions
    good = all(
        point.vds_v >= point.vdsat_v - EDGE_V and abs(point.id_a) > OFF_A
        for point in points.values()
    )
    return good, regions
