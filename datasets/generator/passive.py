"""Circuits of passives: ladders, matching networks, attenuators, snubbers, bridges, lines."""

from __future__ import annotations

from eda.datasets.generator.sheet import Sheet


def ladder(sheet: Sheet) -> None:
    """LC filters between terminations: low, high, band pass and stop, elliptic sections."""
    kind = sheet.pick("low", "high", "band", "stop", "elliptic", "mixed")
    node = sheet.port("input", "in", volts=0.0)
    out = sheet.port("output", "out")
    ground = sheet.vss
    henries, farads = sheet.log(1e-9, 1e-3), sheet.log(1e-12, 1e-6)
    if sheet.chance(0.8):
        inner = sheet.net("s")
        sheet.r(node, inner, float(sheet.pick("50", "75", "600", "1000")))
        node = inner
    order = sheet.number(1, 6)
    shunt_first = sheet.chance(0.5)
    lossy = sheet.chance(0.25)

    def vary(value: float) -> float:
        return value * float(sheet.rng.uniform(0.4, 2.5))

    def inductor(a: str, b: str) -> None:
        if lossy and sheet.chance(0.6):
            middle = sheet.net("q")
            sheet.r(a, middle, sheet.log(0.1, 5))
            a = middle
        sheet.l(a, b, vary(henries))

    def element(a: str, b: str, what: str) -> None:
        if what == "l":
            inductor(a, b)
        elif what == "c":
            sheet.c(a, b, vary(farads))
        elif what == "parallel":
            inductor(a, b)
            sheet.c(a, b, vary(farads))
        else:
            middle = sheet.net("m")
            inductor(a, middle)
            sheet.c(middle, b, vary(farads))

    with sheet.block("ladder"):
        for at in range(order):
            shunt = (at % 2 == 0) == shunt_first
            what = {
                "low": "c" if shunt else "l",
                "high": "l" if shunt else "c",
                "band": "parallel" if shunt else "series",
                "stop": "series" if shunt else "parallel",
                "elliptic": "c" if shunt else "parallel",
            }.get(kind) or sheet.pick("l", "parallel", *(() if shunt else ("c", "series")))
            if shunt:
                element(node, ground, what)
            else:
                following = sheet.net("n")
                element(node, following, what)
                node = following
    if kind == "low" and sheet.chance(0.6):
        sheet.l(node, out, henries)
    else:
        sheet.r(node, out, sheet.log(1, 50))
    sheet.r(out, ground, float(sheet.pick("50", "75", "600", "1000")))


