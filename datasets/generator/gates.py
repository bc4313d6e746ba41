"""Standard cells: complex gates from a random expression, multiplexers, latches, flip-flops."""

from __future__ import annotations

from dataclasses import dataclass

from eda.datasets.generator.comparators import schmitt
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
        tuple(
            random_tree(sheet, leaves[low:high], other)
            for low, high in zip(bounds[:-1], bounds[1:], strict=True)
        ),
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
            leaves[0] = _inverted(sheet, leaves[0])
        inner = out if kind == "complex" else sheet.net("yn")
        complex_gate(sheet, leaves, inner)
        if inner != out:
            _drive(sheet, inner, out)
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
        clocked_inverter(sheet, a, out, enable, _inverted(sheet, enable))
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
        bars = [_inverted(sheet, net) for net in data]
        for word in range(sheet.number(2, 4)):
            line = out if word == 0 else sheet.port("output", "y")
            leaves = [data[b] if word >> b & 1 else bars[b] for b in (0, 1)]
            inner = sheet.net("w")
            complex_gate(sheet, leaves, inner, kind="and")
            inverter(sheet, inner, line)
    else:
        _cascode_logic(sheet, out)


def _inverted(sheet: Sheet, net: str) -> str:
    out = sheet.net("b")
    inverter(sheet, net, out)
    return out


def _drive(sheet: Sheet, inner: str, out: str) -> None:
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
        na, nb = _inverted(sheet, a), _inverted(sheet, b)
        swap = sheet.chance(0.5)
        terms = ((a, b), (na, nb)) if swap else ((a, nb), (na, b))
        tree = Tree("or", tuple(Tree("and", tuple(Tree("leaf", net=n) for n in t)) for t in terms))
        place(sheet, tree, "n", out, sheet.vss)
        place(sheet, dual(tree), "p", out, sheet.vdd)
    elif style == "transmission":
        na, nb = _inverted(sheet, a), _inverted(sheet, b)
        transmission_gate(sheet, a, out, nb, b)
        transmission_gate(sheet, na, out, b, nb)
    elif style == "six":
        nb = _inverted(sheet, b)
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
        bar = _inverted(sheet, select)
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
        _drive(sheet, inner, out)


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
        _inverted(sheet, net) if sheet.chance(0.5) else sheet.port("input", "b", volts=0.0)
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


def storage(sheet: Sheet) -> None:
    """A latch, a flip-flop, a memory cell."""
    kind = sheet.pick(
        *("latch", "flip_flop", "sr", "tspc", "sram", "jamb", "clock_gate", "sense_flop"),
        weights=(3, 5, 1.5, 1.5, 2, 1, 1, 1),
    )
    if kind in ("latch", "flip_flop"):
        _latches(sheet, 1 if kind == "latch" else 2)
    elif kind == "sr":
        _set_reset(sheet)
    elif kind == "tspc":
        _single_phase(sheet)
    elif kind == "sram":
        _memory(sheet)
    elif kind == "jamb":
        _jamb(sheet)
    elif kind == "clock_gate":
        clock, enable = _clock(sheet), sheet.port("input", "en", volts=0.0)
        held, out, inner = sheet.net("h"), sheet.port("output", "gclk"), sheet.net("g")
        bar = _inverted(sheet, clock)
        latch(sheet, enable, held, bar, clock)
        complex_gate(sheet, [held, clock], inner, kind="and")
        inverter(sheet, inner, out)
    else:
        _sense_amplifier_flop(sheet)


def _clock(sheet: Sheet) -> str:
    return sheet.port("clock", "ck", volts=sheet.supply_v)


def latch(sheet: Sheet, into: str, out: str, on: str, off: str, reset: str | None = None) -> str:
    """A level-sensitive latch; returns the net that holds the inverse."""
    inner, back = sheet.net("m"), sheet.net("mb")
    style = sheet.pick("tg", "tri", "tg_tri", "weak", weights=(3, 3, 3, 1))
    with sheet.block("latch"):
        source = into
        if style == "tri":
            clocked_inverter(sheet, into, inner, on, off)
        else:
            if sheet.chance(0.4):
                source = _inverted(sheet, into)
            transmission_gate(sheet, source, inner, on, off)
        if reset:
            complex_gate(sheet, [inner, reset], out, kind=sheet.pick("and", "or"))
        else:
            inverter(sheet, inner, out)
        if style in ("tri", "tg_tri"):
            clocked_inverter(sheet, out, inner, off, on)
        elif style == "tg":
            inverter(sheet, out, back)
            transmission_gate(sheet, back, inner, off, on)
        else:
            inverter(sheet, out, inner)
    return inner


