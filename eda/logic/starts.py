"""Starting points of synthesis: circuits for truth tables, each made in another way.

Sums of products, decision diagrams with the inputs in a good order, diagrams whose nodes may also
be XORs (Davio expansions), and free expansion, which splits off disjoint parts first and chooses
the next input anew at each node.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import numpy as np

from eda.aig import Aig, AigBuilder, strash
from eda.logic.cofactors import cofactors, full, irredundant, support_of, variable
from eda.logic.truth import bits_of, number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from eda.logic.truth import Truth


class OverTimeError(Exception):
    """A start took longer than it may."""


def starts(truth: Truth, *, seconds: float, seed: int = 0) -> Iterator[tuple[str, Aig]]:
    """Yield circuits for truth tables, with the way each was made.

    Args:
        truth: What they compute; where a value does not matter, each chooses its own.
        seconds: Processor time for all of them; the first one comes in any case.
        seed: Draws orders of inputs.
    """
    rng = random.Random(seed)
    end = time.process_time() + seconds
    inputs = truth.inputs
    yield "sum of products", _finish(truth, _sums(truth, complement=False))
    chosen = settled(truth)
    ways: list[tuple[str, Callable[[], tuple[AigBuilder, list[int]]]]] = [
        ("sum of products, complemented", lambda: _sums(truth, complement=True)),
        ("decision diagram", lambda: diagram(chosen, inputs, best_order(chosen, inputs, rng, end))),
        ("free expansion", lambda: _free(chosen, inputs, end)),
        ("davio diagram", lambda: davio(chosen, inputs, best_order(chosen, inputs, rng, end), end)),
    ]
    if any(care != full(inputs) for care in truth.cares):
        ways.append(("diagram with what does not matter", lambda: _careless(truth)))
    for name, way in ways:
        if time.process_time() > end:
            return
        try:
            yield name, _finish(truth, way())
        except OverTimeError:
            continue
    number = 0
    while time.process_time() < end and inputs > 2 and number < 6:
        number += 1
        order = rng.sample(range(inputs), inputs)
        try:
            yield f"davio diagram {number}", _finish(truth, davio(chosen, inputs, order, end))
        except OverTimeError:
            return


def _finish(truth: Truth, built: tuple[AigBuilder, list[int]]) -> Aig:
    made, roots = built
    for literal in roots:
        made.output(literal)
    return strash(made.build(input_names=truth.input_names, output_names=truth.output_names))


def settled(truth: Truth) -> list[int]:
    """Return complete tables: what does not matter is as the shortest sum of products has it."""
    everything = full(truth.inputs)
    chosen = []
    for ones, care in zip(truth.ones, truth.cares, strict=True):
        if care == everything:
            chosen.append(ones)
        else:
            upper = ones | (everything & ~care)
            chosen.append(irredundant(ones & care, upper, truth.inputs)[1])
    return chosen


def _sums(truth: Truth, *, complement: bool) -> tuple[AigBuilder, list[int]]:
    made = AigBuilder(truth.inputs)
    everything = full(truth.inputs)
    roots = []
    for ones, care in zip(truth.ones, truth.cares, strict=True):
        lower, upper = ones & care, ones | (everything & ~care)
        if complement:
            lower, upper = everything & ~upper, everything & ~lower
        cubes, _ = irredundant(lower, upper, truth.inputs)
        products = [
            made.and_all(
                made.inputs[index] ^ 1 ^ (values >> index & 1)
                for index in range(truth.inputs)
                if mask >> index & 1
            )
            for mask, values in cubes
        ]
        roots.append(made.or_all(products) ^ complement)
    return made, roots


def permuted(table: int, inputs: int, order: Sequence[int]) -> int:
    """Return a table whose input ``k`` is the input ``order[k]`` of another one."""
    cube = bits_of(table, inputs).reshape((2,) * inputs)
    # Axis 0 is the highest input.
    axes = [inputs - 1 - order[inputs - 1 - axis] for axis in range(inputs)]
    return number_of(np.ascontiguousarray(cube.transpose(axes)).reshape(-1))


def diagram_size(bits: np.ndarray, order: Sequence[int]) -> int:
    """Return how many nodes the shared decision diagram of some tables has.

    Args:
        bits: Shape ``[outputs, 2, 2, ...]``, the highest input first.
        order: The inputs, that of the root last.
    """
    inputs = len(order)
    axes = [0, *(inputs - order[inputs - 1 - axis] for axis in range(inputs))]
    rows = np.ascontiguousarray(bits.transpose(axes)).reshape(len(bits), -1)
    total = 0
    for level in range(inputs, 0, -1):
        parts = rows.reshape(-1, 1 << level)
        parts = parts ^ parts[:, :1]
        half = 1 << (level - 1)
        parts = parts[(parts[:, :half] != parts[:, half:]).any(axis=1)]
        packed = np.packbits(parts, axis=1)
        if len(packed):
            keys = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").reshape(-1)
            total += len(set(keys.tolist()))
    return total


def best_order(tables: Sequence[int], inputs: int, rng: random.Random, end: float) -> list[int]:
    """Return an order of inputs in which the decision diagram is small, found by sifting."""
    bits = np.stack([bits_of(table, inputs) for table in tables])
    bits = bits.reshape((len(tables),) + (2,) * inputs)
    order = list(range(inputs))
    size = diagram_size(bits, order)
    stop = time.process_time() + max(0.0, 0.3 * (end - time.process_time()))
    improved = True
    while improved and time.process_time() < stop:
        improved = False
        for index in rng.sample(range(inputs), inputs):
            rest = [other for other in order if other != index]
            for place in range(inputs):
                if time.process_time() > stop:
                    return order
                trial = [*rest[:place], index, *rest[place:]]
                found = diagram_size(bits, trial)
                if found < size:
                    order, size, improved = trial, found, True
    return order


def diagram(
    tables: Sequence[int], inputs: int, order: Sequence[int]
) -> tuple[AigBuilder, list[int]]:
    """Build the shared decision diagram, a multiplexer for each node."""
    made = AigBuilder(inputs)
    known: dict[tuple[int, int], int] = {}

    def build(table: int, level: int) -> int:
        if table & 1:
            return build(table ^ full(level), level) ^ 1
        if not table:
            return 0
        found = known.get((table, level))
        if found is None:
            half = 1 << (level - 1)
            low, high = table & ((1 << half) - 1), table >> half
            if low == high:
                found = build(low, level - 1)
            else:
                select = made.inputs[order[level - 1]]
                found = made.mux(select, build(high, level - 1), build(low, level - 1))
            known[table, level] = found
        return found

    return made, [build(permuted(table, inputs, order), inputs) for table in tables]


def davio(
    tables: Sequence[int], inputs: int, order: Sequence[int], end: float
) -> tuple[AigBuilder, list[int]]:
    """Build a diagram each of whose nodes is a multiplexer, or an XOR with an AND (Davio).

    For each table the cheapest of the three expansions is taken, sharing left aside.

    Raises:
        OverTimeError: It takes longer than until ``end`` (of the processor's clock).
    """
    made = AigBuilder(inputs)
    costs: dict[tuple[int, int], tuple[int, int]] = {}
    built: dict[tuple[int, int], int] = {}
    count = 0

    def cost(table: int, level: int) -> tuple[int, int]:
        """Return ANDs and the expansion: 0 none, 1 Shannon, 2 and 3 Davio."""
        nonlocal count
        if table & 1:
            table ^= full(level)
        if not table:
            return 0, 0
        found = costs.get((table, level))
        if found is not None:
            return found
        count += 1
        if count % 256 == 0 and time.process_time() > end:
            raise OverTimeError
        half = 1 << (level - 1)
        low, high = table & ((1 << half) - 1), table >> half
        if low == high:
            found = (cost(low, level - 1)[0], 0)
        else:
            below = level - 1
            one, two, three = (cost(x, below)[0] for x in (low, high, low ^ high))
            every = full(below)
            fixed = low in (0, every) or high in (0, every)
            found = min(
                (one + two + (1 if fixed else 3), 1),
                (one + three + _davio_ands(low, low ^ high, every), 2),
                (two + three + _davio_ands(high, low ^ high, every), 3),
            )
        costs[table, level] = found
        return found

    def build(table: int, level: int) -> int:
        if table & 1:
            return build(table ^ full(level), level) ^ 1
        if not table:
            return 0
        found = built.get((table, level))
        if found is not None:
            return found
        half = 1 << (level - 1)
        low, high = table & ((1 << half) - 1), table >> half
        kind = cost(table, level)[1]
        select = made.inputs[order[level - 1]]
        if low == high:
            found = build(low, level - 1)
        elif kind == 1:
            found = made.mux(select, build(high, level - 1), build(low, level - 1))
        else:
            base, select = (low, select) if kind == 2 else (high, select ^ 1)
            turned = made.and_(select, build(low ^ high, level - 1))
            found = made.xor(build(base, level - 1), turned)
        built[table, level] = found
        return found

    return made, [build(permuted(table, inputs, order), inputs) for table in tables]


def _davio_ands(base: int, turned: int, every: int) -> int:
    return (0 if turned == every else 1) + (0 if base in (0, every) else 3)


def _free(tables: Sequence[int], inputs: int, end: float) -> tuple[AigBuilder, list[int]]:
    made = AigBuilder(inputs)
    known: dict[tuple[int, tuple[int, ...]], int] = {}
    return made, [_expand(made, table, inputs, list(made.inputs), known, end) for table in tables]


def _expand(
    made: AigBuilder,
    table: int,
    inputs: int,
    leaves: list[int],
    known: dict[tuple[int, tuple[int, ...]], int],
    end: float,
) -> int:
    """Build a table on some literals: disjoint parts first, then the input that splits best."""
    if time.process_time() > end:
        raise OverTimeError
    if table & 1:
        return _expand(made, table ^ full(inputs), inputs, leaves, known, end) ^ 1
    reached = support_of(table, inputs)
    if not reached:
        return 0
    key = (table, tuple(leaves[index] for index in reached))
    found = known.get(key)
    if found is not None:
        return found
    every = full(inputs)
    parts = {index: cofactors(table, index, inputs) for index in reached}
    for index, (low, high) in parts.items():
        if low in (0, every) or high in (0, every) or low ^ high == every:
            found = _join(made, low, high, index, inputs, leaves, known, end)
            break
    else:
        pair = _disjoint_pair(parts, reached, inputs)
        if pair is not None:
            a, b, inner, reduced = pair
            joined = list(leaves)
            joined[a] = _two_inputs(made, inner, leaves[a], leaves[b])
            found = _expand(made, reduced, inputs, joined, known, end)
        else:
            index = min(
                reached,
                key=lambda at: sum(len(support_of(part, inputs)) for part in parts[at]),
            )
            low, high = parts[index]
            found = _join(made, low, high, index, inputs, leaves, known, end)
    known[key] = found
    return found


def _join(
    made: AigBuilder,
    low: int,
    high: int,
    index: int,
    inputs: int,
    leaves: list[int],
    known: dict[tuple[int, tuple[int, ...]], int],
    end: float,
) -> int:
    if low ^ high == full(inputs):
        return made.xor(leaves[index], _expand(made, low, inputs, leaves, known, end))
    return made.mux(
        leaves[index],
        _expand(made, high, inputs, leaves, known, end),
        _expand(made, low, inputs, leaves, known, end),
    )


def _disjoint_pair(
    parts: dict[int, tuple[int, int]], reached: list[int], inputs: int
) -> tuple[int, int, int, int] | None:
    """Return two inputs that matter only through one function of both.

    Returns:
        The inputs, that function (bit ``a + 2 b``), and the table in which input ``a`` stands for
        its value; or None.
    """
    for at, a in enumerate(reached):
        for b in reached[at + 1 :]:
            f00, f01 = cofactors(parts[a][0], b, inputs)
            f10, f11 = cofactors(parts[a][1], b, inputs)
            four = (f00, f10, f01, f11)
            if len(set(four)) == 2:
                other = next(part for part in four if part != f00)
                inner = sum(1 << bit for bit, part in enumerate(four) if part == other)
                ones = variable(a, inputs)
                return a, b, inner, (f00 & ~ones) | (other & ones)
    return None


def _two_inputs(made: AigBuilder, table: int, a: int, b: int) -> int:
    return made.mux(
        b,
        made.mux(a, table >> 3 & 1, table >> 2 & 1),
        made.mux(a, table >> 1 & 1, table & 1),
    )


def _careless(truth: Truth) -> tuple[AigBuilder, list[int]]:
    """Build a diagram that leaves an input out wherever what matters allows it."""
    made = AigBuilder(truth.inputs)
    known: dict[tuple[int, int, int], int] = {}

    def build(ones: int, care: int, level: int) -> int:
        if not ones & care:
            return 0
        if not ~ones & care:
            return 1
        key = (ones & care, care, level)
        found = known.get(key)
        if found is None:
            half = 1 << (level - 1)
            mask = (1 << half) - 1
            o0, o1, c0, c1 = ones & mask, ones >> half, care & mask, care >> half
            if not (o0 ^ o1) & c0 & c1:
                found = build((o0 & c0) | (o1 & c1), c0 | c1, level - 1)
            else:
                select = made.inputs[level - 1]
                found = made.mux(select, build(o1, c1, level - 1), build(o0, c0, level - 1))
            known[key] = found
        return found

    pairs = zip(truth.ones, truth.cares, strict=True)
    return made, [build(ones, care, truth.inputs) for ones, care in pairs]