def network(sheet: Sheet) -> None:
    """RC and RLC networks: chains, attenuators, bridges, tone controls, crossovers."""
    kind = sheet.pick(
        "rc_chain",
        "attenuator",
        "bridge",
        "tone",
        "crossover",
        "random",
        "coil",
        weights=(2, 1.5, 1.5, 0.7, 0.5, 5, 1),
    )
    ground = sheet.vss
    node = sheet.port("input", "in", volts=1.0)
    out = sheet.port("output", "out")
    if kind == "rc_chain":
        for _ in range(sheet.number(2, 7)):
            following = sheet.net("n")
            swap = sheet.chance(0.15)
            if swap:
                sheet.c(node, following, sheet.log(1e-12, 1e-6))
                sheet.r(following, ground, sheet.log(100, 1e6))
            else:
                sheet.r(node, following, sheet.log(100, 1e6))
                if sheet.chance(0.85):
                    sheet.c(following, ground, sheet.log(1e-12, 1e-6))
            node = following
        sheet.r(node, out, 100)
        sheet.r(out, ground, 1e5)
    elif kind == "attenuator":
        for at in range(sheet.number(1, 4)):
            following = sheet.net("n")
            style = sheet.pick("tee", "pi", "bridged")
            if style == "pi":
                sheet.r(node, ground, sheet.log(50, 5e3))
                sheet.r(node, following, sheet.log(10, 5e3))
                sheet.r(following, ground, sheet.log(50, 5e3))
            else:
                middle = sheet.net("m")
                sheet.r(node, middle, sheet.log(10, 500))
                sheet.r(middle, following, sheet.log(10, 500))
                sheet.r(middle, ground, sheet.log(50, 5e3))
                if style == "bridged":
                    sheet.r(node, following, sheet.log(50, 5e3))
            node = following
            del at
        sheet.r(node, out, 10)
        sheet.r(out, ground, 50)
    elif kind == "bridge":
        other = sheet.port("output", "outn")
        for end in (out, other):
            for rail in (node, ground):
                if sheet.chance(0.7):
                    sheet.r(rail, end, sheet.log(100, 1e5))
                else:
                    middle = sheet.net("z")
                    sheet.r(rail, middle, sheet.log(100, 1e5))
                    (sheet.c if sheet.chance(0.6) else sheet.l)(middle, end, 1e-6)
                    sheet.r(middle, end, 1e6)
        if sheet.chance(0.5):
            sheet.r(out, other, sheet.log(1e3, 1e5))
    elif kind == "tone":
        low, high = sheet.net("lo"), sheet.net("hi")
        tap = sheet.net("t")
        sheet.r(node, low, sheet.log(1e3, 1e5))
        sheet.r(low, tap, sheet.log(1e3, 1e5))
        sheet.r(tap, ground, sheet.log(1e3, 1e5))
        sheet.c(low, tap, sheet.log(1e-9, 1e-7))
        sheet.c(tap, ground, sheet.log(1e-9, 1e-7)) if sheet.chance(0.6) else None
        sheet.c(node, high, sheet.log(1e-10, 1e-8))
        sheet.r(high, out, sheet.log(1e3, 1e5))
        sheet.c(out, ground, sheet.log(1e-10, 1e-8)) if sheet.chance(0.5) else None
        sheet.r(tap, out, sheet.log(1e3, 1e5))
        sheet.r(out, ground, 1e6)
    elif kind == "crossover":
        other = sheet.port("output", "out")
        middle = sheet.net("x")
        sheet.l(node, out, sheet.log(1e-4, 1e-2))
        sheet.c(out, ground, sheet.log(1e-6, 1e-4))
        sheet.c(node, middle, sheet.log(1e-6, 1e-4))
        sheet.l(middle, ground, sheet.log(1e-4, 1e-2))
        sheet.r(middle, other, sheet.log(1, 10))
        for end in (out, other):
            sheet.r(end, ground, 8)
        if sheet.chance(0.4):
            zobel = sheet.net("z")
            sheet.r(out, zobel, 8)
            sheet.c(zobel, ground, 1e-5)
    elif kind == "coil":
        for at in range(sheet.number(1, 3)):
            following = out if at == 0 else sheet.port("output", "out")
            middle, pickup = sheet.net("p"), sheet.net("s")
            sheet.r(node, middle, sheet.log(0.1, 100))
            sheet.l(middle, ground, 1e-3)
            sheet.r(middle, pickup, 1e4)
            sheet.l(pickup, ground, 1e-4)
            sheet.c(pickup, following, 1e-9)
            sheet.r(following, ground, 1e3)
    else:
        nets = [node, out, ground, *(sheet.net("n") for _ in range(sheet.number(1, 7)))]
        # A spanning path first, so that nothing hangs loose.
        for a, b in zip([*nets[2:], nets[0]], [*nets[3:], nets[0], nets[1]], strict=False):
            sheet.r(a, b, sheet.log(10, 1e6))
        for _ in range(sheet.number(2, 8)):
            a, b = sheet.rng.choice(len(nets), size=2, replace=False)
            which = int(sheet.rng.choice(3, p=(0.4, 0.4, 0.2)))
            place = (sheet.r, sheet.c, sheet.l)[which]
            least, most = ((10, 1e6), (1e-12, 1e-6), (1e-9, 1e-3))[which]
            place(nets[int(a)], nets[int(b)], sheet.log(least, most))
