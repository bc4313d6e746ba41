"""Numbering an ASCII AIGER file anew: its literals may come in any order, and with gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eda.errors import AigerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Definition(NamedTuple):
    """A literal, and the line and byte where it stands."""

    literal: int
    line: int
    offset: int = -1


@dataclass(frozen=True, slots=True)
class Renumbered:
    """ANDs in an order that works, and the literals that are read, in the new numbers."""

    fanins: NDArray[np.int64]
    read: list[int]


def renumber(
    path: str,
    highest: int,
    *,
    inputs: Sequence[Definition],
    latches: Sequence[Definition],
    gates: Sequence[Definition],
    fanins: Sequence[tuple[int, int]],
    read: Sequence[Definition],
) -> Renumbered:
    """Give inputs, latches and ANDs the variables that `Aig` has for them.

    Args:
        path: The file, for messages.
        highest: The header's M.
        inputs: Literals that are defined as inputs, in their order.
        latches: Those of latches.
        gates: Those of ANDs.
        fanins: The two literals of each AND.
        read: Literals that are read from outside.

    Raises:
        AigerError: A literal is defined twice, not at all, odd, too high, or by itself.
    """
    new = {0: 0}
    kinds = (("input", inputs), ("latch", latches), ("AND", gates))
    for what, items in kinds:
        for item in items:
            _check_definition(path, what, item, highest, new)
            new[item.literal >> 1] = len(new)
    place = {item.literal >> 1: at for at, item in enumerate(gates)}
    order = _order(path, gates, fanins, new, place)
    first = 1 + len(inputs) + len(latches)
    for at, gate in enumerate(order):
        new[gates[gate].literal >> 1] = first + at
    rows = [
        (2 * new[a >> 1] + (a & 1), 2 * new[b >> 1] + (b & 1))
        for a, b in (fanins[gate] for gate in order)
    ]
    for item in read:
        if item.literal >> 1 not in new:
            raise _undefined(path, item.line, item.literal)
    return Renumbered(
        fanins=np.array(rows, dtype=np.int64).reshape(-1, 2),
        read=[2 * new[item.literal >> 1] + (item.literal & 1) for item in read],
    )


def _check_definition(
    path: str, what: str, item: Definition, highest: int, known: dict[int, int]
) -> None:
    wrong = ""
    if item.literal < 2 or item.literal & 1:
        wrong = f"{what} {item.literal} must be an even literal from 2 on"
    elif item.literal > 2 * highest:
        wrong = f"{what} {item.literal} is above 2 M = {2 * highest}; correct M in the header"
    elif item.literal >> 1 in known:
        wrong = f"{what} {item.literal} is defined already"
    if wrong:
        raise AigerError(f"{path}:{item.line}: {wrong}", path=path, line=item.line)


def _undefined(path: str, line: int, literal: int) -> AigerError:
    return AigerError(
        f"{path}:{line}: literal {literal} is not defined by an input, a latch or an AND",
        path=path,
        line=line,
    )


def _order(
    path: str,
    gates: Sequence[Definition],
    fanins: Sequence[tuple[int, int]],
    known: dict[int, int],
    place: dict[int, int],
) -> list[int]:
    """Return the ANDs with each behind its fanins, in the order of the file where it can be."""
    done = bytearray(len(gates))  # 0 untouched, 1 waits for a fanin, 2 placed
    order: list[int] = []
    for start in range(len(gates)):
        stack = [start] if not done[start] else []
        while stack:
            gate = stack[-1]
            if done[gate] == 2:
                stack.pop()
                continue
            done[gate] = 1
            waits = False
            for literal in fanins[gate]:
                variable = literal >> 1
                if variable not in known:
                    raise _undefined(path, gates[gate].line, literal)
                other = place.get(variable)
                if other is None or done[other] == 2:
                    continue
                if done[other] == 1:
                    raise AigerError(
                        f"{path}:{gates[gate].line}: AND {gates[gate].literal} reads "
                        f"{literal}, which depends on {gates[gate].literal}: a cycle; "
                        "logic must not feed itself other than through a latch",
                        path=path,
                        line=gates[gate].line,
                    )
                stack.append(other)
                waits = True
            if not waits:
                done[gate] = 2
                order.append(gate)
                stack.pop()
    return order
