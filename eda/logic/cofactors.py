"""Truth tables as numbers: cofactors, support, and sums of products that cannot be shortened."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=64)
def variable(index: int, inputs: int) -> int:
    """Return the table of an input."""
    block = 1 << index
    made = ((1 << block) - 1) << block
    width = 2 * block
    while width < 1 << inputs:
        made |= made << width
        width *= 2
    return made


def full(inputs: int) -> int:
    """Return the table that is 1 everywhere."""
    return (1 << (1 << inputs)) - 1


def cofactors(table: int, index: int, inputs: int) -> tuple[int, int]:
    """Return the tables with an input at 0 and at 1, over the same inputs."""
    ones = variable(index, inputs)
    shift = 1 << index
    low, high = table & ~ones, table & ones
    return low | low << shift, high | high >> shift


def support_of(table: int, inputs: int) -> list[int]:
    """Return the inputs that a table depends on."""
    found = []
    for index in range(inputs):
        shift = 1 << index
        ones = variable(index, inputs)
        if (table & ones) >> shift != table & (ones >> shift):
            found.append(index)
    return found


Cube = tuple[int, int]
"""A product: the inputs it has, and their values, as bit masks."""


def irredundant(lower: int, upper: int, inputs: int) -> tuple[list[Cube], int]:
    """Return a sum of products between two tables, none of whose products can be left out.

    Method: S. Minato, "Fast generation of prime-irredundant covers from binary decision
    diagrams", IEICE Transactions E76-A, 1993.

    Args:
        lower: Where the sum must be 1.
        upper: Where it may be 1.
        inputs: How many.

    Returns:
        The products, and the table of their sum.
    """
    if not lower:
        return [], 0
    if upper == full(inputs):
        return [(0, 0)], upper
    index = inputs - 1
    while True:
        l0, l1 = cofactors(lower, index, inputs)
        u0, u1 = cofactors(upper, index, inputs)
        if l0 != l1 or u0 != u1:
            break
        index -= 1
    cubes0, f0 = irredundant(l0 & ~u1, u0, inputs)
    cubes1, f1 = irredundant(l1 & ~u0, u1, inputs)
    both, f2 = irredundant((l0 & ~f0) | (l1 & ~f1), u0 & u1, inputs)
    ones = variable(index, inputs)
    bit = 1 << index
    cubes = [(mask | bit, values) for mask, values in cubes0]
    cubes += [(mask | bit, values | bit) for mask, values in cubes1]
    return cubes + both, (f0 & ~ones) | (f1 & ones) | f2
