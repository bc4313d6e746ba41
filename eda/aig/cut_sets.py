"""Cuts: sets of at most k variables that decide a variable's value."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eda.aig.aig import Aig

Cut = tuple[int, ...]


def cuts(aig: Aig, *, size: int = 4, limit: int = 8) -> list[tuple[Cut, ...]]:
    """Return cuts of every variable, the small ones first, the trivial one last.

    Args:
        aig: The circuit.
        size: Leaves a cut may have.
        limit: Cuts that are kept of a variable, beside the trivial one.

    Returns:
        A tuple of cuts per variable; a cut is a sorted tuple of variables. No cut contains
        another one of the same variable.
    """
    found: list[tuple[Cut, ...]] = [((),)]
    found += [((variable,),) for variable in range(1, aig.first_and)]
    for own, (a, b) in enumerate((aig.fanins >> 1).tolist(), start=aig.first_and):
        merged: set[frozenset[int]] = set()
        for one in found[a]:
            left = set(one)
            for two in found[b]:
                union = left.union(two)
                if len(union) <= size:
                    merged.add(frozenset(union))
        kept: list[frozenset[int]] = []
        for cut in sorted(merged, key=lambda cut: (len(cut), sorted(cut))):
            if not any(other <= cut for other in kept):
                kept.append(cut)
                if len(kept) == limit:
                    break
        found.append((*(tuple(sorted(cut)) for cut in kept), (own,)))
    return found
