"""Two circuits side by side: which input, latch and output of one is which of the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eda.aig import AigBuilder, strash
from eda.aig.aig import ROOT_KINDS
from eda.errors import InputError

if TYPE_CHECKING:
    from eda.aig import Aig


@dataclass(frozen=True, slots=True)
class Matched:
    """Two circuits on the same inputs.

    Attributes:
        first: Combinational logic of the first: latches are inputs, next states are outputs.
        second: That of the second, its inputs and outputs in the order of the first.
        inputs: A name for each input, ``("inputs", "a")`` or ``("latches", "q")``.
        outputs: A name for each output, such as ``("outputs", "y")`` or ``("next_states", "q")``.
        by: How they were matched: ``names`` or ``order``, of inputs, latches and outputs.
    """

    first: Aig
    second: Aig
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...]
    by: dict[str, str]


def match(first: Aig, second: Aig, *, names: tuple[str, str] = ("", "")) -> Matched:
    """Match the interfaces of two circuits.

    Inputs, latches and outputs are matched by their names where both circuits name all of them,
    with the same names and no name twice; by their order otherwise.

    Args:
        first: One circuit.
        second: The other.
        names: What messages call them; by default their sources.

    Raises:
        InputError: They differ in how many inputs, latches, outputs or properties there are, or
            in what a latch starts with.
    """
    called = tuple(
        name or aig.source or word
        for name, aig, word in zip(names, (first, second), ("the first", "the second"), strict=True)
    )
    for kind in ("inputs", "latches", "outputs", "bad", "constraints", "justice", "fairness"):
        one, two = first.count_of(kind), second.count_of(kind)
        if one != two:
            word = "bad states" if kind == "bad" else kind
            raise InputError(
                f"{called[0]} has {one} {word} and {called[1]} has {two}; only circuits with the "
                "same interface can be compared"
            )
    if [len(item) for item in first.justice] != [len(item) for item in second.justice]:
        raise InputError(f"{called[0]} and {called[1]} have justice properties of other sizes")
    by: dict[str, str] = {}
    order: dict[str, list[int]] = {}
    for kind in ("inputs", "latches", "outputs"):
        order[kind], by[kind] = _order(first, second, kind)
    _same_resets(first, second, order["latches"], called)
    return Matched(
        first.combinational(),
        _ordered(second, order),
        tuple(
            (kind, first.name_of(kind, at))
            for kind in ("inputs", "latches")
            for at in range(first.count_of(kind))
        ),
        tuple(_root_names(first)),
        {kind: how for kind, how in by.items() if first.count_of(kind)},
    )


def _order(first: Aig, second: Aig, kind: str) -> tuple[list[int], str]:
    """Return for each of the first's the number of the second's."""
    attribute = {"inputs": "input_names", "latches": "latch_names", "outputs": "output_names"}[kind]
    one, two = getattr(first, attribute), getattr(second, attribute)
    if one and two and all(one) and len(set(one)) == len(one) and sorted(one) == sorted(two):
        place = {name: at for at, name in enumerate(two)}
        return [place[name] for name in one], "names"
    return list(range(first.count_of(kind))), "order"


def _same_resets(first: Aig, second: Aig, order: list[int], called: tuple[str, ...]) -> None:
    for at, other in enumerate(order):
        one, two = int(first.resets[at]), int(second.resets[other])
        if one != two:
            words = ("0", "1", "undefined")
            raise InputError(
                f"latch {first.name_of('latches', at)} starts with {words[one]} in {called[0]} and "
                f"with {words[two]} in {called[1]}; matched registers must start alike"
            )


def _ordered(aig: Aig, order: dict[str, list[int]]) -> Aig:
    """Return the combinational logic with inputs, latches and outputs in another order."""
    made = AigBuilder(aig.num_inputs + aig.num_latches)
    leaves = [0] * len(made.inputs)
    moved = [*order["inputs"], *(aig.num_inputs + at for at in order["latches"])]
    for literal, at in zip(made.inputs, moved, strict=True):
        leaves[at] = literal
    roots = made.copy(aig, leaves)
    outputs, latches = aig.num_outputs, aig.num_latches
    chosen = [*order["outputs"], *(outputs + at for at in order["latches"])]
    chosen += range(outputs + latches, len(roots))
    for at in chosen:
        made.output(roots[at])
    return strash(made.build())


def _root_names(aig: Aig) -> list[tuple[str, str]]:
    names = []
    for kind in ROOT_KINDS:
        if kind == "next_states":
            names += [(kind, aig.name_of("latches", at)) for at in range(aig.num_latches)]
        elif kind == "justice":
            for at, item in enumerate(aig.justice):
                names += [(kind, f"{aig.name_of(kind, at)}.{part}") for part in range(len(item))]
        else:
            names += [(kind, aig.name_of(kind, at)) for at in range(aig.count_of(kind))]
    return names


def miter(first: Aig, second: Aig) -> tuple[Aig, list[int]]:
    """Return a circuit that says which outputs of two circuits differ.

    Outputs whose logic is the same gate by gate are left out.

    Returns:
        The circuit, an output for each of the others, and their numbers.
    """
    made = AigBuilder(first.num_inputs)
    one = made.copy(first, made.inputs)
    two = made.copy(second, made.inputs)
    left = [at for at, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
    for at in left:
        made.output(made.xor(one[at], two[at]))
    return strash(made.build()), left


def any_of(aig: Aig) -> Aig:
    """Return a circuit of one output: the OR of all outputs."""
    made = AigBuilder(aig.num_inputs)
    made.output(made.or_all(made.copy(aig, made.inputs)))
    return strash(made.build())
