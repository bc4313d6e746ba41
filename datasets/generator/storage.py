"""What holds a bit: latches, flip-flops, set-reset pairs, memory cells and their columns."""

from __future__ import annotations

from eda.datasets.generator.gates import (
    clocked_inverter,
    complex_gate,
    drive,
    inverted,
    transmission_gate,
)
from eda.datasets.generator.opamps import inverter
from eda.datasets.generator.sheet import Sheet


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
        bar = inverted(sheet, clock)
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
                source = inverted(sheet, into)
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
    first = inverted(sheet, clock)
    second = inverted(sheet, first) if sheet.chance(0.7) else clock
    reset = (
        sheet.port("input", sheet.pick("rn", "r", "sn"), volts=sheet.supply_v)
        if sheet.chance(0.4)
        else None
    )
    if sheet.chance(0.25):
        scan, select = sheet.port("input", "si", volts=0.0), sheet.port("input", "se", volts=0.0)
        bar = inverted(sheet, select)
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
    drive(sheet, node, out)
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
            for line, net in zip(lines, (inverted(sheet, data), data), strict=True):
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
    bar = inverted(sheet, data)
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
