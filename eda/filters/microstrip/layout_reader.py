"""Reading ``filter-layout/1``: strict, with one error that names the field and how to mend it.

What is refused is what makes no circuit, or another one than is drawn: ends that do not meet, pairs
that do not face each other, ports that nothing leads to. Sizes that break a limit are no errors: a
search mends them.
"""

from __future__ import annotations

import math
import os
import re
from difflib import get_close_matches
from itertools import combinations
from typing import Final

from eda.filters.fields import Fields
from eda.filters.microstrip.layout import SCHEMA, Layout, Strip, Via
from eda.filters.microstrip.limits import facing_mm
from eda.filters.strict_json import load_json, read_bounded

MOST_STRIPS: Final = 100
_MOST_VIAS: Final = 50
_TOP: Final = (
    *("schema", "family", "order", "design_model", "substrate", "strips", "coupled", "vias"),
    "ports",
)
_STRIP: Final = ("name", "from_mm", "to_mm", "width_mm", "nodes")
_VIA: Final = ("node", "at_mm", "diameter_mm")
_SUBSTRATE: Final = ("name", "er", "tand", "h_mm", "t_um", "sigma_s_per_m", "rough_um")
_MODELS: Final = ("closed_form", "full_wave")
_REACH_MM: Final = 1e4
_LEAST_MM: Final = 1e-3
_TOUCH_MM: Final = 1e-4
"""Files hold coordinates to a millionth; people may round them to less."""

_HINT: Final = f"; write {SCHEMA}, as the layout.json of a design"
_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,40}", re.ASCII)


def read_layout(path: str | os.PathLike[str]) -> Layout:
    """Return the layout in a file.

    Args:
        path: A ``filter-layout/1`` file, such as a delivered ``layout.json``.

    Raises:
        SpecError: It cannot be read, or makes no circuit; the message names the field.
    """
    return parse_layout(read_bounded(path), where=str(path))


def parse_layout(text: str | bytes, *, where: str = "layout") -> Layout:
    r"""Return the layout in a JSON text.

    Args:
        text: The JSON.
        where: What to call it in errors.

    Raises:
        SpecError: It is no JSON, or a field is wrong; the message names it.

    Example:
        >>> parse_layout('{"schema": "filter-layout/1", "stripes": []}', where="x.json")
        Traceback (most recent call last):
        ...
        eda.errors.SpecError: x.json: stripes: unknown field; did you mean strips?
    """
    data = load_json(text, where=where, what="layout", hint=_HINT)
    top = Fields(data, where, "", _TOP)
    if top.text("schema") != SCHEMA:
        raise top.wrong("schema", f"is {top.text('schema')[:40]!r}; write {SCHEMA!r}")
    nodes = _Names(top)
    strips = _strips(top, nodes)
    ends = _ends(strips)
    vias = _vias(top, nodes, ends)
    ports = _ports(top, nodes, ends)
    coupled = _pairs(top, strips)
    layout = Layout(
        family=_named(top, "family", top.text("family")),
        order=top.integer("order", 0, 1000) if "order" in top else 0,
        strips=tuple(strips),
        coupled=tuple(coupled),
        ports=ports,
        vias=tuple(vias),
        substrate=_substrate(top),
        design_model=top.choice("design_model", _MODELS, default=_MODELS[0]),
    )
    _check_joined(layout, top, ends)
    return layout


class _Names:
    """The names of nodes, which are the same where they differ in case only."""

    def __init__(self, top: Fields) -> None:
        self.top = top
        self.seen: dict[str, str] = {}

    def of(self, fields: Fields, key: str, text: str) -> str:
        """Return a node's name as it was first written."""
        return self.seen.setdefault(text.lower(), _named(fields, key, text))

    def known(self, fields: Fields, key: str, text: str) -> str:
        """Return the name of a node that some strip has."""
        if text.lower() not in self.seen:
            close = get_close_matches(text.lower(), self.seen, n=1)
            hint = f"did you mean {self.seen[close[0]]}?" if close else "name the end of a strip"
            raise fields.wrong(key, f"no strip ends at {text[:40]!r}; {hint}")
        return self.seen[text.lower()]


def _named(fields: Fields, key: str, text: str) -> str:
    if not _NAME.fullmatch(text):
        raise fields.wrong(key, f"is {text[:60]!r}; write 1 to 40 letters, digits and underscores")
    return text


def _strips(top: Fields, nodes: _Names) -> list[Strip]:
    made: list[Strip] = []
    names: set[str] = set()
    for item in top.groups("strips", _STRIP, most=MOST_STRIPS, what="strips"):
        name = _named(item, "name", item.text("name"))
        if name.lower() in names:
            raise item.wrong(
                "name", f"another strip is named {name}; names differ in more than case"
            )
        names.add(name.lower())
        start, end = item.point("from_mm", _REACH_MM), item.point("to_mm", _REACH_MM)
        across = min(abs(end[0] - start[0]), abs(end[1] - start[1]))
        if across > _TOUCH_MM:
            raise item.wrong(
                "to_mm",
                f"{name} is neither horizontal nor vertical; give both ends the same x or y",
            )
        # What is left of rounding would tilt the strip.
        flat = abs(end[0] - start[0]) >= abs(end[1] - start[1])
        end = (end[0], start[1]) if flat else (start[0], end[1])
        if math.dist(start, end) < _LEAST_MM:
            raise item.wrong(
                "to_mm", f"{name} has no length; move an end by {_LEAST_MM} mm at least"
            )
        both = item.texts("nodes", 2)
        if len(both) != 2:
            raise item.wrong("nodes", "has 1 name; name both ends")
        ends = nodes.of(item, "nodes", both[0]), nodes.of(item, "nodes", both[1])
        if ends[0] == ends[1]:
            raise item.wrong("nodes", f"both ends are {ends[0]}; a strip leads from node to node")
        width = item.number("width_mm", least=_LEAST_MM, most=_REACH_MM)
        made.append(Strip(name, start, end, width, ends))
    return made


