"""Sheet: the drawing board on which blocks place devices, before anything has a final name.

A block is a function that takes a sheet and nets and places devices on it. Nets are strings;
the two rails are ``vdd`` and ``vss``, other nets come from `Sheet.net`. Sizes follow from the
currents that a block asks for, so that what is drawn is roughly biased as meant.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np

Polarity = str
"""``n`` or ``p``: of a transistor, or of a block by the transistors that it is named for."""
PortClass = Literal["input", "output", "bias", "clock"]

VDD: Final = "vdd"
VSS: Final = "vss"
GND: Final = "gnd"
"""The middle of two supplies; with one supply, blocks get the lower rail for it."""
OTHER: Final[dict[str, str]] = {"n": "p", "p": "n"}
THRESHOLD_V: Final = 0.45
TRANSCONDUCTANCE: Final = {"n": 250e-6, "p": 80e-6}
"""KP of the level-1 models, in A/V^2."""


@dataclass(slots=True)
class Part:
    """A device on the sheet.

    Attributes:
        kind: As in ``eda.circuit.KINDS``.
        polarity: ``n`` or ``p`` for transistors.
        nets: In netlist order.
        model: Of what black box or library part it is; empty for the generic models.
        values: SPICE parameters; the key ``value`` stands for the one that has no name.
        block: Path of the block that placed it, as ``amplifier/pair``.
        roles: Names of the pins of a black box.
    """

    kind: str
    polarity: str
    nets: list[str]
    model: str
    values: dict[str, float | str]
    block: str
    roles: tuple[str, ...] = ()


@dataclass(slots=True)
class Port:
    """A net that leads outside, and what a test bench puts on it.

    Attributes:
        kind: What it is for.
        volts: Voltage of its source; None for none.
        amperes: Current that is drawn out of the net; None for none.
        feedback: Net that it follows instead, so that an amplifier finds its operating point.
    """

    kind: PortClass
    volts: float | None = None
    amperes: float | None = None
    feedback: str | None = None


@dataclass
class Sheet:
    """What has been drawn so far; blocks add to it.

    Attributes:
        rng: The source of every choice.
        supply_v: Voltage between the rails.
        unit_a: The current that blocks count in.
        length_m: Channel length of transistors that carry bias currents.
        board: Whether it is drawn with parts of a board: black boxes and discrete devices.
        dual: Whether ground lies between the rails and is a net of its own.
        fingers: Whether wide transistors are drawn as several in parallel.
        vdd: The upper rail.
        vss: The lower rail.
        parts: What was placed.
        ports: Nets that lead outside.
        choices: What chance decided, by name.
    """

    rng: np.random.Generator
    supply_v: float = 1.8
    unit_a: float = 10e-6
    length_m: float = 0.5e-6
    parts: list[Part] = field(default_factory=list)
    ports: dict[str, Port] = field(default_factory=dict)
    choices: list[str] = field(default_factory=list)
    board: bool = False
    dual: bool = False
    fingers: bool = False
    vdd: str = VDD
    vss: str = VSS
    _path: list[str] = field(default_factory=list)
    _count: int = 0

    # Choices

    def pick(self, *options: str, weights: Sequence[float] | None = None) -> str:
        """Return one of the options at random, and write it down in ``choices``."""
        chance = None if weights is None else [w / sum(weights) for w in weights]
        found = options[int(self.rng.choice(len(options), p=chance))]
        self.choices.append(found)
        return found

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return bool(self.rng.random() < probability)

    def number(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return int(self.rng.integers(low, high + 1))

    def polarity(self) -> Polarity:
        """Return n or p."""
        return "n" if self.chance(0.5) else "p"

    def log(self, low: float, high: float) -> float:
        """Return a number drawn log-uniformly, rounded as parts are."""
        value = low * (high / low) ** float(self.rng.random())
        return float(f"{value:.2g}")

    # Nets

    def net(self, hint: str = "n") -> str:
        """Return a new net; the hint is what a designer might call it."""
        self._count += 1
        return f"{hint}#{self._count}"

    def port(
        self,
        kind: PortClass,
        hint: str,
        *,
        volts: float | None = None,
        amperes: float | None = None,
        feedback: str | None = None,
        net: str | None = None,
    ) -> str:
        """Make a net (a new one, unless given) a port, and return it."""
        net = net or self.net(hint)
        self.ports[net] = Port(kind, volts, amperes, feedback)
        return net

    def rail(self, polarity: Polarity) -> str:
        """Return the rail on which sources of this polarity stand: vss for n, vdd for p."""
        return self.vss if polarity == "n" else self.vdd

    def level(self, polarity: Polarity, volts: float) -> float:
        """Return a voltage counted from the rail of a polarity, into the circuit."""
        return volts if polarity == "n" else self.supply_v - volts

    @property
    def ground(self) -> str:
        """The net that signals refer to."""
        return GND if self.dual else self.vss

    @contextmanager
    def block(self, name: str) -> Iterator[None]:
        """Devices placed inside belong to this block."""
        self._count += 1
        self._path.append(f"{name}#{self._count}")
        try:
            yield
        finally:
            self._path.pop()

    @contextmanager
    def supplied(self, *, vdd: str | None = None, vss: str | None = None) -> Iterator[None]:
        """Blocks placed inside stand on these rails instead."""
        before = self.vdd, self.vss
        self.vdd, self.vss = vdd or self.vdd, vss or self.vss
        try:
            yield
        finally:
            self.vdd, self.vss = before

    # Devices

    def add(
        self,
        kind: str,
        nets: Sequence[str],
        *,
        polarity: str = "",
        model: str = "",
        roles: tuple[str, ...] = (),
        values: Mapping[str, float | str] | None = None,
    ) -> Part:
        """Place a device."""
        path = "/".join(self._path)
        part = Part(kind, polarity, list(nets), model, dict(values or {}), path, roles)
        self.parts.append(part)
        return part

    def mos(
        self,
        polarity: Polarity,
        d: str,
        g: str,
        s: str,
        *,
        b: str | None = None,
        i: float = 1.0,
        vov: float = 0.2,
        short: bool = False,
    ) -> None:
        """Place a MOS transistor that carries i units of current at this overdrive voltage."""
        length = 0.18e-6 if short else self.length_m
        shape = 2 * i * self.unit_a / (TRANSCONDUCTANCE[polarity] * vov * vov)
        width = min(max(shape * length, 0.22e-6), 2e-3)
        bulk = self.rail(polarity) if b is None else b
        sizes: dict[str, float | str] = {"w": float(f"{width:.3g}"), "l": length}
        # A wide transistor is drawn as several now and then: the netlist has them in parallel.
        pieces = 2 if self.fingers and i >= 2 and self.chance(0.2) else 1
        sizes["w"] = float(f"{width / pieces:.3g}")
        for _ in range(pieces):
            self.add("mosfet", (d, g, s, bulk), polarity=polarity, values=sizes)

    def switch(self, polarity: Polarity, d: str, g: str, s: str, *, b: str | None = None) -> None:
        """Place a MOS transistor that is a switch or part of a gate: minimal length."""
        width = self.log(0.4e-6, 4e-6)
        bulk = self.rail(polarity) if b is None else b
        self.add("mosfet", (d, g, s, bulk), polarity=polarity, values={"w": width, "l": 0.18e-6})

    def bjt(self, polarity: Polarity, c: str, b: str, e: str, *, area: float = 1) -> None:
        """Place a bipolar transistor."""
        sizes = {"area": area} if area != 1 else {}
        self.add("bipolar", (c, b, e), polarity=polarity, values=sizes)

    def r(self, p: str, n: str, ohms: float) -> None:
        """Place a resistor."""
        self.add("resistor", (p, n), values={"value": float(f"{ohms:.3g}")})

    def c(self, p: str, n: str, farads: float) -> None:
        """Place a capacitor."""
        self.add("capacitor", (p, n), values={"value": float(f"{farads:.3g}")})

    def l(self, p: str, n: str, henries: float) -> None:  # noqa: E743
        """Place an inductor."""
        self.add("inductor", (p, n), values={"value": float(f"{henries:.3g}")})

    def d(self, a: str, k: str, model: str = "") -> None:
        """Place a diode."""
        self.add("diode", (a, k), model=model)

    def v(self, p: str, n: str, volts: float, **wave: float | str) -> None:
        """Place a voltage source."""
        self.add("vsource", (p, n), values={"value": float(f"{volts:.4g}"), **wave})

    def i(self, p: str, n: str, amperes: float) -> None:
        """Place a current source; the current flows from p through it to n."""
        self.add("isource", (p, n), values={"value": float(f"{amperes:.3g}")})

    def box(self, model: str, **pins: str) -> None:
        """Place a black box; its pins are given by name, in order."""
        self.add("subcircuit", tuple(pins.values()), model=model, roles=tuple(pins))


def flip(sheet: Sheet) -> None:
    """Exchange polarities and rails throughout: the same circuit, upside down."""
    swap = {VDD: VSS, VSS: VDD}
    for part in sheet.parts:
        part.nets = [swap.get(net, net) for net in part.nets]
        if part.kind in ("mosfet", "bipolar"):
            part.polarity = OTHER[part.polarity]
        if part.kind == "mosfet":
            ratio = TRANSCONDUCTANCE["p"] / TRANSCONDUCTANCE["n"]
            factor = ratio if part.polarity == "n" else 1 / ratio
            part.values["w"] = float(f"{max(float(part.values['w']) * factor, 0.22e-6):.3g}")
        elif part.kind in ("diode", "vsource", "isource"):
            part.nets.reverse()
    for port in sheet.ports.values():
        if port.volts is not None:
            port.volts = sheet.supply_v - port.volts
        if port.amperes is not None:
            port.amperes = -port.amperes
