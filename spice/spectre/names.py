"""Names that differ in case only: Spectre tells them apart, a circuit does not.

Of the spellings of one name the first keeps it; each other one gets a number (``m1`` beside
``M1`` becomes ``m1_2``), everywhere in the same way, and is reported once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

MAX_SPELLINGS: Final = 10_000
"""Most spellings of one name that are told apart."""


class CaseNames:
    """The spellings of one kind of name, each with the name it has in the circuit.

    Attributes:
        insensitive: Whether all spellings are one name (``insensitive=yes``, SPICE parts).
        clashes: (spelling, name it was given, spelling that keeps the name), not yet reported.

    Example:
        >>> names = CaseNames()
        >>> names.learn(["M1", "m1", "R1"])
        >>> names.of("M1"), names.of("m1"), names.of("r1")
        ('M1', 'm1_2', 'r1')
    """

    def __init__(self, names: Iterable[str] = (), *, insensitive: bool = False) -> None:
        """Begin with names that keep their spelling."""
        self.insensitive = insensitive
        self.clashes: list[tuple[str, str, str]] = []
        self._made: dict[str, str] = {}
        self._by_lower: dict[str, list[str]] = {}
        self.learn(names)

    def learn(self, names: Iterable[str]) -> None:
        """Note names in the order they are met."""
        for name in names:
            if name not in self._made:
                self._add(name)

    def _add(self, name: str) -> str:
        spellings = self._by_lower.setdefault(name.lower(), [])
        if not spellings or self.insensitive:
            made = self._made[name] = spellings[0] if spellings else name
            if not spellings:
                spellings.append(name)
            return made
        number = len(spellings) + 1
        while f"{name}_{number}".lower() in self._by_lower and number < MAX_SPELLINGS:
            number += 1
        made = self._made[name] = f"{name}_{number}"
        self._by_lower[made.lower()] = [made]
        spellings.append(name)
        self.clashes.append((name, made, spellings[0]))
        return made

    def knows(self, name: str) -> bool:
        """Return whether a spelling was met."""
        return name in self._made

    def of(self, name: str) -> str:
        """Return the name a spelling has in the circuit; unknown ones keep theirs."""
        return self._made.get(name, name)

    def met(self, name: str) -> str:
        """Return the name of a spelling, which is noted where it is new."""
        made = self._made.get(name)
        return self._add(name) if made is None else made

    def any_case(self, name: str) -> str:
        """Return the name that a word of a SPICE part means, whatever its case."""
        if name in self._made:
            return self._made[name]
        spellings = self._by_lower.get(name.lower())
        return self._made[spellings[0]] if spellings else self._add(name)


@dataclass
class FileNames:
    """The names that hold for all of a netlist; nets and devices are those of their scope.

    Attributes:
        grounds: Names of node 0: the first net of ``global``, and ``0`` itself.
        translated: Expressions without probes, translated, by their text in Spectre.
    """

    parameters: CaseNames = field(default_factory=CaseNames)
    definitions: CaseNames = field(default_factory=CaseNames)
    globals: CaseNames = field(default_factory=CaseNames)
    grounds: set[str] = field(default_factory=lambda: {"0"})
    insensitive: bool = False
    translated: dict[str, str] = field(default_factory=dict)

    def be_insensitive(self, insensitive: bool) -> None:
        """Choose whether names that differ in case are one."""
        self.insensitive = insensitive
        for names in (self.parameters, self.definitions, self.globals):
            names.insensitive = insensitive