def _latches(sheet: Sheet, count: int) -> None:
    clock = _clock(sheet)
    data = sheet.port("input", "d", volts=0.0)
    first = _inverted(sheet, clock)
    second = _inverted(sheet, first) if sheet.chance(0.7) else clock
    reset = (
        sheet.port("input", sheet.pick("rn", "r", "sn"), volts=sheet.supply_v)
        if sheet.chance(0.4)
        else None
    )
    if sheet.chance(0.25):
        scan, select = sheet.port("input", "si", volts=0.0), sheet.port("input", "se", volts=0.0)
        bar = _inverted(sheet, select)
        mixed = sheet.net("dm")
        if sheet.chance(0.5):
            transmission_gate(sheet, data, mixed, bar, select)
            transmission_gate(sheet, scan, mixed, select, bar)
        else:
            clocked_inverter(sheet, data, mixed, bar, select)
            clocked_inverter(sheet, scan, mixed, select, bar)
        data = mixed
    elif sheet.chance(0.15):
        inner = sheet.net("g")
        complex_gate(sheet, [data, sheet.port("input", "en", volts=sheet.supply_v)], inner)
        data = inner
    on, off = first, second
    node = data
    held = node
    for _ in range(count):
        following = sheet.net("l")
        held = latch(sheet, node, following, on, off, reset)
        node, on, off = following, off, on
    out = sheet.port("output", "q")
    _drive(sheet, node, out)
    if sheet.chance(0.4):
        bar_out = sheet.port("output", "qn")
        inverter(sheet, held if sheet.chance(0.5) else out, bar_out)


def _set_reset(sheet: Sheet) -> None:
    s, r = sheet.port("input", "s", volts=sheet.supply_v), sheet.port("input", "r", volts=0.0)
    q, qn = sheet.port("output", "q"), sheet.port("output", "qn")
    kind = sheet.pick("and", "or")
    extra = sheet.number(0, 2)
    clock = _clock(sheet) if extra else ""
    if extra:
        gated = sheet.net("g"), sheet.net("g")
        for net, inner in zip((s, r), gated, strict=True):
            complex_gate(sheet, [net, clock], inner, kind="and" if extra == 1 else "or")
        s, r = gated
    complex_gate(sheet, [s, qn], q, kind=kind)
    complex_gate(sheet, [r, q], qn, kind=kind)


def _single_phase(sheet: Sheet) -> None:
    """A true single-phase flip-flop."""
    clock, data = _clock(sheet), sheet.port("input", "d", volts=0.0)
    a, b, c = (sheet.net(n) for n in "xyz")
    q = sheet.port("output", "q")
    stages = (("p", data, a), ("n", a, b), ("n", b, c))
    for at, (gated, into, out) in enumerate(stages):
        middle = sheet.net("t")
        if at == 0:
            sheet.switch("p", middle, data, sheet.vdd)
            sheet.switch("p", out, clock, middle)
            sheet.switch("n", out, data, sheet.vss)
        else:
            foot = sheet.net("t")
            gate = clock if at == 1 else into
            sheet.switch("p", out, gate, sheet.vdd)
            if at == 1:
                sheet.switch("n", out, into, foot)
                sheet.switch("n", foot, clock, sheet.vss)
            else:
                sheet.switch("n", out, clock, foot)
                sheet.switch("n", foot, into, sheet.vss)
        del gated
    inverter(sheet, c, q)
    if sheet.chance(0.4):
        inverter(sheet, q, sheet.port("output", "qn"))
    if sheet.chance(0.3):
        back = sheet.net("k")
        inverter(sheet, q, back)
        sheet.switch("p", c, q, sheet.vdd)
        inverter(sheet, back, sheet.port("output", "qb"))


