"""Windows: a circuit cut into pieces that can each be replaced, all at once and without loops.

The ANDs are put into an order in which each stands behind its fanins and near its neighbours, and
the order is cut into stretches. A stretch reads earlier stretches only, so whatever is done inside
of one, no loop can come of it; and if every piece computes what it did, so does the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eda.aig import Aig, AigBuilder, strash

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of a circuit.

    Attributes:
        inputs: Variables of the whole that it reads, in the order of its inputs.
        outputs: Variables of the whole that it gives, in the order of its outputs.
        logic: The piece as a circuit.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    logic: Aig


def neighbourly_order(aig: Aig, rng: random.Random) -> list[int]:
    """Return the ANDs (from 0) in the order of a walk from the roots, in random directions."""
    first = aig.first_and
    pairs = ((aig.fanins >> 1) - first).tolist()
    roots = sorted({(literal >> 1) - first for literal in aig.roots.tolist()})
    rng.shuffle(roots)
    done = bytearray(len(pairs))
    order: list[int] = []
    for root in roots:
        stack = [root] if root >= 0 else []
        while stack:
            gate = stack.pop()
            if gate < 0:
                order.append(~gate)
            elif not done[gate]:
                done[gate] = 1
                stack.append(~gate)
                a, b = pairs[gate]
                if rng.random() < 0.5:
                    a, b = b, a
                stack += [x for x in (a, b) if x >= 0 and not done[x]]
    return order


def cut(aig: Aig, size: int, rng: random.Random) -> list[Window]:
    """Cut a circuit into windows of about so many ANDs, the first one of any size."""
    order = neighbourly_order(aig, rng)
    bounds = list(range(rng.randrange(1, size + 1), len(order), size))
    stretches = [order[a:b] for a, b in zip([0, *bounds], [*bounds, len(order)], strict=True)]
    piece_of = np.full(aig.num_variables, -1, dtype=np.int64)
    for number, stretch in enumerate(stretches):
        piece_of[aig.first_and + np.array(stretch, dtype=np.int64)] = number
    own = aig.first_and + np.arange(aig.num_ands)
    read = aig.fanins >> 1
    crosses = piece_of[read] != piece_of[own][:, None]
    # What nothing reads belongs to no piece, and what it reads is given by none for its sake.
    crosses &= (piece_of[own] >= 0)[:, None]
    given = np.zeros(aig.num_variables, dtype=bool)
    given[read[crosses]] = True
    given[aig.roots >> 1] = True
    return [_window(aig, stretch, given) for stretch in stretches if stretch]


def _window(aig: Aig, stretch: Sequence[int], given: NDArray[np.bool_]) -> Window:
    first = aig.first_and
    rows = aig.fanins[list(stretch)].tolist()
    inside = {first + gate for gate in stretch}
    inputs = sorted({x >> 1 for row in rows for x in row if x > 1 and x >> 1 not in inside})
    new = {0: 0} | {variable: at for at, variable in enumerate(inputs, start=1)}
    for gate in stretch:
        new[first + gate] = len(new)
    outputs = tuple(first + gate for gate in stretch if given[first + gate])
    fanins = [(2 * new[a >> 1] + (a & 1), 2 * new[b >> 1] + (b & 1)) for a, b in rows]
    logic = Aig(
        len(inputs),
        fanins=np.array(fanins, dtype=np.int64),
        outputs=np.array([2 * new[variable] for variable in outputs], dtype=np.int64),
    )
    return Window(tuple(inputs), outputs, logic)


def shuffled(aig: Aig, rng: random.Random) -> Aig:
    """Return the same circuit with its ANDs in another order, which programs go by."""
    order = neighbourly_order(aig, rng)
    new = np.arange(aig.num_variables, dtype=np.int64)
    gates = np.array(order, dtype=np.int64)
    new[aig.first_and + gates] = aig.first_and + np.arange(len(order))
    fanins, roots = aig.fanins[gates], aig.roots
    return aig.with_logic(2 * new[fanins >> 1] + (fanins & 1), 2 * new[roots >> 1] + (roots & 1))


def put_back(aig: Aig, windows: Sequence[Window], better: Mapping[int, Aig]) -> Aig:
    """Return the whole with some of its windows replaced.

    Args:
        aig: What was cut.
        windows: All the pieces, in the order of `cut`.
        better: By the number of a window a circuit with its interface.
    """
    made = AigBuilder(aig.num_inputs, num_latches=aig.num_latches)
    new = {0: 0}
    new |= enumerate([*made.inputs, *made.latches], start=1)
    for number, window in enumerate(windows):
        leaves = [new[variable] for variable in window.inputs]
        logic = better.get(number, window.logic)
        new |= zip(window.outputs, made.copy(logic, leaves), strict=True)
    roots = [new[literal >> 1] ^ (literal & 1) for literal in aig.roots.tolist()]
    bare = made.build(next_states=aig.next_states * 0)
    return strash(aig.with_logic(bare.fanins, np.array(roots, dtype=np.int64)))
