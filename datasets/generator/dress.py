"""From a sheet to a netlist: names, cards, subcircuits, sources, and a deck that ngspice runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.datasets.generator.boxes import box_definitions
from eda.datasets.generator.models import model_cards, model_names
from eda.datasets.generator.naming import DeviceNames, name_nets, name_rails
from eda.datasets.generator.sheet import GND, VDD, VSS
from eda.numbers import format_engineering, format_exact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from eda.datasets.generator.sheet import Part, Sheet

Form = str
"""``subckt``: one definition with ports; ``deck``: a circuit with its sources."""

MIN_GROUP: Final = 2


@dataclass(frozen=True, slots=True)
class Dressed:
    """A netlist and what is known of it.

    Attributes:
        netlist: SPICE text.
        deck: The text that ngspice runs: the netlist with sources, and boxes defined.
        name: Of the subcircuit it is; empty for a deck.
        blocks: Device (flattened, lower case) -> path of its block.
        ports: Net -> ``supply ground input output bias clock``.
        pins: Black box (flattened, lower case) -> names of its pins.
    """

    netlist: str
    deck: str
    name: str
    blocks: dict[str, str]
    ports: dict[str, str]
    pins: dict[str, tuple[str, ...]]


def dress(sheet: Sheet, title: str, *, form: Form, hierarchical: bool) -> Dressed:
    """Return the sheet as a netlist."""
    return _Dresser(sheet, title, form).run(hierarchical=hierarchical)


class _Dresser:
    def __init__(self, sheet: Sheet, title: str, form: Form) -> None:
        self.sheet, self.title, self.form = sheet, title, form
        self.rng = sheet.rng
        self.rails = name_rails(self.rng, board=sheet.board, dual=sheet.dual)
        nets = list(dict.fromkeys(net for part in sheet.parts for net in part.nets))
        nets += [net for net in sheet.ports if net not in nets]
        self.models = model_names(self.rng)
        reserved = self.models.values()
        self.nets = name_nets(nets, sheet.ports, self.rails, self.rng, reserved)
        self.format: Callable[[float], str] = (
            format_exact if self.rng.random() < 0.15 else format_engineering
        )
        self.lower = self.rng.random() < 0.3
        self.used: list[str] = []
        self.blocks: dict[str, str] = {}
        self.pins: dict[str, tuple[str, ...]] = {}
        present = {net for part in sheet.parts for net in part.nets}
        self.has = {net for net in (VDD, VSS, GND) if net in present}

    def run(self, *, hierarchical: bool) -> Dressed:
        """Write everything."""
        names = DeviceNames(self.rng)
        parts = list(self.sheet.parts)
        if self.rng.random() < 0.35:
            self.rng.shuffle(parts)
        groups = _groups(parts, self.rng) if hierarchical else {}
        definitions: list[str] = []
        body: list[str] = []
        placed: set[str] = set()
        for part in parts:
            top = part.block.partition("/")[0]
            if top not in groups:
                body.append(self._card(part, names, self.nets, ""))
            elif top not in placed:
                placed.add(top)
                body.append(self._instance(top, groups[top], names, definitions))
        ports = self._ports()
        return self._finish(definitions, body, ports)

    # Cards

    def _card(self, part: Part, names: DeviceNames, nets: dict[str, str], path: str) -> str:
        name = names.next(part.kind, part.polarity, part.block)
        if self.lower:
            name = name.lower()
        self.blocks[f"{path}{name}".lower()] = _clean(part.block)
        words = [name, *(nets[net] for net in part.nets)]
        if part.kind in ("mosfet", "bipolar", "jfet"):
            key = f"{part.kind}{part.polarity}"
            self.used.append(key)
            words.append(self.models[key])
        elif part.kind == "diode":
            key = part.model or "diode"
            self.used.append(key)
            words.append(self.models.get(key, key))
        elif part.kind == "subcircuit":
            self.pins[f"{path}{name}".lower()] = part.roles
            words.append(part.model)
        for key, value in part.values.items():
            text = value if isinstance(value, str) else self.format(value)
            if key == "value":
                words.append(
                    f"dc {text}" if part.kind == "vsource" and len(part.values) > 1 else text
                )
            elif key in ("sin", "pulse"):
                words.append(f"{key}{text}")
            elif key == "ac":
                words.append(f"ac {text}")
            else:
                words.append(f"{key}={text}")
        return " ".join(words)

    def _instance(
        self, top: str, members: Sequence[Part], names: DeviceNames, definitions: list[str]
    ) -> str:
        """Write a block as a subcircuit of its own; return the card of its instance."""
        inside = dict.fromkeys(net for part in members for net in part.nets)
        own = set(map(id, members))
        outside = (
            {net for part in self.sheet.parts if id(part) not in own for net in part.nets}
            | set(self.sheet.ports)
            | {VDD, VSS, GND}
        )
        boundary = [net for net in inside if net in outside and self.nets[net] != "0"]
        local: dict[str, str] = {}
        taken = {"0", "gnd", *(model.lower() for model in self.models.values())}
        for net in inside:
            if self.nets[net] == "0":
                local[net] = "0"
                continue
            hint = net.partition("#")[0]
            name, number = hint, 1
            while name in taken:
                number += 1
                name = f"{hint}{number}" if not hint[-1:].isdigit() else f"{hint}_{number}"
            taken.add(name)
            local[net] = name
        name = names.next("subcircuit", "", "")
        if self.lower:
            name = name.lower()
        cell = f"{_clean(top)}_{len(definitions) + 1}"
        inner = DeviceNames(self.rng)
        lines = [f".subckt {cell} {' '.join(local[net] for net in boundary)}"]
        lines += [self._card(part, inner, local, f"{name}.") for part in members]
        lines.append(f".ends {cell}")
        definitions += lines
        return " ".join([name, *(self.nets[net] for net in boundary), cell])

    # The whole

    def _ports(self) -> dict[str, str]:
        """Return the kind of every net that leads outside, in port order."""
        rails = {VDD: "supply", VSS: "supply" if self.sheet.dual else "ground", GND: "ground"}
        ports = {net: rails[net] for net in (VDD, VSS, GND) if net in self.has}
        signals: dict[str, str] = {net: port.kind for net, port in self.sheet.ports.items()}
        both = list((signals | ports if self.rng.random() < 0.6 else ports | signals).items())
        if self.rng.random() < 0.3:
            self.rng.shuffle(both)
        return dict(both)

    def _finish(self, definitions: list[str], body: list[str], ports: dict[str, str]) -> Dressed:
        cards = model_cards(self.models, self.used)
        names = {net: self.nets[net] for net in ports}
        # The reader calls ``gnd`` what ngspice takes it for.
        shown = {
            "0" if names[net].lower() == "gnd" else names[net]: kind for net, kind in ports.items()
        }
        boxes = box_definitions(self.sheet.parts)
        if self.form == "subckt":
            name = "".join(c if c.isalnum() else "_" for c in self.title.split()[0])
            listed = [self.nets[net] for net in ports if self.nets[net] != "0"]
            lines = [f"* {self.title}", *cards, *definitions]
            lines += [f".subckt {name} {' '.join(listed)}", *body, f".ends {name}"]
            netlist = "\n".join(lines) + "\n"
            drive = self._drive(lambda net: f"p_{listed.index(net)}" if net in listed else net)
            inside = " ".join(f"p_{at}" for at in range(len(listed)))
            deck = "\n".join((*lines, *boxes, f"x1 {inside} {name}", *drive, ".end")) + "\n"
            return Dressed(netlist, deck, name, self.blocks, shown, self.pins)
        drive = self._drive(lambda net: net)
        lines = [f"* {self.title}", *cards, *definitions, *body]
        for card in drive:
            self.blocks[card.split()[0].lower()] = "bench"
        netlist = "\n".join((*lines, *drive, ".op", ".end")) + "\n"
        deck = "\n".join((*lines, *drive, *boxes, ".end")) + "\n"
        return Dressed(netlist, deck, "", self.blocks, shown, self.pins)

    def _drive(self, spell: Callable[[str], str]) -> list[str]:
        """Return the sources that put the circuit at its operating point."""
        sheet = self.sheet
        low = spell(self.rails[1])
        half = sheet.supply_v / 2 if sheet.dual else 0.0
        supplies = self._source_names(("VDD", "Vdd", "VCC", "VS", "Vsup"))
        lines = []
        reference = "0" if sheet.dual else low
        if VDD in self.has:
            volts = format_engineering(sheet.supply_v - half)
            lines.append(f"{supplies} {spell(self.rails[0])} {reference} {volts}")
        if sheet.dual and VSS in self.has:
            lines.append(f"VEE 0 {low} {format_engineering(half)}")
        elif low.lower() not in ("0", "gnd"):
            lines.append(f"VSS {low} 0 0")
        count = 0
        for net, port in sheet.ports.items():
            name = spell(self.nets[net])
            if port.feedback is not None:
                count += 1
                lines.append(f"Rfb{count} {spell(self.nets[port.feedback])} {name} 1k")
            elif port.volts is not None:
                count += 1
                level = format_engineering(port.volts - half)
                wave = " ac 1" if port.kind == "input" and count == 1 else ""
                if port.kind == "clock":
                    high = format_engineering(sheet.supply_v - half)
                    wave = f" pulse({format_engineering(-half)} {high} 0 1n 1n 50n 100n)"
                dc = f"dc {level}" if wave else level
                lines.append(f"Vb{count} {name} {reference} {dc}{wave}")
            elif port.amperes is not None:
                count += 1
                value = format_engineering(abs(port.amperes))
                up = spell(self.rails[0])
                ends = f"{name} {low}" if port.amperes > 0 else f"{up} {name}"
                lines.append(f"Ib{count} {ends} {value}")
        if self.rng.random() < 0.5:
            for net, port in sheet.ports.items():
                if port.kind == "output":
                    count += 1
                    lines.append(f"Cl{count} {spell(self.nets[net])} {reference} 1p")
        return lines

    def _source_names(self, options: Sequence[str]) -> str:
        return options[int(self.rng.integers(len(options)))]


def _groups(parts: Sequence[Part], rng: np.random.Generator) -> dict[str, list[Part]]:
    """Return the blocks of the first level that become subcircuits, with their parts."""
    found: dict[str, list[Part]] = {}
    for part in parts:
        top = part.block.partition("/")[0]
        if top:
            found.setdefault(top, []).append(part)
    share = rng.random()
    kept = {
        top: members
        for top, members in found.items()
        if len(members) >= MIN_GROUP and rng.random() < share
    }
    # A circuit that is one block only would be a subcircuit around nothing.
    return kept if sum(map(len, kept.values())) < len(parts) else {}


def _clean(block: str) -> str:
    """Return a path without the numbers that kept its blocks apart."""
    return "/".join(piece.partition("#")[0] for piece in block.split("/"))
