"""Which port plays which role: from what the user says, from pins, from names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from eda.errors import InputError
from eda.spice.testbenches.facts import NEGATIVE, SUPPLY, Facts

_IN: Final = (
    r"v?_?in_?[pnm+-]?\d*|v?in_?(?:p|n|m|plus|minus|pos|neg)\d*|vi[pnm+-]?\d*|v?[pnm]in|i[pnm]"
    r"|(?:non_?)?inv\w*|in\w*(?:plus|minus)|plus|minus|pos|neg|v[pnm]|[+-]|[ab]"
)
_OUT: Final = (
    r"v?_?out_?[pnm+-]?\d*|v?out_?(?:p|n|m|plus|minus|pos|neg|b)\d*|vo[pnm+-]?\d*|v?[pnm]out|o[pnm]?"
    r"|y|z|q_?(?:b|n)?|v?osc\w*|vreg\w*|lx"
)
_CLOCK: Final = r"v?_?(?:clk|clock|ck|phi|latch|strobe|eval)\w*"
_REFERENCE: Final = r"v?_?ref\w*|vbg\w*|bg"
_BIAS: Final = r"[vi]?_?b(?:ias)?\w*|\w*bias\w*|i(?:b|ref|in)\w*|v(?:cas|cn|cp)\w*"
_COMMON: Final = r"v?_?o?cm\w*|vocm|vcmo\w*|vmid|vref\w*|common"
_CONTROL: Final = r"v?_?(?:tune?|tun\w*|ctrl?|cont\w*|ctl|t|c|vco_?in)\w{0,2}|vt|vc"
_FEEDBACK: Final = r"v?_?(?:fb|feedback|sense|adj)\w*"
_ENABLE: Final = r"en(?:able)?\w*|pdb|pd_?n|power_?up|pu"
_DISABLE: Final = r"dis(?:able)?|pd|pwdn?|power_?down|sleep|stb|enb|en_?[bn]"

KINDS: Final = ("opamp", "comparator", "ldo", "oscillator", "filter")
"""The testbenches there are."""

GIVEN: Final[Mapping[str, tuple[str, ...]]] = {
    "opamp": ("vdd", "vss", "inp", "inn", "out", "outn", "vcm", "bias"),
    "comparator": ("vdd", "vss", "inp", "inn", "out", "outn", "clk", "bias"),
    "ldo": ("vdd", "vss", "ref", "out", "fb", "bias"),
    "oscillator": ("vdd", "vss", "out", "outn", "control", "bias"),
    "filter": ("vdd", "vss", "in", "inn", "out", "outn", "bias"),
}
"""Roles that a testbench knows, beside ``high`` and ``low`` for ports tied to a rail."""


@dataclass(frozen=True, slots=True)
class PortRoles:
    """Which port plays which role in a testbench.

    Attributes:
        by_role: Ports by role, as ``{"vdd": ("vdd",), "inp": ("vip",)}``; ``open`` holds ports
            left open, ``high`` and ``low`` those tied to a rail.
        given: Roles that the user named; the others were found.
    """

    by_role: Mapping[str, tuple[str, ...]]
    given: frozenset[str] = field(default=frozenset())

    def one(self, role: str) -> str:
        """Return the port of a role, or an empty text."""
        return next(iter(self.by_role.get(role, ())), "")

    def all(self, role: str) -> tuple[str, ...]:
        """Return every port of a role."""
        return self.by_role.get(role, ())

    def described(self) -> str:
        """Return the roles on one line, as ``vdd=vdd inp=vip``.

        Example:
            >>> PortRoles({"vdd": ("vdd",), "bias": ("vb1", "vb2")}).described()
            'vdd=vdd bias=vb1,vb2'
        """
        return " ".join(f"{role}={','.join(ports)}" for role, ports in self.by_role.items())


def find_roles(kind: str, facts: Facts, given: Mapping[str, str]) -> PortRoles:
    """Return the roles of a circuit's ports.

    Args:
        kind: The testbench.
        facts: What is known of the ports.
        given: Ports by role, as ``{"inp": "vip", "bias": "vb1,vb2"}``.

    Raises:
        InputError: A role or port that is not there; or a role that nothing tells.
    """
    search = _Search(kind, facts, given)
    search.rails()
    _FINDERS[kind](search)
    search.rest()
    return search.roles()


class _Search:
    """Ports that are still free, and the roles found so far."""

    def __init__(self, kind: str, facts: Facts, given: Mapping[str, str]) -> None:
        self.kind = kind
        self.facts = facts
        self.found: dict[str, tuple[str, ...]] = {}
        lower = {name.lower(): name for name in facts.ports}
        known = (*GIVEN[kind], "high", "low", "open")
        taken: set[str] = set()
        for role, text in given.items():
            if role not in known:
                raise InputError(
                    f"--port {role}={text}: a testbench for {_a(kind)} has the roles "
                    f"{', '.join(known)}"
                )
            ports = []
            for word in text.split(","):
                port = lower.get(word.strip().lower())
                if port is None:
                    raise InputError(
                        f"--port {role}={text}: there is no port {word.strip()!r}; the ports are "
                        f"{' '.join(facts.ports)}"
                    )
                if port in taken:
                    raise InputError(f"--port {role}={text}: the port {port} has two roles")
                taken.add(port)
                ports.append(port)
            self.found[role] = tuple(ports)
        self.given = frozenset(self.found)

    def free(self) -> list[str]:
        taken = {port for ports in self.found.values() for port in ports}
        return [name for name in self.facts.ports if name not in taken]

    def set(self, role: str, ports: list[str] | tuple[str, ...]) -> None:
        if role not in self.found and ports:
            self.found[role] = tuple(ports)

    def named(self, pattern: str) -> list[str]:
        free = set(self.free())
        return [name for name in self.facts.named(pattern) if name in free]

    def need(self, role: str, why: str) -> None:
        if role not in self.found:
            raise InputError(
                f"no port of {self.facts.flat.name or 'the circuit'} looks like the {role} of "
                f"{_a(self.kind)}: {why}; name it with --port {role}=PORT, of "
                f"{' '.join(self.facts.ports)}"
            )

    def rails(self) -> None:
        facts = self.facts
        supply = [n for n in self.free() if SUPPLY.fullmatch(facts.ports[n].plain)]
        ground = [n for n in self.free() if NEGATIVE.fullmatch(facts.ports[n].plain)]
        if self.kind == "ldo" and not supply:
            supply = self.named(r"v?in\w*|vi|input|vunreg\w*")
            ground = [name for name in ground if name not in supply]
        if not supply and facts.active:
            supply = self._rail("p")
        if not ground and facts.active:
            ground = self._rail("n")
        self.set("vdd", supply)
        self.set("vss", [name for name in ground if name not in supply])

    def _rail(self, polarity: str) -> list[str]:
        """Return the free port with bulks, else most sources, of one polarity."""
        for sort in ("bulk", "source"):
            counts = {
                name: self.facts.ports[name].pins.get(f"{sort}.{polarity}", 0)
                for name in self.free()
                if not self.facts.ports[name].count("gate")
            }
            best = max(counts, key=lambda name: counts[name], default="")
            if best and counts[best]:
                return [best]
        return []

    def pair(self) -> None:
        """Find the two inputs: a pair of transistors first, then names, then what only senses."""
        if "inp" in self.found and "inn" in self.found:
            return
        if "inp" in self.found or "inn" in self.found:
            have = next(iter(self.found.get("inp", self.found.get("inn", ()))))
            other = self._partner(have)
            if other:
                self.set("inn" if "inp" in self.found else "inp", [other])
            return
        free = set(self.free())
        pairs = [pair for pair in self.facts.pairs if set(pair) <= free]
        named = self.named(_IN)
        best = next((pair for pair in pairs if set(pair) <= set(named)), None)
        best = best or (pairs[0] if pairs else None)
        if best is None and len(named) >= 2:
            best = (named[0], named[1])
        if best is None:
            biases = set(self.named(_BIAS))
            senses = [name for name in self.free() if self.facts.ports[name].only_senses]
            senses = [name for name in senses if name not in biases]
            if len(senses) == 2:
                best = (senses[0], senses[1])
        if best is not None:
            self.set("inp", best[:1])
            self.set("inn", best[1:])

    def _partner(self, have: str) -> str:
        for pair in self.facts.pairs:
            if have in pair:
                return pair[1] if pair[0] == have else pair[0]
        return next(iter(self.named(_IN)), "")

    def outputs(self, *, most: int) -> None:
        """Find one output, or two that belong together."""
        if "out" in self.found:
            return
        named = [n for n in self.named(_OUT) if not self.facts.ports[n].only_senses]
        if not named:
            named = [
                name
                for name in self.free()
                if self.facts.ports[name].count("drain", "driven")
                and not self.facts.ports[name].diode
            ]
        if not named:
            named = [n for n, way in self.facts.flat.directions.items() if way == "output"]
            named = [name for name in named if name in self.free()]
        if most > 1 and len(named) == 1:
            # Whatever it is called, a port with the very same pins is the other output.
            pins = self.facts.ports[named[0]].pins
            twins = [n for n in self.free() if n != named[0] and self.facts.ports[n].pins == pins]
            if len(twins) == 1 and self.facts.active:
                named = [name for name in self.free() if name in (named[0], twins[0])]
        self.set("out", named[:1])
        if most > 1:
            self.set("outn", named[1:2])

    def rest(self) -> None:
        """Sort what is left: tied, bias, open."""
        tied = {
            "low": [n for n in self.named(_DISABLE) if self._is_sensed(n)],
            "high": [n for n in self.named(_ENABLE) if self._is_sensed(n)],
        }
        tied["high"] = [name for name in tied["high"] if name not in tied["low"]]
        for role, ports in tied.items():
            self.found[role] = (*self.found.get(role, ()), *ports)
        bias = [name for name in self.free() if self._takes_bias(name)]
        if self.kind != "filter" or self.facts.active:
            self.found["bias"] = (*self.found.get("bias", ()), *bias)
        self.found["open"] = (*self.found.get("open", ()), *self.free())
        self.found = {role: ports for role, ports in self.found.items() if ports}

    def _is_sensed(self, name: str) -> bool:
        return self.facts.ports[name].only_senses

    def _takes_bias(self, name: str) -> bool:
        port = self.facts.ports[name]
        if port.only_senses or port.diode:
            return True
        return re.fullmatch(_BIAS, port.plain) is not None

    def roles(self) -> PortRoles:
        order = (*GIVEN[self.kind], "high", "low", "open")
        made = {role: self.found[role] for role in order if role in self.found}
        return PortRoles(made, self.given)


def _opamp(search: _Search) -> None:
    search.pair()
    search.outputs(most=2)
    senses = [n for n in search.named(_COMMON) if search.facts.ports[n].only_senses]
    if "outn" in search.found:
        search.set("vcm", senses[:1])
    search.need("inp", "no two gates share a source, no two ports are named as inputs")
    search.need("inn", "only one input was found")
    search.need("out", "no port is named as an output or holds only drains")
    if search.facts.active:
        search.need("vdd", "no port is named as a supply, or holds bulks or sources of p devices")


def _comparator(search: _Search) -> None:
    search.pair()
    clock = search.named(_CLOCK)
    if not clock:
        ports = search.facts.ports
        clock = [
            name
            for name in search.free()
            if ports[name].pins.get("gate.n") and ports[name].pins.get("gate.p")
            if ports[name].only_senses
        ]
    search.set("clk", clock[:1])
    search.outputs(most=2)
    search.need("inp", "no two gates share a source, no two ports are named as inputs")
    search.need("inn", "only one input was found")
    search.need("out", "no port is named as an output or holds only drains")
    if search.facts.active:
        search.need("vdd", "no port is named as a supply, or holds bulks or sources of p devices")


def _ldo(search: _Search) -> None:
    search.set("ref", search.named(_REFERENCE)[:1])
    search.set("fb", search.named(_FEEDBACK)[:1])
    search.outputs(most=1)
    search.need("vdd", "no port is named as a supply or an input")
    search.need("out", "no port is named as an output or holds only drains")


def _oscillator(search: _Search) -> None:
    search.outputs(most=2)
    ports = search.facts.ports
    varied = [n for n in search.named(_CONTROL) if not ports[n].count("source", "bulk")]
    search.set("control", varied[:1])
    search.need("out", "no port is named as an output or holds only drains")


def _filter(search: _Search) -> None:
    named = search.named(_IN)
    search.set("in", named[:1])
    search.set("inn", named[1:2])
    search.outputs(most=2)
    free = search.free()
    if "in" not in search.found and not search.facts.active:
        search.set("in", free[:1])
    if "out" not in search.found and not search.facts.active:
        search.set("out", [name for name in search.free()][-1:])
    search.need("in", "no port is named as an input")
    search.need("out", "no port is named as an output")


_FINDERS: Final = {
    "opamp": _opamp,
    "comparator": _comparator,
    "ldo": _ldo,
    "oscillator": _oscillator,
    "filter": _filter,
}


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"
