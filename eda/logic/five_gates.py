"""Mapping to five gates, NOT, AND, NAND, OR and XOR, by gates plus delay.

Each gate counts 1, and 2 of delay; the cost of a circuit is its gates plus the delay of its
longest path. XORs are found in the structure; for every other AND it is chosen whether it is made
as AND, NAND or OR, so that few NOTs are needed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.aig import Aig, AigBuilder, strash
from eda.logic.equivalence import check_equivalence
from eda.logic.optimize import optimize_aig

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVEL_DELAY: Final = 2


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate: its kind, and the signals it reads.

    Signals below the number of inputs are inputs; the others are gates, counted from there; -1
    and -2 are the constants 0 and 1.
    """

    kind: str
    reads: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gates:
    """A circuit of gates, each behind those that it reads.

    Attributes:
        inputs: How many inputs.
        gates: The gates.
        outputs: Signals.
    """

    inputs: int
    gates: tuple[Gate, ...]
    outputs: tuple[int, ...]

    @property
    def delay(self) -> int:
        """Delay of the longest path to an output."""
        level = [0] * self.inputs
        for gate in self.gates:
            level.append(1 + max(level[signal] for signal in gate.reads))
        return LEVEL_DELAY * max((level[x] for x in self.outputs if x >= 0), default=0)

    @property
    def cost(self) -> int:
        """Gates plus delay."""
        return len(self.gates) + self.delay

    def to_aig(self) -> Aig:
        """Return it as an AIG."""
        made = AigBuilder(self.inputs)
        signals = list(made.inputs)
        for gate in self.gates:
            a = signals[gate.reads[0]]
            b = signals[gate.reads[-1]]
            signals.append(
                {
                    "not": lambda a, b: a ^ 1,
                    "and": made.and_,
                    "nand": lambda a, b: made.and_(a, b) ^ 1,
                    "or": made.or_,
                    "xor": made.xor,
                }[gate.kind](a, b)
            )
        for signal in self.outputs:
            made.output(signals[signal] if signal >= 0 else -signal - 1)
        return strash(made.build())


def map_gates(aig: Aig, *, seconds: float = 3.0, seed: int = 0) -> Gates:
    """Return a cheap circuit of five gates, proved to compute the same.

    Args:
        aig: Combinational.
        seconds: Processor time for the optimisers.
        seed: Where chance starts.

    Raises:
        RuntimeError: The mapping could not be proved, which would be a fault of this program.
    """
    logic = strash(aig.combinational())
    forms = [logic]
    for objective in ("ands", "product", "levels"):
        made = optimize_aig(logic, seconds=seconds / 3, objective=objective, seed=seed)
        forms.append(made.aig)
    rng = random.Random(seed)
    found = min((_mapped(form, rng) for form in forms), key=lambda item: item.cost)
    if not check_equivalence(logic, found.to_aig()).equivalent:
        raise RuntimeError("a mapping to five gates is not equivalent; this is a bug")
    return found


def find_xors(aig: Aig) -> dict[int, tuple[int, int, int]]:
    """Return the ANDs that are the top of an XOR: by variable two literals, and a flip."""
    first = aig.first_and
    rows: Sequence[tuple[int, int]] = [(a, b) for a, b in aig.fanins.tolist()]
    found = {}
    for own, (a, b) in enumerate(rows, start=first):
        if not (a & b & 1) or a >> 1 < first or b >> 1 < first:
            continue
        one, two = rows[(a >> 1) - first], rows[(b >> 1) - first]
        if {x ^ 1 for x in one} == set(two):
            # !(x y) !(!x !y) = x ^ y
            found[own] = (one[0] & ~1, one[1] & ~1, (one[0] ^ one[1]) & 1)
    return found


def _mapped(aig: Aig, rng: random.Random) -> Gates:
    """Choose how each AND is made: start with all as they are, and turn while it gets cheaper."""
    xors = find_xors(aig)
    turned = [False] * aig.num_variables
    best = _build(aig, xors, turned)
    order = list(range(aig.first_and, aig.num_variables))
    for _ in range(3):
        rng.shuffle(order)
        before = best.cost
        for variable in order[:600]:
            turned[variable] = not turned[variable]
            made = _build(aig, xors, turned)
            if made.cost <= best.cost:
                best = made
            else:
                turned[variable] = not turned[variable]
        if best.cost == before:
            break
    return best


class _Netlist:
    """Gates so far, and which signal carries which literal."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.gates: list[Gate] = []
        self.signals: dict[int, int] = {0: -1, 1: -2}
        self.signals |= {2 + 2 * at: at for at in range(inputs)}

    def add(self, kind: str, *reads: int) -> int:
        self.gates.append(Gate(kind, reads))
        return self.inputs + len(self.gates) - 1

    def of(self, literal: int) -> int:
        """Return the signal of a literal, through a NOT where only its complement is there."""
        found = self.signals.get(literal)
        if found is None:
            found = self.signals[literal] = self.add("not", self.signals[literal ^ 1])
        return found

    def missing(self, *literals: int) -> int:
        """Return how many NOTs it takes to have these."""
        return sum(literal not in self.signals for literal in set(literals))


def _build(aig: Aig, xors: dict[int, tuple[int, int, int]], turned: Sequence[bool]) -> Gates:
    net = _Netlist(aig.num_inputs)
    for variable in _needed(aig, xors):
        own = 2 * variable
        if variable in xors:
            a, b, flip = xors[variable]
            # Whichever polarities are there; the parity of their flips goes to the output.
            one = a if a in net.signals else a ^ 1
            two = b if b in net.signals else b ^ 1
            parity = flip ^ (one & 1) ^ (two & 1)
            net.signals[own ^ parity] = net.add("xor", net.of(one), net.of(two))
            continue
        a, b = (int(x) for x in aig.fanins[variable - aig.first_and])
        straight, crossed = net.missing(a, b), net.missing(a ^ 1, b ^ 1)
        if not turned[variable]:
            net.signals[own] = net.add("and", net.of(a), net.of(b))
        elif straight <= crossed:
            net.signals[own ^ 1] = net.add("nand", net.of(a), net.of(b))
        else:
            net.signals[own ^ 1] = net.add("or", net.of(a ^ 1), net.of(b ^ 1))
    outputs = tuple(net.of(literal) for literal in aig.roots.tolist())
    return Gates(aig.num_inputs, tuple(net.gates), outputs)


def _needed(aig: Aig, xors: dict[int, tuple[int, int, int]]) -> list[int]:
    """Return the ANDs that are made, in order; those inside an XOR only where others read them."""
    first = aig.first_and
    needed = bytearray(aig.num_variables)
    for literal in aig.roots.tolist():
        needed[literal >> 1] = 1
    rows = aig.fanins.tolist()
    for variable in range(aig.num_variables - 1, first - 1, -1):
        if needed[variable]:
            reads = xors[variable][:2] if variable in xors else rows[variable - first]
            for literal in reads:
                needed[literal >> 1] = 1
    return [variable for variable in range(first, aig.num_variables) if needed[variable]]
