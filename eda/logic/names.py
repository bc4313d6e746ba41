"""Unique names for the signals of an AIG, as the text formats need them."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from eda.errors import AigerError

if TYPE_CHECKING:
    from eda.aig import Aig


class Names:
    """Names of the inputs, latches, ANDs and outputs of an AIG, no two of them alike.

    The file's own names are kept where the format allows them and they are not taken; outputs
    have names of their own.

    Attributes:
        inputs, latches, outputs, ands: Names, in the order of the AIG.
    """

    def __init__(self, aig: Aig, allowed: str) -> None:
        """Choose names.

        Args:
            aig: The AIG; it must have no AIGER 1.9 sections.
            allowed: A regular expression that a name of the file must match to be kept.

        Raises:
            AigerError: It has bad states, constraints, justice or fairness.
        """
        if len(aig.roots) > aig.num_outputs + aig.num_latches:
            raise AigerError(
                "bad states, constraints, justice and fairness can be written as AIGER only"
            )
        self._aig = aig
        self._allowed = re.compile(allowed)
        self._taken: set[str] = set()
        self.inputs = self._choose(aig.input_names, aig.num_inputs, "i")
        self.latches = self._choose(aig.latch_names, aig.num_latches, "l")
        self.outputs = self._choose(aig.output_names, aig.num_outputs, "o")
        first = aig.first_and
        self.ands = [self._free(f"n{first + at}") for at in range(aig.num_ands)]
        self._constant = self._free("const0")
        self._inverted = "_not"
        while any(name.endswith(self._inverted) for name in self._taken):
            self._inverted += "_"

    def _choose(self, given: tuple[str, ...], count: int, letter: str) -> list[str]:
        wanted = given or ("",) * count
        return [
            self._free(name if name and self._allowed.fullmatch(name) else f"{letter}{at}")
            for at, name in enumerate(wanted)
        ]

    def _free(self, name: str) -> str:
        chosen, number = name, 0
        while chosen in self._taken:
            number += 1
            chosen = f"{name}_{number}"
        self._taken.add(chosen)
        return chosen

    @cached_property
    def _variables(self) -> list[str]:
        return [self._constant, *self.inputs, *self.latches, *self.ands]

    def of(self, literal: int) -> str:
        """Return the name of a literal; a complement has one of its own."""
        name = self._variables[literal >> 1]
        return name + self._inverted if literal & 1 else name

    def variable(self, literal: int) -> str:
        """Return the name of a literal's variable."""
        return self._variables[literal >> 1]

    @cached_property
    def used_complements(self) -> list[int]:
        """The complemented literals that something reads, sorted."""
        read = {*self._aig.fanins.reshape(-1).tolist(), *self._aig.roots.tolist()}
        return sorted(literal for literal in read if literal & 1)

    @property
    def reads_constant(self) -> bool:
        """Whether anything reads the constant."""
        read = {*self._aig.fanins.reshape(-1).tolist(), *self._aig.roots.tolist()}
        return bool(read & {0, 1})
