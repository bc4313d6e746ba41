"""Small truth tables as logic: Shannon expansion, whose equal parts are shared."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.aig import AigBuilder


def lut_function(table: int, inputs: int) -> Callable[[AigBuilder, list[int]], int]:
    """Return a function that builds a truth table.

    Args:
        table: Bit ``m`` is the value where operand ``k`` is bit ``k`` of ``m``.
        inputs: How many operands.
    """

    def build(made: AigBuilder, ins: list[int]) -> int:
        return shannon(made, table & ((1 << (1 << inputs)) - 1), ins)

    return build


def shannon(made: AigBuilder, table: int, ins: list[int]) -> int:
    """Return the literal of a truth table over some literals, the last one decided first."""
    known: dict[tuple[int, int], int] = {}

    def expand(table: int, inputs: int) -> int:
        if table == 0:
            return 0
        if table == (1 << (1 << inputs)) - 1:
            return 1
        found = known.get((table, inputs))
        if found is None:
            half = 1 << (inputs - 1)
            low, high = table & ((1 << half) - 1), table >> half
            if low == high:
                found = expand(low, inputs - 1)
            else:
                found = made.mux(ins[inputs - 1], expand(high, inputs - 1), expand(low, inputs - 1))
            known[table, inputs] = found
        return found

    return expand(table, len(ins))