def _memory(sheet: Sheet) -> None:
    """SRAM cells on a column, with what reads and writes them."""
    lines = (
        sheet.port("output", "bl", volts=sheet.supply_v),
        sheet.port("output", "blb", volts=sheet.supply_v),
    )
    kind = sheet.pick("6t", "8t", "4t", "9t", "10t", weights=(4, 2, 1, 1, 1))
    for _ in range(sheet.number(1, 4)):
        word = sheet.port("input", "wl", volts=0.0)
        cell = sheet.net("q"), sheet.net("qb")
        with sheet.block("cell"):
            for at in (0, 1):
                sheet.switch("n", cell[at], cell[1 - at], sheet.vss)
                if kind == "4t":
                    sheet.r(sheet.vdd, cell[at], 1e7)
                else:
                    sheet.switch("p", cell[at], cell[1 - at], sheet.vdd)
                sheet.switch("n", lines[at], word, cell[at])
            if kind in ("8t", "9t", "10t"):
                read, foot = sheet.port("output", "rbl", volts=sheet.supply_v), sheet.net("rf")
                select = sheet.port("input", "rwl", volts=sheet.supply_v)
                sheet.switch("n", foot, cell[1], sheet.vss)
                if kind == "9t":
                    middle = sheet.net("rm")
                    sheet.switch("n", middle, select, foot)
                    sheet.switch("n", read, select, middle)
                else:
                    sheet.switch("n", read, select, foot)
                if kind == "10t":
                    sheet.switch("p", foot, select, sheet.vdd)
                    sheet.switch("p", foot, cell[1], sheet.vdd)
    if sheet.chance(0.5):
        with sheet.block("precharge"):
            gate = sheet.port("clock", "pre", volts=sheet.supply_v)
            for line in lines:
                sheet.switch("p", line, gate, sheet.vdd)
            if sheet.chance(0.7):
                sheet.switch("p", *(lines[0], gate, lines[1]))
    if sheet.chance(0.4):
        with sheet.block("write_driver"):
            write = sheet.port("input", "we", volts=0.0)
            data = sheet.port("input", "din", volts=0.0)
            for line, net in zip(lines, (_inverted(sheet, data), data), strict=True):
                foot = sheet.net("wf")
                sheet.switch("n", line, write, foot)
                sheet.switch("n", foot, net, sheet.vss)
    if sheet.chance(0.4):
        with sheet.block("sense_amplifier"):
            enable, foot = sheet.port("clock", "se", volts=0.0), sheet.net("sf")
            sensed = sheet.net("sa"), sheet.net("sb")
            for at in (0, 1):
                sheet.switch("p", sensed[at], enable, lines[at])
                sheet.switch("n", sensed[at], sensed[1 - at], foot)
                sheet.switch("p", sensed[at], sensed[1 - at], sheet.vdd)
            sheet.switch("n", foot, enable, sheet.vss)
            inverter(sheet, sensed[0], sheet.port("output", "dout"))


def _jamb(sheet: Sheet) -> None:
    q, qb = sheet.net("q"), sheet.net("qb")
    inverter(sheet, q, qb)
    inverter(sheet, qb, q)
    for net, name in ((q, "set"), (qb, "reset")):
        gate = sheet.port("input", name, volts=0.0)
        if sheet.chance(0.5):
            foot = sheet.net("f")
            sheet.switch("n", net, gate, foot)
            sheet.switch("n", foot, _clock(sheet), sheet.vss)
        else:
            sheet.switch("n", net, gate, sheet.vss)
    for net in (q, qb):
        if sheet.chance(0.7):
            inverter(sheet, net, sheet.port("output", "q"))
    if not any(port.kind == "output" for port in sheet.ports.values()):
        sheet.port("output", "q", net=q)


def _sense_amplifier_flop(sheet: Sheet) -> None:
    clock = _clock(sheet)
    data = sheet.port("input", "d", volts=0.0)
    bar = _inverted(sheet, data)
    s, r = sheet.net("s"), sheet.net("r")
    tail = sheet.net("t")
    inner = sheet.net("x"), sheet.net("y")
    sheet.switch("n", tail, clock, sheet.vss)
    for at, (out, other, gate) in enumerate(((s, r, data), (r, s, bar))):
        sheet.switch("n", inner[at], gate, tail)
        sheet.switch("n", out, other, inner[at])
        sheet.switch("p", out, other, sheet.vdd)
        sheet.switch("p", out, clock, sheet.vdd)
    if sheet.chance(0.6):
        sheet.switch("n", inner[0], sheet.vdd, inner[1])
    q, qn = sheet.port("output", "q"), sheet.port("output", "qn")
    complex_gate(sheet, [s, qn], q, kind="and")
    complex_gate(sheet, [r, q], qn, kind="and")


