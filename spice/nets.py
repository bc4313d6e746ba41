"""Net names of one scope: every way a net is written in it, and the one name it has."""

from __future__ import annotations

from collections.abc import Mapping

from eda.spice.drafts import Reading
from eda.spice.spectre.names import CaseNames


class NetNames(dict[str, str]):
    """Net names as written to the one spelling a scope uses: that of its first use."""

    def __init__(self, ports: tuple[str, ...], globals_: Mapping[str, str], ground: frozenset[str]):
        """Begin with the ports and the globals, whose spelling wins."""
        super().__init__()
        self._by_lower = dict(globals_)
        self._by_lower.update((port.lower(), port) for port in ports)
        # ``.global gnd`` does not make another net of ground, but a port of that name is one.
        inside = {port.lower() for port in ports}
        self._by_lower.update((name, "0") for name in ground if name not in inside)

    def __missing__(self, word: str) -> str:
        """Return and remember the spelling of a net seen for the first time."""
        name = self._by_lower.setdefault(word.lower(), word)
        self[word] = name
        return name


class SpellingNets(dict[str, str]):
    """Net names of a Spectre scope: those that differ in case are different nets."""

    def __init__(self, names: CaseNames, reading: Reading):
        """Begin with the names that a scope has met, and those of the whole netlist."""
        super().__init__((ground, "0") for ground in reading.names.grounds)
        self._names = names
        self._globals = reading.names.globals
        self._any_case = False

    def any_case(self, any_case: bool) -> None:
        """Choose how the next names are looked up: those of a part in SPICE have no case."""
        if any_case != self._any_case:
            self._any_case = any_case
            for word in [word for word, net in self.items() if net != "0"]:
                del self[word]

    def __missing__(self, word: str) -> str:
        """Return the name that a word means in this scope."""
        # A port of the name of a global hides it.
        names = self._names
        if not names.knows(word) and self._globals.knows(word):
            names = self._globals
        name = names.any_case(word) if self._any_case else names.met(word)
        self[word] = name
        return name
