"""NamedLogic: signals by name, in any order, as the text formats define them; made into an AIG."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from eda.aig import Aig, AigBuilder, strash
from eda.errors import AigerError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Function = Callable[[AigBuilder, list[int]], int]


class Gate(NamedTuple):
    """How a signal is computed: a function of other signals, and the line that says so."""

    function: Function
    operands: tuple[str, ...]
    line: int


class Latch(NamedTuple):
    """A signal that takes the value of another one with the clock."""

    name: str
    following: str
    reset: int
    line: int


@dataclass(slots=True)
class NamedLogic:
    """What a file of named signals says.

    Attributes:
        path: The file, for messages.
        inputs: Names of the inputs, in their order.
        outputs: Names of the outputs, with the line that declares each.
        latches: The latches.
        gates: What each other signal is.
        lines: The line that defines each signal.
    """

    path: str
    inputs: list[str] = field(default_factory=list)
    outputs: list[tuple[str, int]] = field(default_factory=list)
    latches: list[Latch] = field(default_factory=list)
    gates: dict[str, Gate] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def error(self, line: int, message: str) -> AigerError:
        """Return an error at a line."""
        return AigerError(f"{self.path}:{line}: {message}", path=self.path, line=line)

    def _define(self, name: str, line: int) -> None:
        if name in self.lines:
            raise self.error(line, f"{name} is defined already, in line {self.lines[name]}")
        self.lines[name] = line

    def add_input(self, name: str, line: int) -> None:
        """Declare an input."""
        self._define(name, line)
        self.inputs.append(name)

    def add_output(self, name: str, line: int) -> None:
        """Declare an output; what it is comes with `add_gate`."""
        self.outputs.append((name, line))

    def add_latch(self, name: str, following: str, reset: int, line: int) -> None:
        """Add a latch."""
        self._define(name, line)
        self.latches.append(Latch(name, following, reset, line))

    def add_gate(self, name: str, function: Function, operands: Sequence[str], line: int) -> None:
        """Say what a signal is."""
        self._define(name, line)
        self.gates[name] = Gate(function, tuple(operands), line)

    def build(self) -> Aig:
        """Return the AIG, with the names of inputs, latches and outputs.

        Raises:
            AigerError: A signal is read and not defined, or depends on itself.
        """
        made = AigBuilder(len(self.inputs), num_latches=len(self.latches))
        known = dict(zip(self.inputs, made.inputs, strict=True))
        known |= zip((latch.name for latch in self.latches), made.latches, strict=True)
        for name, line in self.outputs:
            self._settle(name, line, known, made)
            made.output(known[name])
        following = []
        for latch in self.latches:
            self._settle(latch.following, latch.line, known, made)
            following.append(known[latch.following])
        # Logic that nothing reads may still be wrong.
        for name, gate in self.gates.items():
            self._settle(name, gate.line, known, made)
        return strash(
            made.build(
                next_states=following,
                resets=[latch.reset for latch in self.latches],
                input_names=tuple(self.inputs),
                latch_names=tuple(latch.name for latch in self.latches),
                output_names=tuple(name for name, _ in self.outputs),
                source=self.path,
            )
        )

    def _settle(self, name: str, line: int, known: dict[str, int], made: AigBuilder) -> None:
        """Build a signal and everything it depends on; an explicit stack, for deep circuits."""
        stack = [(name, line)]
        waiting: set[str] = set()
        while stack:
            name, line = stack[-1]
            if name in known:
                stack.pop()
                continue
            gate = self.gates.get(name)
            if gate is None:
                raise self.error(line, f"{name} is read and nothing defines it")
            missing = [other for other in gate.operands if other not in known]
            if not missing:
                known[name] = gate.function(made, [known[other] for other in gate.operands])
                waiting.discard(name)
                stack.pop()
                continue
            waiting.add(name)
            for other in missing:
                if other in waiting:
                    raise self.error(
                        gate.line,
                        f"{name} reads {other}, which depends on {name}: a cycle without a latch",
                    )
                stack.append((other, gate.line))
