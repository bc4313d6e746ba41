"""Standard cells: complex gates from a random expression, multiplexers, adders, dynamic logic."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from eda.datasets.generator.opamps import inverter
from eda.datasets.generator.sheet import Polarity, Sheet


@dataclass(frozen=True, slots=True)
class Tree:
    """A series (``and``) or parallel (``or``) combination; a leaf where it has a net."""

    kind: str
    members: tuple[Tree, ...] = ()
    net: str = ""


def random_tree(sheet: Sheet, leaves: list[str], kind: str) -> Tree:
    """Return a tree over all leaves whose levels take turns."""
    if len(leaves) == 1:
        return Tree("leaf", net=leaves[0])
    pieces = sheet.number(2, min(len(leaves), 3))
    cuts = sorted(sheet.rng.choice(range(1, len(leaves)), size=pieces - 1, replace=False).tolist())
    bounds = [0, *cuts, len(leaves)]
    other = "or" if kind == "and" else "and"
    return Tree(
        kind,
        tuple(random_tree(sheet, leaves[low:high], other) for low, high in pairwise(bounds)),
    )


def dual(tree: Tree) -> Tree:
    """Return the tree with series and parallel exchanged."""
    if tree.kind == "leaf":
        return tree
    return Tree("or" if tree.kind == "and" else "and", tuple(dual(one) for one in tree.members))


def place(sheet: Sheet, tree: Tree, polarity: Polarity, top: str, bottom: str) -> None:
    """Draw the transistors of a tree between two nets."""
    if tree.kind == "leaf":
        sheet.switch(polarity, top, tree.net, bottom)
    elif tree.kind == "or":
        for one in tree.members:
            place(sheet, one, polarity, top, bottom)
    else:
        above = top
        for at, one in enumerate(tree.members):
            below = bottom if at == len(tree.members) - 1 else sheet.net("mid")
            place(sheet, one, polarity, above, below)
            above = below


def complex_gate(sheet: Sheet, leaves: list[str], out: str, *, kind: str | None = None) -> None:
    """A static gate: any series-parallel network and its dual."""
    tree = random_tree(sheet, leaves, kind or sheet.pick("and", "or"))
    with sheet.block("pull_down"):
        place(sheet, tree, "n", out, sheet.vss)
    with sheet.block("pull_up"):
        place(sheet, dual(tree), "p", out, sheet.vdd)


def inputs_of(sheet: Sheet, count: int) -> list[str]:
    """Return this many input ports."""
    names = sheet.pick("abc", "a1b1", "in")
    made = []
    for at in range(count):
        hint = {"abc": "abcdefgh"[at], "a1b1": f"{'abc'[at // 3]}{1 + at % 3}", "in": f"in{at}"}[
            names
        ]
        level = sheet.supply_v if sheet.chance(0.5) else 0.0
        made.append(sheet.port("input", hint, volts=level))
    return made


def transmission_gate(sheet: Sheet, a: str, b: str, on: str, off: str) -> None:
    """A switch of both polarities."""
    with sheet.block("transmission_gate"):
        sheet.switch("n", a, on, b)
        sheet.switch("p", a, off, b)


def logic_gate(sheet: Sheet) -> None:
    """A combinational cell."""
    kind = sheet.pick(
        *("complex", "buffered", "chain", "two_level", "xor", "mux", "adder", "tristate"),
        *("pass_logic", "domino", "pseudo", "decoder", "differential"),
        weights=(5, 3, 1, 4, 2, 2, 1.5, 1.5, 1, 1.5, 1, 1, 1),
    )
    out = sheet.port("output", "y")
    if kind in ("complex", "buffered"):
        leaves = inputs_of(sheet, sheet.number(1 if kind == "buffered" else 2, 7))
        if sheet.chance(0.2):
            leaves[0] = inverted(sheet, leaves[0])
        inner = out if kind == "complex" else sheet.net("yn")
        complex_gate(sheet, leaves, inner)
        if inner != out:
            drive(sheet, inner, out)
    elif kind == "chain":
        (node,) = inputs_of(sheet, 1)
        count = sheet.number(2, 8)
        for at in range(count):
            following = out if at == count - 1 else sheet.net("d")
            for _ in range(sheet.number(1, 3)):
                inverter(sheet, node, following)
            node = following
    elif kind == "two_level":
        _two_level(sheet, out)
    elif kind == "xor":
        _xor(sheet, out)
    elif kind == "mux":
        _multiplexer(sheet, out)
    elif kind == "adder":
        _adder(sheet, out)
    elif kind == "tristate":
        a, enable = inputs_of(sheet, 1)[0], sheet.port("input", "en", volts=sheet.supply_v)
        clocked_inverter(sheet, a, out, enable, inverted(sheet, enable))
    elif kind == "pass_logic":
        data = inputs_of(sheet, sheet.number(2, 4))
        for net in data:
            select = sheet.port("input", "s", volts=sheet.supply_v)
            sheet.switch("n", out, select, net)
        if sheet.chance(0.5):
            keeper = sheet.net("k")
            inverter(sheet, out, keeper)
            sheet.switch("p", out, keeper, sheet.vdd)
    elif kind in ("domino", "pseudo"):
        _dynamic(sheet, out, clocked=kind == "domino")
    elif kind == "decoder":
        data = inputs_of(sheet, 2)
        bars = [inverted(sheet, net) for net in data]
        for word in range(sheet.number(2, 4)):
            line = out if word == 0 else sheet.port("output", "y")
            leaves = [data[b] if word >> b & 1 else bars[b] for b in (0, 1)]
            inner = sheet.net("w")
            complex_gate(sheet, leaves, inner, kind="and")
            inverter(sheet, inner, line)
    else:
        _cascode_logic(sheet, out)


def inverted(sheet: Sheet, net: str) -> str:
    """Return a new net that an inverter drives from this one."""
    out = sheet.net("b")
    inverter(sheet, net, out)
    return out


def drive(sheet: Sheet, inner: str, out: str) -> None:
    """Drive a net by one to four inverters in parallel."""
    for _ in range(sheet.number(1, 4)):
        inverter(sheet, inner, out)


def _two_level(sheet: Sheet, out: str) -> None:
    """Two or three gates into another."""
    nets = inputs_of(sheet, sheet.number(2, 6))
    middle = []
    for _ in range(sheet.number(2, 3)):
        chosen = sheet.rng.choice(nets, size=min(len(nets), sheet.number(1, 3)), replace=False)
        inner = sheet.net("w")
        complex_gate(sheet, [str(net) for net in chosen], inner)
        middle.append(inner)
    used = {net for part in sheet.parts for net in part.nets}
    middle += [net for net in nets if net not in used]
    complex_gate(sheet, middle, out)


def _xor(sheet: Sheet, out: str) -> None:
    a, b = inputs_of(sheet, 2)
    style = sheet.pick("complex", "transmission", "six", "nand4", "aoi")
    if style == "complex":
        na, nb = inverted(sheet, a), inverted(sheet, b)
        swap = sheet.chance(0.5)
        terms = ((a, b), (na, nb)) if swap else ((a, nb), (na, b))
        tree = Tree("or", tuple(Tree("and", tuple(Tree("leaf", net=n) for n in t)) for t in terms))
        place(sheet, tree, "n", out, sheet.vss)
        place(sheet, dual(tree), "p", out, sheet.vdd)
    elif style == "transmission":
        na, nb = inverted(sheet, a), inverted(sheet, b)
        transmission_gate(sheet, a, out, nb, b)
        transmission_gate(sheet, na, out, b, nb)
    elif style == "six":
        nb = inverted(sheet, b)
        transmission_gate(sheet, a, out, nb, b)
        sheet.switch("p", out, a, b)
        sheet.switch("n", out, a, nb)
    elif style == "nand4":
        first, left, right = sheet.net("w"), sheet.net("w"), sheet.net("w")
        for leaves, net in (((a, b), first), ((a, first), left), ((b, first), right)):
            complex_gate(sheet, list(leaves), net, kind="and")
        complex_gate(sheet, [left, right], out, kind="and")
    else:
        first = sheet.net("w")
        complex_gate(sheet, [a, b], first, kind="or")
        tree = Tree(
            "or", (Tree("and", (Tree("leaf", net=a), Tree("leaf", net=b))), Tree("leaf", net=first))
        )
        place(sheet, tree, "n", out, sheet.vss)
        place(sheet, dual(tree), "p", out, sheet.vdd)
    if sheet.chance(0.3):
        inverter(sheet, out, sheet.port("output", "z"))


def _multiplexer(sheet: Sheet, out: str) -> None:
    ways = 4 if sheet.chance(0.35) else 2
    data = inputs_of(sheet, ways)
    style = sheet.pick("transmission", "tristate", "pass")
    inner = sheet.net("mx") if sheet.chance(0.6) else out
    while len(data) > 1:
        select = sheet.port("input", "s", volts=sheet.supply_v)
        bar = inverted(sheet, select)
        following = []
        for at in range(0, len(data), 2):
            node = inner if len(data) == 2 else sheet.net("m")
            for net, on, off in ((data[at], bar, select), (data[at + 1], select, bar)):
                if style == "transmission":
                    transmission_gate(sheet, net, node, on, off)
                elif style == "tristate":
                    clocked_inverter(sheet, net, node, on, off)
                else:
                    sheet.switch("n", node, on, net)
            following.append(node)
        data = following
    if inner != out:
        drive(sheet, inner, out)


def _adder(sheet: Sheet, out: str) -> None:
    """A mirror adder, or a half adder."""
    carry = sheet.port("output", "co")
    if sheet.chance(0.4):
        a, b = inputs_of(sheet, 2)
        inner = sheet.net("cn")
        complex_gate(sheet, [a, b], inner, kind="and")
        inverter(sheet, inner, carry)
        either = sheet.net("w")
        complex_gate(sheet, [a, b], either, kind="or")
        complex_gate(sheet, [either, carry], out, kind="or")
        return
    a, b, c = inputs_of(sheet, 3)
    inner, total = sheet.net("cn"), sheet.net("sn")
    for polarity, rail in (("n", sheet.vss), ("p", sheet.vdd)):
        one, two, three, four, five = (sheet.net("m") for _ in range(5))
        sheet.switch(polarity, inner, c, one)
        sheet.switch(polarity, one, a, rail)
        sheet.switch(polarity, one, b, rail)
        sheet.switch(polarity, inner, a, two)
        sheet.switch(polarity, two, b, rail)
        sheet.switch(polarity, total, inner, three)
        for net in (a, b, c):
            sheet.switch(polarity, three, net, rail)
        sheet.switch(polarity, total, c, four)
        sheet.switch(polarity, four, a, five)
        sheet.switch(polarity, five, b, rail)
    inverter(sheet, inner, carry)
    inverter(sheet, total, out)


def _dynamic(sheet: Sheet, out: str, *, clocked: bool) -> None:
    """Domino logic, or a gate with a load that is always on."""
    leaves = inputs_of(sheet, sheet.number(2, 5))
    inner = sheet.net("dyn") if clocked else out
    tree = random_tree(sheet, leaves, sheet.pick("and", "or"))
    foot = sheet.vss
    gate = sheet.vss
    if clocked:
        gate = sheet.port("clock", "ck", volts=sheet.supply_v)
        if sheet.chance(0.7):
            foot = sheet.net("foot")
            sheet.switch("n", foot, gate, sheet.vss)
    place(sheet, tree, "n", inner, foot)
    sheet.switch("p", inner, gate, sheet.vdd)
    if clocked:
        inverter(sheet, inner, out)
        if sheet.chance(0.6):
            sheet.switch("p", inner, out, sheet.vdd)


def _cascode_logic(sheet: Sheet, out: str) -> None:
    """Differential cascode voltage switch logic: a tree, its complement, a cross-coupled load."""
    count = sheet.number(1, 4)
    leaves = inputs_of(sheet, count)
    bars = [
        inverted(sheet, net) if sheet.chance(0.5) else sheet.port("input", "b", volts=0.0)
        for net in leaves
    ]
    other = sheet.port("output", "yn")
    table = dict(zip(leaves, bars, strict=True))
    tree = random_tree(sheet, leaves, "and")

    def opposite(one: Tree) -> Tree:
        if one.kind == "leaf":
            return Tree("leaf", net=table[one.net])
        return Tree(one.kind, tuple(opposite(m) for m in one.members))

    place(sheet, tree, "n", out, sheet.vss)
    place(sheet, opposite(dual(tree)), "n", other, sheet.vss)
    sheet.switch("p", out, other, sheet.vdd)
    sheet.switch("p", other, out, sheet.vdd)


def clocked_inverter(sheet: Sheet, into: str, out: str, on: str, off: str) -> None:
    """An inverter that lets go of its output; the switches are inside or outside."""
    low, high = sheet.net("cl"), sheet.net("ch")
    with sheet.block("clocked_inverter"):
        if sheet.chance(0.5):
            for polarity, middle, gate in (("n", low, on), ("p", high, off)):
                rail = sheet.rail(polarity)
                sheet.switch(polarity, middle, into, rail)
                sheet.switch(polarity, out, gate, middle)
        else:
            for polarity, middle, gate in (("n", low, on), ("p", high, off)):
                rail = sheet.rail(polarity)
                sheet.switch(polarity, middle, gate, rail)
                sheet.switch(polarity, out, into, middle)
