"""Netlists read out of the geometry of written files: nothing here knows how they were written.

Each reader joins what touches (ends of wires, pins, names), gives every piece its name, and
returns the cards that the editor's own netlister would write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

Point = tuple[float, float]
Item = list[Any]
Netlister = Callable[[Path], str]


@dataclass
class Joined:
    """Points, wires and names of one sheet, joined where they touch."""

    wires: list[tuple[Point, Point]] = field(default_factory=list)
    names: list[tuple[Point, str]] = field(default_factory=list)
    parent: dict[object, object] = field(default_factory=dict)

    def find(self, item: object) -> object:
        while self.parent.setdefault(item, item) != item:
            item = self.parent[item]
        return item

    def join(self) -> None:
        for at, wire in enumerate(self.wires):
            for end in wire:
                for other, (a, b) in enumerate(self.wires):
                    if other != at and on(end, a, b):
                        self.parent[self.find(at)] = self.find(other)
        for point, name in self.names:
            for at, (a, b) in enumerate(self.wires):
                if on(point, a, b):
                    self.parent[self.find(("net", name.lower()))] = self.find(at)
            self.parent[self.find(("net", name.lower()))] = self.find(point)

    def net(self, pin: Point) -> str:
        """The name of what a pin touches; two names are a short, none is a loose pin."""
        roots = {self.find(at) for at, (a, b) in enumerate(self.wires) if on(pin, a, b)}
        roots |= {self.find(pin)} if pin in self.parent else set()
        found = {
            name.lower(): name
            for _, name in self.names
            if self.find(("net", name.lower())) in roots
        }
        assert len(found) == 1, f"the pin at {pin} is on {sorted(found) or 'nothing'}"
        return next(iter(found.values()))

    def shorts(self) -> list[str]:
        by_root: dict[object, set[str]] = {}
        for _, name in self.names:
            by_root.setdefault(self.find(("net", name.lower())), set()).add(name.lower())
        return [" and ".join(sorted(names)) for names in by_root.values() if len(names) > 1]


def on(p: Point, a: Point, b: Point) -> bool:
    return (
        min(a[0], b[0]) - 1e-6 <= p[0] <= max(a[0], b[0]) + 1e-6
        and min(a[1], b[1]) - 1e-6 <= p[1] <= max(a[1], b[1]) + 1e-6
        and (abs(a[0] - b[0]) < 1e-6 or abs(a[1] - b[1]) < 1e-6)
    )


def turned(point: Point, mirror: bool, quarters: int) -> Point:
    x, y = point
    x = -x if mirror else x
    return [(x, y), (-y, x), (-x, -y), (y, -x)][quarters]


# -- xschem -------------------------------------------------------------------------------------

XSCHEM: dict[str, tuple[str, list[Point]]] = {
    **{key: ("@name @pinlist @value m=@m", [(0, -30), (0, 30)]) for key in ("res", "capa")},
    **{
        key: ("@name @pinlist @value", [(0, -30), (0, 30)]) for key in ("ind", "vsource", "isource")
    },
    "diode": ("@name @pinlist @model area=@area", [(0, -30), (0, 30)]),
    **{
        key: ("@name @pinlist @value", [(0, -30), (0, 30), (-40, -20), (-40, 20)])
        for key in ("vcvs", "vccs")
    },
    **{key: ("@name @pinlist @vnam @value", [(0, -30), (0, 30)]) for key in ("ccvs", "cccs")},
    "nmos4": ("@name @pinlist @model w=@w l=@l m=@m", [(20, -30), (-20, 0), (20, 30), (20, 0)]),
    "pmos4": ("@name @pinlist @model w=@w l=@l m=@m", [(20, 30), (-20, 0), (20, -30), (20, 0)]),
    "npn": ("@name @pinlist @model area=@area", [(20, -30), (-20, 0), (20, 30)]),
    "pnp": ("@name @pinlist @model area=@area", [(20, 30), (-20, 0), (20, -30)]),
}
LABELS = ("lab_pin", "lab_wire", "gnd", "ipin", "opin", "iopin")


def objects(text: str) -> Iterable[tuple[str, list[str]]]:
    """Objects of an xschem file: a letter, then words and braces, across lines."""
    tokens = re.findall(r"\{((?:\\.|[^\\{}])*)\}|(\S+)", text, re.DOTALL)
    current: list[str] = []
    for braces, word in tokens:
        if word and re.fullmatch(r"[vGVSEKLBTNCAP]", word):
            if current:
                yield current[0], current[1:]
            current = [word]
        else:
            current.append(word or re.sub(r"\\(.)", r"\1", braces))
    yield current[0], current[1:]


def properties(text: str) -> dict[str, str]:
    found = re.findall(r'(\w+)=(?:"((?:\\.|[^\\"])*)"|(\S*))', text, re.DOTALL)
    return {
        key: re.sub(r"\\(.)", r"\1", quoted) if quoted else plain for key, quoted, plain in found
    }


def xschem_netlist(path: Path, name: str = "") -> str:
    joined, cards, blocks, parts, ports = Joined(), [], [], [], []
    for kind, words in objects(path.read_text()):
        if kind == "N":
            x, y, u, v = map(float, words[:4])
            joined.wires.append(((x, y), (u, v)))
        elif kind == "C":
            symbol, x, y, turn, mirror = words[0], *map(float, words[1:5])
            own = properties(words[5])
            base = symbol.removeprefix("devices/").removesuffix(".sym")
            if base in LABELS:
                joined.names.append(((x, y), own["lab"]))
                ports += [own["lab"]] if base.endswith("pin") and base != "lab_pin" else []
            elif base.startswith("netlist"):
                blocks.append(own["value"])
            else:
                form, pins = XSCHEM.get(base) or own_xschem(path.with_name(symbol))
                spots = [turned(pin, bool(mirror), int(turn)) for pin in pins]
                parts.append((base, form, [(x + px, y + py) for px, py in spots], own))
    joined.join()
    assert joined.shorts() == []
    inner: dict[str, str] = {}
    for base, form, spots, own in parts:
        own["pinlist"] = " ".join(map(joined.net, spots))
        own["symname"] = base
        if "@symname" in form:
            own = {**properties(own_defaults(path.with_name(f"{base}.sym"))), **own}
            inner[base] = xschem_netlist(path.with_name(f"{base}.sch"), base)
        cards.append(re.sub(r"@(\w+)", partial(_property, own), form))
    if not name:
        return "\n".join(["* read back", *blocks, *cards, *inner.values(), ""])
    head = f".subckt {name} {' '.join(ports)} {own_defaults(path.with_suffix('.sym'))}"
    return "\n".join([head, *blocks, *cards, ".ends", *inner.values()])


def _property(own: dict[str, str], found: re.Match[str]) -> str:
    return own.get(found[1], "")


def own_xschem(path: Path) -> tuple[str, list[Point]]:
    form, pins = "", []
    for kind, words in objects(path.read_text()):
        if kind == "G" and words:
            form = properties(words[0])["format"]
        elif kind == "B":
            x, y, u, v = map(float, words[1:5])
            pins.append(((x + u) / 2, (y + v) / 2))
    return form, pins


def own_defaults(path: Path) -> str:
    head = next(words[0] for kind, words in objects(path.read_text()) if kind == "G")
    return properties(head)["template"].removeprefix("name=x1")


# -- LTspice ------------------------------------------------------------------------------------

LTSPICE: dict[str, list[Point]] = {
    **{key: [(16, 16), (16, 96)] for key in ("res", "ind")},
    **{key: [(16, 0), (16, 64)] for key in ("cap", "diode")},
    **{key: [(0, 16), (0, 96)] for key in ("voltage", "bv")},
    "current": [(0, 0), (0, 80)],
    "e": [(0, 16), (0, 96), (-48, 32), (-48, 80)],
    "g": [(0, 96), (0, 16), (-48, 32), (-48, 80)],
    "sw": [(0, 16), (0, 96), (-48, 80), (-48, 32)],
    **{key: [(48, 0), (0, 80), (48, 96), (48, 48)] for key in ("nmos4", "pmos4")},
    **{key: [(64, 0), (0, 48), (64, 96)] for key in ("npn", "pnp")},
    **{key: [(48, 0), (0, 64), (48, 96)] for key in ("njf", "pjf")},
}


def ltspice_netlist(path: Path, name: str = "") -> str:
    joined = Joined()
    blocks: list[str] = []
    parts: list[tuple[str, float, float, str, dict[str, str]]] = []
    for line in path.read_text().splitlines():
        words = line.split()
        if words[0] == "WIRE":
            x, y, u, v = map(float, words[1:5])
            joined.wires.append(((x, y), (u, v)))
        elif words[0] == "FLAG":
            joined.names.append(((float(words[1]), float(words[2])), words[3]))
        elif words[0] == "SYMBOL":
            parts.append((words[1], float(words[2]), float(words[3]), words[4], {}))
        elif words[0] == "SYMATTR":
            parts[-1][4][words[1]] = line.split(None, 2)[2]
        elif words[0] == "TEXT" and words[5].startswith("!"):
            blocks += line.split(None, 5)[5][1:].split("\\n")
    joined.join()
    assert joined.shorts() == []
    cards: list[str] = []
    inner: dict[str, str] = {}
    for symbol, x, y, pose, own in parts:
        pins, block, spells = own_ltspice(path.with_name(f"{symbol}.asy"), LTSPICE.get(symbol))
        if not spells and not block:
            continue  # a picture
        assert pose not in ("M90", "M270")
        spots = [turned(pin, pose[0] == "M", int(pose[1:]) // 90) for pin in pins]
        nets = [joined.net((x + px, y + py)) for px, py in spots]
        if block:
            inner[symbol] = ltspice_netlist(path.with_name(f"{symbol}.asc"), symbol)
            own["Value"] = symbol
        cards.append(
            " ".join([own["InstName"], *nets, own.get("Value", ""), own.get("Value2", "")])
        )
    if not name:
        return "\n".join(["* read back", *blocks, *cards, *inner.values(), ""])
    text = path.with_suffix(".asy").read_text()
    ports = re.findall(r"PINATTR PinName (\S+)", text)
    head = f".subckt {name} {' '.join(ports)}"
    return "\n".join([head, *blocks, *cards, ".ends", *inner.values()])


def own_ltspice(path: Path, known: list[Point] | None) -> tuple[list[Point], bool, bool]:
    if known is not None:
        return known, False, True
    text = path.read_text()
    pins = re.findall(
        r"^PIN (\S+) (\S+) .*\nPINATTR PinName .*\nPINATTR SpiceOrder (\d+)", text, re.M
    )
    pins.sort(key=lambda pin: int(pin[2]))
    points = [(float(x), float(y)) for x, y, _ in pins]
    return points, "SymbolType BLOCK" in text, "SYMATTR Prefix" in text


# -- KiCad --------------------------------------------------------------------------------------


def expression(text: str) -> Item:
    """An s-expression as nested lists; texts keep their quotes off."""
    stack: list[Item] = [[]]
    for quoted, mark, word in re.findall(r'"((?:\\.|[^"\\])*)"|([()])|([^\s()"]+)', text):
        if mark == "(":
            stack.append([])
        elif mark == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(
                word or quoted.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")
            )
    assert len(stack) == 1, "brackets do not match"
    whole: Item = stack[0][0]
    return whole


def parts_of(item: Item, key: str) -> list[Item]:
    return [part for part in item if isinstance(part, list) and part[0] == key]


def place(item: Item) -> Point:
    x, y = parts_of(item, "at")[0][1:3]
    return round(float(x), 4), round(float(y), 4)


def kicad_netlist(path: Path, way: str = "", outside: dict[str, str] | None = None) -> str:
    sheet = expression(path.read_text())
    assert sheet[0] == "kicad_sch"
    way = way or f"/{parts_of(sheet, 'uuid')[0][1]}"
    joined = Joined()
    for wire in parts_of(sheet, "wire"):
        ends = parts_of(wire, "pts")[0][1:]
        a, b = ((round(float(x), 4), round(float(y), 4)) for _, x, y in ends)
        joined.wires.append((a, b))
    local = "" if outside is None else way
    for kind in ("global_label", "label", "hierarchical_label"):
        for label in parts_of(sheet, kind):
            name = label[1]
            if kind == "label":
                name = f"{name}@{local}"
            elif kind == "hierarchical_label":
                name = (outside or {})[name]
            joined.names.append((place(label), name))
    library = {item[1]: item for item in parts_of(parts_of(sheet, "lib_symbols")[0], "symbol")}
    joined.join()
    assert [s for s in joined.shorts() if outside is None] == []
    cards = [block for item in parts_of(sheet, "text") for block in item[1].split("\n")]
    for symbol in parts_of(sheet, "symbol"):
        own = {item[1]: item[2] for item in parts_of(symbol, "property")}
        if parts_of(symbol, "exclude_from_sim")[0][1] == "yes":
            continue
        x, y = place(symbol)
        assert parts_of(symbol, "at")[0][3] == "0"
        units = parts_of(library[parts_of(symbol, "lib_id")[0][1]], "symbol")
        pins = {
            int(parts_of(pin, "number")[0][1]): place(pin)
            for unit in units
            for pin in parts_of(unit, "pin")
        }
        spots = [(round(x + pins[at][0], 4), round(y - pins[at][1], 4)) for at in sorted(pins)]
        paths = parts_of(parts_of(parts_of(symbol, "instances")[0], "project")[0], "path")
        name = next(item for item in paths if item[1] == way)
        reference = parts_of(name, "reference")[0][1]
        params = dict(re.findall(r'(\w+)="([^"]*)"', own["Sim.Params"]))
        model, letter = params["model"], params["type"]
        assert reference.upper().startswith(letter)
        cards.append(" ".join([reference, *map(joined.net, spots), model]))
    for box in parts_of(sheet, "sheet"):
        own = {item[1]: item[2] for item in parts_of(box, "property")}
        nets = {pin[1]: joined.net(place(pin)) for pin in parts_of(box, "pin")}
        inner = f"{way}/{parts_of(box, 'uuid')[0][1]}"
        cards.append(kicad_netlist(path.with_name(own["Sheetfile"]), inner, nets))
    return "\n".join(["* read back", *cards, ""]) if outside is None else "\n".join(cards)


@pytest.fixture(scope="session")
def netlisters() -> dict[str, Netlister]:
    """The reader of each editor's files, by suffix."""
    return {"sch": xschem_netlist, "asc": ltspice_netlist, "kicad_sch": kicad_netlist}
