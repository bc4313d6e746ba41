"""Boards: integrated circuits as black boxes, with what stands around them."""

from __future__ import annotations

from typing import Final

from eda.datasets.generator.power import THREE_PIN, _decouple, _light
from eda.datasets.generator.sheet import Sheet

CONTROLLERS: Final = ("ATmega328P", "STM32F103", "PIC16F88", "ESP32", "RP2040", "ATtiny85")
PERIPHERALS: Final[dict[str, tuple[str, ...]]] = {
    "24LC256": ("vcc", "gnd", "scl", "sda", "a0", "wp"),
    "DS3231": ("vcc", "gnd", "scl", "sda", "int"),
    "BME280": ("vdd", "gnd", "scl", "sda", "csb"),
    "W25Q32": ("vcc", "gnd", "cs", "clk", "di", "do"),
    "74HC595": ("vcc", "gnd", "ser", "clk", "rclk", "qa"),
    "MAX485": ("vcc", "gnd", "ro", "di", "de", "a", "b"),
    "CH340": ("vcc", "gnd", "txd", "rxd", "dp", "dm"),
    "74HC14": ("vcc", "gnd", "a1", "y1"),
    "ULN2003": ("com", "gnd", "in1", "out1"),
}
_SHARED: Final = ("scl", "sda", "clk", "di", "do")


def controller_board(sheet: Sheet) -> None:
    """A microcontroller with supply, clock, reset, buttons, lights and peripherals."""
    low = sheet.vss
    supply = sheet.vdd
    if sheet.chance(0.6):
        supply = sheet.net("v33")
        with sheet.block("supply"):
            sheet.box(
                THREE_PIN[sheet.number(0, len(THREE_PIN) - 1)],
                **{"in": sheet.vdd, "gnd": low, "out": supply},
            )
            _decouple(sheet, sheet.vdd, low)
            _decouple(sheet, supply, low)
            if sheet.chance(0.4):
                _light(sheet, supply, low)
    pins: dict[str, str] = {"vcc": supply, "gnd": low}
    free = [f"p{at}" for at in range(12)]

    def pin(hint: str) -> str:
        net = sheet.net(hint)
        pins[free.pop(0)] = net
        return net

    with sheet.block("controller"):
        for _ in range(sheet.number(1, 4)):
            sheet.c(supply, low, 100e-9)
        if sheet.chance(0.6):
            a, b = sheet.net("xi"), sheet.net("xo")
            pins["xtal1"], pins["xtal2"] = a, b
            sheet.box("CRYSTAL", a=a, b=b)
            for net in (a, b):
                sheet.c(net, low, 22e-12)
            if sheet.chance(0.3):
                sheet.r(a, b, 1e6)
        if sheet.chance(0.7):
            reset = sheet.net("rst")
            pins["reset"] = reset
            sheet.r(supply, reset, 10e3)
            if sheet.chance(0.6):
                sheet.c(reset, low, 100e-9)
            if sheet.chance(0.5):
                sheet.box("SW_PUSH", a=reset, b=low)
            if sheet.chance(0.2):
                sheet.d(reset, supply)
        if sheet.chance(0.3):
            analog = sheet.net("avcc")
            pins["avcc"] = analog
            sheet.l(supply, analog, 10e-6)
            sheet.c(analog, low, 100e-9)
    bus: dict[str, str] = {}
    for _ in range(sheet.number(1, 6)):
        if len(free) < 6:
            break
        kind = sheet.pick(
            "light",
            "button",
            "peripheral",
            "driver",
            "divider",
            "header",
            "filter",
            "pot",
            weights=(3, 2, 3, 2, 2, 2, 1, 1),
        )
        with sheet.block(kind):
            if kind == "light":
                _light(sheet, *((pin("led"), low) if sheet.chance(0.6) else (supply, pin("led"))))
            elif kind == "button":
                net = pin("btn")
                sheet.box("SW_PUSH", a=net, b=low)
                sheet.r(supply, net, 10e3)
                if sheet.chance(0.5):
                    sheet.c(net, low, 100e-9)
            elif kind == "peripheral":
                _peripheral(sheet, supply, low, bus, pins, free)
            elif kind == "driver":
                net, gate, node = pin("drv"), sheet.net("g"), sheet.net("ld")
                sheet.r(net, gate, 220)
                if sheet.chance(0.6):
                    sheet.r(gate, low, 10e3)
                if sheet.chance(0.5):
                    sheet.mos("n", node, gate, low, b=low, i=100)
                else:
                    sheet.bjt("n", node, gate, low)
                sheet.box("RELAY", a=sheet.vdd, b=node) if sheet.chance(0.5) else sheet.r(
                    sheet.vdd, node, 100
                )
                sheet.d(node, sheet.vdd, "rectifier")
            elif kind == "divider":
                net = pin("adc")
                source = sheet.vdd if sheet.chance(0.5) else sheet.port("input", "sense", volts=1.0)
                sheet.r(source, net, sheet.log(10e3, 100e3))
                sheet.r(net, low, sheet.log(10e3, 100e3))
                if sheet.chance(0.5):
                    sheet.c(net, low, 100e-9)
            elif kind == "header":
                names = {f"{at + 3}": pin("io") for at in range(sheet.number(1, 3))}
                sheet.box(f"Conn_01x{2 + len(names):02d}", **{"1": supply, "2": low}, **names)
            elif kind == "filter":
                net, out = pin("pwm"), sheet.port("output", "out")
                sheet.r(net, out, 10e3)
                sheet.c(out, low, 100e-9)
            else:
                sheet.box("POT", a=supply, w=pin("pot"), b=low)
    order = list(pins.items())
    if sheet.chance(0.5):
        order = order[2:] + order[:2]
    with sheet.block("controller"):
        sheet.box(CONTROLLERS[sheet.number(0, len(CONTROLLERS) - 1)], **dict(order))


