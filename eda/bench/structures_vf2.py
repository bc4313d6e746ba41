"""The same patterns by subgraph search: networkx's VF2 as oracle of the joins, and as rival.

The circuit is a bipartite graph of units and nets whose edges are labelled with the set of pins
that join the two; the pattern is another one. VF2 maps different nets of a pattern to different
nets of the circuit, while patterns let letters be one net unless they say otherwise: so every
way to merge the letters of a pattern is searched for by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from eda.structures.facts import find_facts
from eda.structures.pattern import KIND_OF_LETTER, LETTERS, SYMMETRIC, Pattern
from eda.structures.units import FAMILIES, POLARITIES

if TYPE_CHECKING:
    import networkx

    from eda.graph import CircuitGraph
    from eda.structures.facts import NetFacts

Match = tuple[int, ...]


class Oracle:
    """A circuit as a networkx graph, to be searched for patterns."""

    def __init__(self, graph: CircuitGraph, facts: NetFacts | None = None) -> None:
        """Take a graph, and the facts of its nets where they are known already."""
        import networkx

        units, found = find_facts(graph)
        self.facts = found if facts is None else facts
        self.graph: networkx.Graph[tuple[str, int]] = networkx.Graph()
        self.signatures: set[tuple[str, frozenset[frozenset[str]]]] = set()
        rail = self.facts["rail"][0]
        t = units.transistors
        rows = list(
            zip(
                *(
                    column.tolist()
                    for column in (t.first, t.family, t.polarity, t.drain, t.gate, t.source)
                ),
                strict=True,
            )
        )
        across: dict[frozenset[int], set[int]] = {}
        for _, family, pole, drain, _, source in rows:
            if FAMILIES[family] == "mosfet" and not (rail[drain] or rail[source]):
                across.setdefault(frozenset((drain, source)), set()).add(pole)
        self.families = sorted({row[1] for row in rows})
        for device, family, pole, drain, gate, source in rows:
            passgate = (
                FAMILIES[family] == "mosfet"
                and not (rail[drain] or rail[source])
                and {0, 1} <= across[frozenset((drain, source))]
            )
            self._add(device, {"d": drain, "g": gate, "s": source}, "T", family, pole, passgate)
        for letter, kind in KIND_OF_LETTER.items():
            table = units.two_terminals[kind]
            for device, plus, minus in zip(
                table.first.tolist(), table.plus.tolist(), table.minus.tolist(), strict=True
            ):
                self._add(device, {"p": plus, "n": minus}, letter)

    def _add(
        self,
        device: int,
        pins: dict[str, int],
        letter: str,
        family: int = -1,
        pole: int = -1,
        passgate: bool = False,
    ) -> None:
        node = (letter, device)
        labels = _labels(letter, pins)
        self.graph.add_node(
            node,
            letter=letter,
            family=family,
            pole=pole,
            passgate=passgate,
            nets=len(labels),
        )
        for net, label in labels.items():
            self.graph.add_node(("net", net), net=net, letter="net")
            self.graph.add_edge(node, ("net", net), label=label)
        self.signatures.add((letter, frozenset(labels.values())))

    def matches(self, pattern: Pattern, *, merged: bool = True) -> set[Match]:
        """Return the devices of every match, in the order of the pattern's slots.

        Args:
            pattern: What to look for.
            merged: Whether letters that may be one net are also tried as one.
        """
        found: set[Match] = set()
        ways = _merges(pattern) if merged else iter([{net: net for net in pattern.nets}])
        for way in ways:
            if self._possible(pattern, way):
                for pole in range(3):
                    for family in self.families or [-1]:
                        found |= self._search(pattern, way, pole, family)
        return found

    def _possible(self, pattern: Pattern, way: dict[str, str]) -> bool:
        for slot in pattern.slots:
            letter = slot.letter if slot.letter in KIND_OF_LETTER else "T"
            pins = dict(zip(LETTERS[slot.letter], (way[net] for net in slot.nets), strict=True))
            if (letter, frozenset(_labels(letter, pins).values())) not in self.signatures:
                return False
        return True

    def _search(self, pattern: Pattern, way: dict[str, str], pole: int, family: int) -> set[Match]:
        import networkx
        from networkx.algorithms.isomorphism import GraphMatcher

        wanted: networkx.Graph[tuple[str, Any]] = networkx.Graph()
        for net in set(way.values()):
            wanted.add_node(("net", net), letter="net")
        for at, slot in enumerate(pattern.slots):
            letter = slot.letter if slot.letter in KIND_OF_LETTER else "T"
            pins = dict(zip(LETTERS[slot.letter], (way[net] for net in slot.nets), strict=True))
            labels = _labels(letter, pins)
            wanted.add_node(("slot", at), letter=letter, asks=slot.letter, nets=len(labels))
            for net, label in labels.items():
                wanted.add_edge(("slot", at), ("net", net), label=label)
        conditions: dict[str, list[tuple[str, bool]]] = {}
        for net, fact, is_wanted in pattern.conditions:
            conditions.setdefault(way[net], []).append((fact, is_wanted))
        for net in set(way.values()):
            wanted.nodes["net", net]["conditions"] = conditions.get(net, [])

        def fits(have: dict[str, Any], want: dict[str, Any]) -> bool:
            if have["letter"] != want["letter"]:
                return False
            if want["letter"] == "net":
                return all(
                    bool(self.facts[fact][pole, have["net"]]) == value
                    for fact, value in want["conditions"]
                )
            if have["nets"] != want["nets"]:
                return False
            return want["letter"] != "T" or _transistor_fits(pattern, have, want, pole, family)

        matcher = GraphMatcher(
            self.graph, wanted, fits, lambda have, want: have["label"] == want["label"]
        )
        found = set()
        for mapping in matcher.subgraph_monomorphisms_iter():
            back = {want: have for have, want in mapping.items()}
            nets = {net: back["net", own][1] for net, own in way.items()}
            if not any(all(self._holds(item, nets, pole) for item in c) for c in pattern.never):
                found.add(tuple(back["slot", at][1] for at in range(len(pattern.slots))))
        return found

    def _holds(self, condition: str, nets: dict[str, int], pole: int) -> bool:
        if "=" in condition:
            a, b = condition.split("=")
            return nets[a] == nets[b]
        net, fact = condition.split(":")
        return bool(self.facts[fact][pole, nets[net]])


def _transistor_fits(
    pattern: Pattern, have: dict[str, Any], want: dict[str, Any], pole: int, family: int
) -> bool:
    if have["passgate"] and not pattern.passgates:
        return False
    if want["asks"] == "U":
        return True
    if pattern.family and FAMILIES[have["family"]] != pattern.family:
        return False
    if pattern.polarity and POLARITIES[pole] != pattern.polarity:
        return False
    if want["asks"] == "X":
        return bool(have["pole"] == pole and have["family"] == family)
    return bool(pole < 2 and have["pole"] == 1 - pole)


def _labels(letter: str, pins: dict[str, Any]) -> dict[Any, frozenset[str]]:
    """Return the set of pins on each net; both ends of a symmetric device are one pin."""
    labels: dict[Any, set[str]] = {}
    for pin, net in pins.items():
        labels.setdefault(net, set()).add("end" if letter in SYMMETRIC else pin)
    return {net: frozenset(found) for net, found in labels.items()}


def _merges(pattern: Pattern) -> Iterator[dict[str, str]]:
    """Yield every way to take letters for one net that the pattern does not forbid."""
    apart = {frozenset(pair) for pair in pattern.unequal}

    def place(at: int, groups: list[list[str]]) -> Iterator[dict[str, str]]:
        if at == len(pattern.nets):
            yield {net: group[0] for group in groups for net in group}
            return
        net = pattern.nets[at]
        for group in groups:
            if all(frozenset((net, other)) not in apart for other in group):
                group.append(net)
                yield from place(at + 1, groups)
                group.pop()
        groups.append([net])
        yield from place(at + 1, groups)
        groups.pop()

    yield from place(0, [])