Ends = dict[str, list[tuple[Strip, tuple[float, float], int]]]


def _ends(strips: list[Strip]) -> Ends:
    """Return by node which strips end there, where, and the number of the strip."""
    found: Ends = {}
    for at, strip in enumerate(strips):
        for node, place in zip(strip.nodes, (strip.start_mm, strip.end_mm), strict=True):
            found.setdefault(node, []).append((strip, place, at))
    return found


def _vias(top: Fields, nodes: _Names, ends: Ends) -> list[Via]:
    if "vias" not in top:
        return []
    made = []
    for item in top.groups("vias", _VIA, least=0, most=_MOST_VIAS, what="vias"):
        node = nodes.known(item, "node", item.text("node"))
        at = item.point("at_mm", _REACH_MM)
        if all(
            math.dist(at, place) > strip.width_mm / 2 + _TOUCH_MM for strip, place, _ in ends[node]
        ):
            raise item.wrong(
                "at_mm", f"is not where {node} is; move it to the end of a strip there"
            )
        made.append(Via(node, at, item.number("diameter_mm", least=_LEAST_MM, most=100.0)))
    return made


def _ports(top: Fields, nodes: _Names, ends: Ends) -> tuple[str, str]:
    group = top.group("ports", ("1", "2"))
    one, two = (nodes.known(group, key, group.text(key)) for key in ("1", "2"))
    if one == two:
        raise group.wrong("2", f"is {two}, as port 1; name another node")
    return one, two


def _pairs(top: Fields, strips: list[Strip]) -> list[tuple[str, str]]:
    found = top.value("coupled") if "coupled" in top else []
    if not isinstance(found, list) or len(found) > MOST_STRIPS:
        raise top.wrong("coupled", 'is no list of pairs; write [["a", "b"], ...] or []')
    known = {strip.name.lower(): strip for strip in strips}
    made: list[tuple[str, str]] = []
    taken: set[str] = set()
    for number, item in enumerate(found):
        key = f"coupled[{number}]"
        if (
            not isinstance(item, list)
            or len(item) != 2
            or not all(isinstance(name, str) for name in item)
        ):
            raise top.wrong(key, "is no pair; write the names of two strips in brackets")
        for name in item:
            if name.lower() not in known:
                close = get_close_matches(name.lower(), known, n=1)
                hint = f"did you mean {known[close[0]].name}?" if close else "name a strip"
                raise top.wrong(key, f"no strip is named {name[:40]!r}; {hint}")
            if name.lower() in taken:
                raise top.wrong(
                    key, f"{name} is in another pair, or twice; a strip has one partner"
                )
            taken.add(name.lower())
        a, b = (known[name.lower()] for name in item)
        _check_pair(a, b, top, key)
        made.append((a.name, b.name))
    return made


def _check_pair(a: Strip, b: Strip, top: Fields, key: str) -> None:
    if a.horizontal != b.horizontal:
        raise top.wrong(key, f"{a.name} and {b.name} are not parallel; only parallel strips couple")
    if abs(a.width_mm - b.width_mm) > _TOUCH_MM:
        raise top.wrong(
            key,
            f"{a.name} is {a.width_mm:g} mm wide and {b.name} {b.width_mm:g}; make them equal",
        )
    longest = max(a.length_mm, b.length_mm)
    if facing_mm(a, b) < longest - _TOUCH_MM:
        raise top.wrong(
            key,
            f"{a.name} and {b.name} do not face each other over their whole length: "
            f"{facing_mm(a, b):.4g} of {longest:.4g} mm; cut longer strips where the pair ends",
        )
    across = 1 if a.horizontal else 0
    gap = abs(a.start_mm[across] - b.start_mm[across]) - (a.width_mm + b.width_mm) / 2
    if gap < _LEAST_MM:
        raise top.wrong(key, f"{a.name} and {b.name} overlap; leave a gap")


def _substrate(top: Fields) -> dict[str, object]:
    """Return the board of the layout, for the record: the specification's is designed for."""
    if "substrate" not in top:
        return {}
    board = top.group("substrate", _SUBSTRATE)
    made: dict[str, object] = {}
    for key in board.data:
        made[key] = board.text(key) if key == "name" else board.number(key, least=0.0)
    return made


def _check_joined(layout: Layout, top: Fields, ends: Ends) -> None:
    """Refuse ends that do not meet, and ports that nothing connects."""
    for node, meeting in ends.items():
        widest = max(strip.width_mm for strip, _, _ in meeting)
        for (a, at, _), (b, bt, number) in combinations(meeting, 2):
            if math.dist(at, bt) > widest / 2 + _TOUCH_MM:
                raise top.wrong(
                    f"strips[{number}]",
                    f"{b.name} ends {math.dist(at, bt):.4g} mm from {a.name}, with which it "
                    f"shares {node}; at most half of the widest width, {widest / 2:.4g} mm, is "
                    "joined: move it, or name another node",
                )
    reached = {layout.ports[0]}
    joined = [set(strip.nodes) for strip in layout.strips]
    joined += [{node for side in layout.facing(pair) for node in side} for pair in layout.coupled]
    while True:
        more = {node for group in joined if group & reached for node in group} - reached
        if not more:
            break
        reached |= more
    if layout.ports[1] not in reached:
        raise top.wrong(
            "ports", "no strip and no pair connects them; join or couple what is between"
        )
    for number, strip in enumerate(layout.strips):
        if reached.isdisjoint(strip.nodes):
            raise top.wrong(f"strips[{number}]", f"{strip.name} is joined to nothing; leave it out")
