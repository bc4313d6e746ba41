"""Instances of library cells, with pins by name or by order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.logic.gates import FLIP_FLOP, OUTPUT_PINS, cell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.logic.netlist import NamedLogic


def add_cell(logic: NamedLogic, name: str, pins: Mapping[str, str], line: int) -> None:
    """Add what a cell drives.

    Args:
        logic: Where to.
        name: The cell's name, such as ``NAND2_X1``.
        pins: The net of each pin; exactly one pin has the name of an output.
        line: Where the instance stands.

    Raises:
        AigerError: The cell is not known, or its pins are not those of such a cell.
    """
    known = cell(name)
    if known is None:
        why = (
            "is a flip-flop of a library, whose clock and resets cannot be told from its name; "
            "map it to BLIF latches or AIGER with yosys first"
            if FLIP_FLOP.fullmatch(name)
            else "is no cell whose function is known by its name"
        )
        raise logic.error(line, f"{name} {why}")
    outputs = [pin for pin in pins if pin.upper() in OUTPUT_PINS]
    inputs = sorted((pin for pin in pins if pin not in outputs), key=_order)
    if len(outputs) != 1 or len(inputs) != known.inputs:
        raise logic.error(
            line,
            f"{name} has the pins {', '.join(pins)}; it takes {known.inputs} inputs and one "
            f"output, called {', '.join(OUTPUT_PINS)}",
        )
    if known.groups:
        inputs = _grouped(inputs, known.groups)
    logic.add_gate(pins[outputs[0]], known.function, [pins[pin] for pin in inputs], line)


def _order(pin: str) -> tuple[bool, str]:
    # A select pin stands behind the data pins.
    return pin.upper().startswith("S"), pin.upper()


def _grouped(pins: list[str], sizes: tuple[int, ...]) -> list[str]:
    """Put the larger groups first: libraries call the pins of AOI21 A, B1, B2 or A1, A2, B."""
    groups: dict[str, list[str]] = {}
    for pin in pins:
        groups.setdefault(pin.rstrip("0123456789"), []).append(pin)
    found = sorted(groups.values(), key=len, reverse=True)
    if tuple(map(len, found)) != sizes:
        return pins  # IN1, IN2, IN3: the order of the numbers
    return [pin for group in found for pin in group]