def interface(sheet: Sheet) -> None:
    """Level shifters, Schmitt triggers, pads, delay and pulse cells, power-on reset."""
    kind = sheet.pick(
        "level",
        "schmitt",
        "pad",
        "delay",
        "pulse",
        "reset",
        "latch_level",
        weights=(3, 2, 2, 2, 1, 2, 2),
    )
    data = sheet.port("input", "in", volts=0.0)
    out = sheet.port("output", "out")
    if kind in ("level", "latch_level"):
        _level_shifter(sheet, data, out, mirror_type=sheet.chance(0.3))
    elif kind == "schmitt":
        inner = sheet.net("s")
        schmitt(sheet, data, inner)
        _drive(sheet, inner, out)
        if sheet.chance(0.4):
            sheet.r(data, sheet.rail(sheet.polarity()), 1e5)
    elif kind == "pad":
        pad = sheet.net("pad")
        sheet.r(data, pad, sheet.log(50, 500))
        sheet.d(pad, sheet.vdd)
        sheet.d(sheet.vss, pad)
        if sheet.chance(0.5):
            sheet.switch("n", pad, sheet.vss, sheet.vss)
        node = sheet.net("i")
        (schmitt if sheet.chance(0.4) else inverter)(sheet, pad, node)
        _drive(sheet, node, out)
    elif kind == "delay":
        node = data
        count = sheet.number(2, 5)
        loaded = sheet.pick("cap", "starved", "rc")
        for at in range(count):
            following = out if at == count - 1 else sheet.net("d")
            if loaded == "starved":
                high, low = sheet.net("h"), sheet.net("l")
                sheet.switch("p", following, node, high)
                sheet.switch("n", following, node, low)
                sheet.switch("p", high, sheet.vss, sheet.vdd)
                sheet.switch("n", low, sheet.vdd, sheet.vss)
            elif loaded == "rc":
                middle = sheet.net("r")
                inverter(sheet, node, middle)
                sheet.r(middle, following, sheet.log(1e3, 1e5))
            else:
                inverter(sheet, node, following)
            if loaded != "starved" or sheet.chance(0.4):
                sheet.c(following, sheet.vss, sheet.log(5e-15, 200e-15))
            node = following
    elif kind == "pulse":
        node = data
        for _ in range(2 * sheet.number(0, 2) + 1):
            node = _inverted(sheet, node)
            if sheet.chance(0.3):
                sheet.c(node, sheet.vss, 10e-15)
        inner = sheet.net("p")
        complex_gate(sheet, [data, node], inner, kind=sheet.pick("and", "or"))
        inverter(sheet, inner, out)
    else:
        del sheet.ports[data]
        slow, sense = sheet.net("slow"), sheet.net("s")
        style = sheet.pick("r", "mos")
        if style == "r":
            sheet.r(sheet.vdd, slow, sheet.log(1e5, 5e6))
        else:
            sheet.mos("p", slow, sheet.vss, sheet.vdd, i=0.01, vov=1.0)
        sheet.c(slow, sheet.vss, sheet.log(0.5e-12, 10e-12))
        if sheet.chance(0.5):
            sheet.mos("p", slow, slow, sheet.vdd) if sheet.chance(0.5) else sheet.d(slow, sheet.vdd)
        (schmitt if sheet.chance(0.5) else inverter)(sheet, slow, sense)
        node = sense
        for _ in range(sheet.number(0, 2)):
            node = _inverted(sheet, node)
        inverter(sheet, node, out)


def _level_shifter(sheet: Sheet, data: str, out: str, *, mirror_type: bool) -> None:
    low = sheet.port("bias", "vddl", volts=sheet.supply_v * 0.7)
    with sheet.supplied(vdd=low):
        bar = _inverted(sheet, data)
        direct = _inverted(sheet, bar) if sheet.chance(0.5) else data
    left, right = sheet.net("a"), sheet.net("b")
    with sheet.block("level_shifter"):
        sheet.switch("n", left, direct, sheet.vss)
        sheet.switch("n", right, bar, sheet.vss)
        gates = (left, left) if mirror_type else (right, left)
        limited = sheet.chance(0.3)
        for net, gate, into in zip((left, right), gates, (direct, bar), strict=True):
            if limited:
                middle = sheet.net("p")
                sheet.switch("p", middle, gate, sheet.vdd)
                sheet.switch("p", net, into, middle)
            else:
                sheet.switch("p", net, gate, sheet.vdd)
    _drive(sheet, right, out)
    if sheet.chance(0.3):
        inverter(sheet, left, sheet.port("output", "outn"))
