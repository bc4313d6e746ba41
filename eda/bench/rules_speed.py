"""The speed of the rules: whole circuits of growing size, and single steps of a growing one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from eda.bench.links_decks import chain_text
from eda.bench.table import Table
from eda.rules import PARTIAL_RULES, PartialCircuit, check
from eda.spice import parse_netlist

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES: Final = (1_000, 10_000, 100_000)
STEP_SIZES: Final = (10, 50, 200, 1_000)
_PER_STAGE: Final = 5
_PORTS: Final = {
    **{"vdd": "supply", "vss": "ground", "in0": "input", "ref": "input"},
    **{"vb": "bias", "out": "output"},
}
_NEW: Final = {"d": "out", "g": "x0", "s": "new", "b": "vss"}


def batch_table(*, full: bool = False) -> Table:
    """Return seconds of `check` on flat chains of differential stages, beside reading them."""
    rows: list[tuple[str | float | int | None, ...]] = []
    for size in SIZES:
        text = chain_text(size // _PER_STAGE)
        rounds = 3 if full or size < SIZES[-1] else 1
        circuit = parse_netlist(text)
        read = _seconds(lambda text=text: parse_netlist(text), rounds)  # type: ignore[misc]
        took = _seconds(lambda circuit=circuit: check(circuit), rounds)  # type: ignore[misc]
        per_100k = took / len(circuit.devices) * 100_000
        rows.append(
            (len(circuit.devices), round(took, 3), round(per_100k, 2), round(took / read, 2))
        )
    return Table(
        "Speed of eda check, all rules that are on",
        ("devices", "s", "s per 100k devices", "times the reading of the netlist"),
        tuple(rows),
        ("processor time, the best of three (of the largest, of one in the quick form)",),
    )


def step_table() -> Table:
    """Return microseconds of the steps of a growing circuit, beside the batch form."""
    rows: list[tuple[str | float | int | None, ...]] = []
    ids = [rule.id for rule in PARTIAL_RULES]
    for size in STEP_SIZES:
        circuit = grown(size)
        finished = circuit.to_circuit()

        def step(circuit: PartialCircuit = circuit) -> None:
            circuit.add_device("nmos", _NEW)
            circuit.obligations()
            circuit.undo()

        micro = [
            1e6 * _seconds(task, 100, 20)
            for task in (
                step,
                lambda circuit=circuit: circuit.sound("nmos", {**_NEW, "s": "t0"}),
                circuit.obligations,
                circuit.copy,
            )
        ]
        batch = 1e6 * _seconds(lambda finished=finished: check(finished, rules=ids), 3)  # type: ignore[misc]
        shown = [round(value, 1) for value in micro]
        rows.append((size, *shown, round(batch), round(batch / micro[0])))
    return Table(
        "Speed of a growing circuit, microseconds",
        (
            *("devices", "add, obligations, undo", "sound", "obligations", "copy"),
            *("the same rules in batch form", "times a step"),
        ),
        tuple(rows),
        ("processor time, the best of 100 rounds of 20 (batch: of 3 rounds)",),
    )


def grown(devices: int) -> PartialCircuit:
    """Return a chain of differential stages, made device by device."""
    circuit = PartialCircuit(_PORTS)
    for k in range(devices // _PER_STAGE):
        for kind, d, g, s, b in (
            ("nmos", f"x{k}", f"in{k}", f"t{k}", "vss"),
            ("nmos", f"in{k + 1}", "ref", f"t{k}", "vss"),
            ("pmos", f"x{k}", f"x{k}", "vdd", "vdd"),
            ("pmos", f"in{k + 1}", f"x{k}", "vdd", "vdd"),
            ("nmos", f"t{k}", "vb", "vss", "vss"),
        ):
            circuit.add_device(kind, {"d": d, "g": g, "s": s, "b": b})
    return circuit


def _seconds(task: Callable[[], object], rounds: int, repeats: int = 1) -> float:
    """Return the processor time of a task, the best of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        for _ in range(repeats):
            task()
        best = min(best, (time.process_time() - begun) / repeats)
    return best
