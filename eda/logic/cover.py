"""Covers: sums of products as BLIF and PLA write them, one row of 0, 1 and - per product."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eda.aig import AigBuilder


def cover_function(
    rows: Sequence[str], *, complement: bool = False
) -> Callable[[AigBuilder, list[int]], int]:
    """Return a function that builds the OR of some products.

    Args:
        rows: Per product a character per operand: ``1``, ``0``, or ``-`` for either.
        complement: Whether the rows are those where the function is 0.
    """

    def build(made: AigBuilder, ins: list[int]) -> int:
        products = [product(made, row, ins) for row in rows]
        return made.or_all(products) ^ complement

    return build


def product(made: AigBuilder, row: str, ins: Sequence[int]) -> int:
    """Return the AND of the literals that a row names."""
    return made.and_all(
        literal ^ (mark == "0") for mark, literal in zip(row, ins, strict=True) if mark in "01"
    )
