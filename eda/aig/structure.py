"""Structure: cones, support, fanouts, structural hashing, and a hash of the structure."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from eda.aig.aig import Aig, literals
from eda.aig.builder import AigBuilder
from eda.aig.simulation import MAX_BYTES, spread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


def fanouts(aig: Aig) -> NDArray[np.int64]:
    """Return how often each variable is read, by ANDs and roots; shape ``[num_variables]``."""
    read = np.concatenate([aig.fanins.reshape(-1), aig.roots]) >> 1
    return np.bincount(read, minlength=aig.num_variables)


def cone(aig: Aig, roots: Iterable[int]) -> NDArray[np.bool_]:
    """Return which variables these literals depend on, themselves included.

    Returns:
        Shape ``[num_variables]``.
    """
    inside = bytearray(aig.num_variables)
    for literal in literals(roots).tolist():
        inside[literal >> 1] = 1
    first = aig.first_and
    for at in range(aig.num_ands - 1, -1, -1):
        if inside[first + at]:
            break
    else:
        return np.frombuffer(inside, dtype=np.bool_)
    pairs = (aig.fanins[: at + 1] >> 1).tolist()
    for own in range(at, -1, -1):
        if inside[first + own]:
            a, b = pairs[own]
            inside[a] = inside[b] = 1
    return np.frombuffer(inside, dtype=np.bool_)


def support(aig: Aig) -> list[list[int]]:
    """Return for every root the inputs (and latches, behind them) it reaches, from 0."""
    leaves = aig.num_inputs + aig.num_latches
    found: list[list[int]] = [[] for _ in aig.roots]
    words = max(1, MAX_BYTES // (8 * aig.num_variables))
    for start in range(0, leaves, 64 * words):
        count = min(64 * words, leaves - start)
        marks = np.zeros((leaves, -(-count // 64)), dtype=np.uint64)
        at = np.arange(count)
        marks[start + at, at // 64] = np.uint64(1) << (at % 64).astype(np.uint64)
        reached = spread(aig, marks)[aig.roots >> 1]
        bits = np.unpackbits(reached.view(np.uint8), axis=1, bitorder="little")[:, :count]
        for root, index in zip(*(side.tolist() for side in np.nonzero(bits)), strict=True):
            found[root].append(start + index)
    return found


def extract(aig: Aig, outputs: Iterable[int], *, keep_inputs: bool = True) -> Aig:
    """Return the combinational cone of some roots, as a circuit of its own.

    Args:
        aig: The whole.
        outputs: Numbers of roots, from 0.
        keep_inputs: Whether inputs (and latches) that are not read stay; else only those read.
    """
    chosen = aig.roots[list(outputs)]
    inside = cone(aig, chosen.tolist())
    leaves = np.arange(1, aig.first_and)
    kept = leaves if keep_inputs else leaves[inside[1 : aig.first_and]]
    gates = np.flatnonzero(inside[aig.first_and :])
    new = np.zeros(aig.num_variables, dtype=np.int64)
    new[kept] = 1 + np.arange(len(kept))
    new[aig.first_and + gates] = 1 + len(kept) + np.arange(len(gates))
    fanins = aig.fanins[gates]
    return Aig(
        len(kept),
        fanins=2 * new[fanins >> 1] + (fanins & 1),
        outputs=2 * new[chosen >> 1] + (chosen & 1),
        source=aig.source,
    )


def strash(aig: Aig) -> Aig:
    """Return it with equal ANDs merged, constants propagated, and unread ANDs dropped.

    Interface and names stay; the function is the same.
    """
    made = AigBuilder(aig.num_inputs, num_latches=aig.num_latches)
    roots = made.copy(aig, [*made.inputs, *made.latches])
    return drop_unread(
        replace(made.build(next_states=aig.next_states * 0), outputs=literals(roots)), aig
    )


def drop_unread(logic: Aig, interface: Aig) -> Aig:
    """Return the interface of one AIG around the ANDs that another one's outputs read.

    Args:
        logic: Its outputs are the roots of ``interface``.
        interface: Gives inputs, latches and names.
    """
    inside = cone(logic, logic.outputs.tolist())
    gates = np.flatnonzero(inside[logic.first_and :])
    new = np.arange(logic.num_variables, dtype=np.int64)
    new[logic.first_and + gates] = logic.first_and + np.arange(len(gates))
    fanins, roots = logic.fanins[gates], logic.outputs
    return interface.with_logic(
        2 * new[fanins >> 1] + (fanins & 1), 2 * new[roots >> 1] + (roots & 1)
    )


def structural_hash(aig: Aig) -> str:
    """Return a hash that does not depend on how the ANDs are numbered or ordered.

    Inputs, latches and roots count by their order, names and comments not at all. Circuits of
    the same function with other gates have other hashes.
    """
    marks = [blake2b(b"%d" % at, digest_size=16).digest() for at in range(aig.first_and)]
    add = marks.append
    for a, b in aig.fanins.tolist():
        one = marks[a >> 1] + (b"!" if a & 1 else b".")
        two = marks[b >> 1] + (b"!" if b & 1 else b".")
        add(blake2b(one + two if one < two else two + one, digest_size=16).digest())
    whole = blake2b(digest_size=16)
    sizes = [aig.num_inputs, aig.num_latches, *aig.resets.tolist()]
    sizes += [aig.num_outputs, len(aig.bad), len(aig.constraints)]
    sizes += [*(len(item) for item in aig.justice), len(aig.fairness)]
    whole.update(repr(sizes).encode())
    for literal in aig.roots.tolist():
        whole.update(marks[literal >> 1] + (b"!" if literal & 1 else b"."))
    return whole.hexdigest()
