"""The SAT solver of aigverse in a process of its own, which can be killed.

``python -m eda.logic.sat_worker miter.aig`` prints ``0`` where the output cannot be 1, ``1`` where
it can (with ``--model`` an assignment too), and ``?`` where the solver gave up.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from eda.aig import Aig, AigBuilder, parse_aiger, strash

if TYPE_CHECKING:
    from collections.abc import Sequence


def can_be_one(aig: Aig, *, conflicts: int = 0) -> bool | None:
    """Return whether the only output can be 1; None where the solver gave up."""
    from aigverse.algorithms import equivalence_checking

    literal = int(aig.outputs[0])
    if literal <= 1:
        return bool(literal)
    never = Aig(aig.num_inputs, outputs=aig.outputs * 0)
    same = equivalence_checking(
        aig.to_aigverse(), never.to_aigverse(), conflict_limit=conflicts, functional_reduction=True
    )
    return None if same is None else not same


def assignment(aig: Aig) -> list[int]:
    """Return inputs for which the only output is 1, which it can be.

    The solver gives no model, so the inputs are fixed one after the other, and it is asked each
    time whether the output can still be 1.
    """
    chosen: list[int] = []
    while len(chosen) < aig.num_inputs:
        zero = fix(aig, len(chosen), 0)
        one = can_be_one(zero)
        aig = zero if one else fix(aig, len(chosen), 1)
        chosen.append(0 if one else 1)
    return chosen


def fix(aig: Aig, index: int, value: int) -> Aig:
    """Return the circuit with one input at a constant; the input stays, and nothing reads it."""
    made = AigBuilder(aig.num_inputs)
    leaves = list(made.inputs)
    leaves[index] = value
    for root in made.copy(aig, leaves):
        made.output(root)
    return strash(made.build())


def main(words: Sequence[str]) -> int:
    """Answer for one file."""
    aig = parse_aiger(Path(words[0]).read_bytes(), path=words[0])
    answer = can_be_one(aig)
    if answer is None:
        print("?")  # noqa: T201
        return 0
    if not answer:
        print("0")  # noqa: T201
        return 0
    print("1", flush=True)  # noqa: T201
    if "--model" in words:
        print("".join(map(str, assignment(aig))))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