def _peripheral(
    sheet: Sheet, supply: str, low: str, bus: dict[str, str], pins: dict[str, str], free: list[str]
) -> None:
    names = tuple(PERIPHERALS)
    model = names[sheet.number(0, len(names) - 1)]
    nets: dict[str, str] = {}
    for role in PERIPHERALS[model]:
        if role in ("vcc", "vdd"):
            nets[role] = supply
        elif role == "com":
            nets[role] = sheet.vdd
        elif role == "gnd":
            nets[role] = low
        elif role in ("a0", "wp"):
            nets[role] = low if sheet.chance(0.6) else supply
        elif role in _SHARED and role in bus:
            nets[role] = bus[role]
        elif len(free) > 1 and role not in ("a", "b", "dp", "dm", "y1", "out1", "qa"):
            net = sheet.net(role)
            pins[free.pop(0)] = net
            nets[role] = net
            if role in ("scl", "sda"):
                sheet.r(supply, net, 4.7e3)
            if role in _SHARED:
                bus[role] = net
            elif role in ("cs", "csb", "int") and sheet.chance(0.6):
                sheet.r(supply, net, 10e3)
        else:
            net = sheet.port("output", role)
            nets[role] = net
            if role == "b" and "a" in nets:
                sheet.r(nets["a"], net, 120)
            elif sheet.chance(0.5):
                _light(sheet, net, low)
            else:
                sheet.r(net, low, 10e3)
    sheet.box(model, **nets)
    if sheet.chance(0.8):
        sheet.c(supply, low, 100e-9)


def timer(sheet: Sheet) -> None:
    """A timer of the 555 kind, astable or monostable, and what it drives."""
    low, high = sheet.vss, sheet.vdd
    out, trigger, threshold, discharge = (sheet.net(n) for n in ("out", "trg", "thr", "dis"))
    control, reset = sheet.net("ctl"), high
    kind = sheet.pick("astable", "monostable", "duty", "pwm", "bistable")
    if sheet.chance(0.25):
        reset = sheet.net("rst")
        sheet.r(high, reset, 10e3)
        if sheet.chance(0.5):
            sheet.box("SW_PUSH", a=reset, b=low)
    if kind in ("astable", "duty", "pwm"):
        threshold = trigger
        sheet.r(high, discharge, sheet.log(1e3, 100e3))
        if kind == "astable":
            sheet.r(discharge, trigger, sheet.log(1e3, 1e6))
        else:
            middle = sheet.net("d")
            sheet.d(discharge, trigger)
            sheet.d(trigger, middle)
            sheet.r(middle, discharge, sheet.log(1e3, 1e6))
        sheet.c(trigger, low, sheet.log(1e-9, 100e-6))
    elif kind == "monostable":
        discharge = threshold
        sheet.r(high, threshold, sheet.log(1e3, 1e6))
        sheet.c(threshold, low, sheet.log(1e-9, 100e-6))
        sheet.r(high, trigger, 10e3)
        if sheet.chance(0.5):
            sheet.box("SW_PUSH", a=trigger, b=low)
        else:
            data = sheet.port("input", "trig", volts=0.0)
            sheet.c(data, trigger, 10e-9)
            sheet.d(trigger, high)
    else:
        for net, rail in ((trigger, high), (threshold, low)):
            sheet.r(rail, net, 10e3)
            sheet.box("SW_PUSH", a=net, b=low if rail == high else high)
        discharge = sheet.net("nc")
        sheet.r(discharge, high, 10e3)
    if kind == "pwm":
        data = sheet.port("input", "mod", volts=1.0)
        sheet.r(data, control, 10e3)
    else:
        sheet.c(control, low, 10e-9)
    model = ("NE555", "LMC555", "TLC555")[sheet.number(0, 2)]
    sheet.box(
        model,
        gnd=low,
        trig=trigger,
        out_=out,
        reset=reset,
        cont=control,
        thres=threshold,
        disch=discharge,
        vcc=high,
    )
    for _ in range(sheet.number(1, 2)):
        load = sheet.pick("led", "speaker", "transistor", "port", "sink")
        if load == "led":
            _light(sheet, out, low)
        elif load == "sink":
            _light(sheet, high, out)
        elif load == "speaker":
            middle = sheet.net("sp")
            sheet.c(out, middle, 10e-6)
            sheet.r(middle, low, 8)
        elif load == "transistor":
            base, node = sheet.net("b"), sheet.net("c")
            sheet.r(out, base, 1e3)
            sheet.bjt("n", node, base, low)
            sheet.r(high, node, sheet.log(10, 1e3))
            if sheet.chance(0.5):
                sheet.d(node, high, "rectifier")
        else:
            sheet.r(out, sheet.port("output", "out"), 1e3)
    if sheet.chance(0.6):
        _decouple(sheet, high, low)
