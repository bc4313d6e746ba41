"""A second AIGER reader and evaluator, naive and written apart from `eda.aig`: its oracle.

It reads a file character by character, keeps dictionaries, and evaluates one assignment after the
other by going over all definitions until nothing changes any more. It is slow, and only there to
be asked whether the other one says the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class RefusedError(Exception):
    """The file is no AIGER file."""


@dataclass
class Circuit:
    """Definitions by literal.

    Attributes:
        inputs: Literals.
        latches: Literal, next state, reset (the literal itself where it is undefined).
        gates: The two fanins of each AND's literal.
        roots: Outputs, bad states, constraints, justice, fairness, in this order.
    """

    inputs: list[int] = field(default_factory=list)
    latches: list[tuple[int, int, int]] = field(default_factory=list)
    gates: dict[int, tuple[int, int]] = field(default_factory=dict)
    roots: list[int] = field(default_factory=list)

    def evaluate(self, inputs: list[bool], states: list[bool]) -> tuple[list[bool], list[bool]]:
        """Return the values of the roots, and the next states."""
        known = {0: False}
        known |= dict(zip(self.inputs, inputs, strict=True))
        known |= {latch[0]: state for latch, state in zip(self.latches, states, strict=True)}
        waiting = dict(self.gates)
        while waiting:
            ready = [
                gate for gate, (a, b) in waiting.items() if a & ~1 in known and b & ~1 in known
            ]
            if not ready:
                raise RefusedError("a cycle, or a literal that nothing defines")
            for gate in ready:
                a, b = waiting.pop(gate)
                known[gate] = known[a & ~1] ^ bool(a & 1) and known[b & ~1] ^ bool(b & 1)

        def value(literal: int) -> bool:
            if literal & ~1 not in known:
                raise RefusedError("a root that nothing defines")
            return known[literal & ~1] ^ bool(literal & 1)

        return [value(root) for root in self.roots], [value(item[1]) for item in self.latches]


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise RefusedError("cut off")
        self.at += 1
        return self.data[self.at - 1]

    def line(self) -> list[int]:
        """Read numbers up to the end of a line."""
        numbers, digits = [], ""
        while True:
            char = chr(self.byte())
            if char in "0123456789":
                digits += char
                continue
            if not 0 < len(digits) <= 10:
                raise RefusedError("no number")
            numbers.append(int(digits))
            digits = ""
            if char == "\r":
                char = chr(self.byte())
                if char != "\n":
                    raise RefusedError("a lone carriage return")
            if char == "\n":
                return numbers
            if char != " ":
                raise RefusedError("neither digit nor space")

    def row(self, *lengths: int) -> list[int]:
        numbers = self.line()
        if len(numbers) not in lengths:
            raise RefusedError("a line of another length")
        return numbers

    def delta(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self.byte()
            value += (byte % 128) << shift
            shift += 7
            if byte < 128:
                return value
            if shift > 28:
                raise RefusedError("a number of more than five bytes")


def read(data: bytes) -> Circuit:
    """Read a file.

    Raises:
        RefusedError: It is no AIGER file.
    """
    start = data[:4]
    if start not in (b"aag ", b"aig "):
        raise RefusedError("no header")
    cursor = _Cursor(data)
    cursor.at = 4
    sizes = cursor.row(5, 6, 7, 8, 9)
    most, inputs, latches, outputs, gates, bad, constraints, justice, fair = [
        *sizes, *[0] * (9 - len(sizes)),
    ]  # fmt: skip
    binary = start == b"aig "
    if most < inputs + latches + gates or (binary and most != inputs + latches + gates):
        raise RefusedError("wrong M")
    if inputs + latches + gates + outputs + bad + constraints + justice + fair > len(data) + 10**6:
        raise RefusedError("more is promised than a file of this length can hold")
    made = Circuit()
    for at in range(inputs):
        made.inputs.append(2 + 2 * at if binary else cursor.row(1)[0])
    for at in range(latches):
        row = [2 * (1 + inputs + at), *cursor.row(1, 2)] if binary else cursor.row(2, 3)
        made.latches.append((row[0], row[1], row[2] if len(row) == 3 else 0))
        if made.latches[-1][2] not in (0, 1, row[0]):
            raise RefusedError("a reset that is none")
    for _ in range(outputs + bad + constraints):
        made.roots += cursor.row(1)
    lengths = [cursor.row(1)[0] for _ in range(justice)]
    if sum(lengths) > len(data):
        raise RefusedError("too much justice")
    for _ in range(sum(lengths) + fair):
        made.roots += cursor.row(1)
    for at in range(gates):
        if binary:
            own = 2 * (1 + inputs + latches + at)
            start_at = cursor.at
            first = own - cursor.delta()
            second = first - cursor.delta()
            if not own > first >= second >= 0:
                raise RefusedError("fanins above their AND")
            if b"\r\n" in data[: data.index(b"\n") + 1] and b"\r\n" in data[start_at : cursor.at]:
                raise RefusedError("copied as text")
        else:
            own, first, second = cursor.row(3)
        if own in made.gates:
            raise RefusedError("defined twice")
        made.gates[own] = (first, second)
    _check(made, most)
    counts = dict(zip("ilobcjf", (inputs, latches, outputs, *sizes[5:], 0, 0, 0, 0), strict=False))
    _check_symbols(data[cursor.at :], counts)
    return made


def _check(made: Circuit, most: int) -> None:
    defined = [*made.inputs, *(latch[0] for latch in made.latches), *made.gates]
    if len(set(defined)) < len(defined) or 0 in defined:
        raise RefusedError("defined twice")
    if any(literal % 2 or literal > 2 * most for literal in defined):
        raise RefusedError("an odd definition, or one above M")
    # Finds cycles and what is not defined.
    made.evaluate([False] * len(made.inputs), [False] * len(made.latches))


def _check_symbols(rest: bytes, counts: dict[str, int]) -> None:
    seen = set()
    while rest:
        line, end, after = rest.partition(b"\n")
        text = line.decode("latin-1")
        number, space, _ = text[1:].partition(" ")
        known = text[:1] in counts and number.isascii() and number.isdigit() and bool(space)
        fits = known and len(number) <= 10 and int(number) < counts[text[:1]]
        if text[:1] == "c" and not fits:
            return
        if not fits or not end or text[:1] + str(int(number)) in seen:
            raise RefusedError("no symbol")
        seen.add(text[:1] + str(int(number)))
        rest = after
