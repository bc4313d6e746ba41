"""Any dialect to any other: the same circuit, the same values to 1e-12, nothing dropped."""

import json
import math
import random
from pathlib import Path

import pytest

from eda.circuit import Circuit, number
from eda.graph import compare
from eda.spice import parse_netlist, read_netlist
from eda.spice.convert import WRITTEN, canonical, convert

DECKS = [
    *(("opamp2", f"{deck}") for deck in ("ngspice.sp", "hspice.sp", "ltspice.net", "pspice.cir")),
    *(("opamp2", f"{deck}") for deck in ("cdl.cdl", "spectre.scs")),
    *(("filter", f"{deck}") for deck in ("ngspice.sp", "hspice.sp", "ltspice.net", "pspice.cir")),
    ("filter", "spectre.scs"),
]
ANALOG = [name for name in WRITTEN if name != "verilog"]
UNSAID_IN_CDL = ["K1: cdl has no mutual", "E1: cdl has no vcvs", "G1: cdl has no vccs"]


def values_of(circuit: Circuit) -> list[tuple[str, str, float]]:
    """Every number of a flat circuit, sorted; names play no part."""
    return sorted(
        (device.kind, name, value)
        for device in circuit.flatten().devices
        for name, raw in device.parameters.items()
        if (value := number(raw)) is not None
    )


@pytest.mark.parametrize("to", ANALOG)
@pytest.mark.parametrize(("name", "deck"), DECKS)
def test_any_to_any(name: str, deck: str, to: str, data: Path) -> None:
    before = read_netlist(data / "schematics/dialects" / name / deck)
    made = convert(before, to=to)
    after = parse_netlist(made.text)
    assert after.dialect == to
    if (name, to) == ("filter", "cdl"):
        said = [item.message.split("_")[-1] for item in made.dropped]
        assert said == UNSAID_IN_CDL
        return
    assert made.dropped == ()
    assert compare(canonical(before), canonical(after), sizes=True).equal
    theirs, ours = values_of(canonical(before)), values_of(canonical(after))
    assert [item[:2] for item in theirs] == [item[:2] for item in ours]
    for a, b in zip(theirs, ours, strict=True):
        assert math.isclose(a[2], b[2], rel_tol=1e-12), (a, b)


@pytest.mark.parametrize(("name", "deck"), DECKS)
def test_readers_agree_without_conversion(name: str, deck: str, data: Path) -> None:
    folder = data / "schematics/dialects" / name
    top = json.loads((folder / "truth.json").read_text())["top"]
    one = read_netlist(folder / "ngspice.sp").flatten(subcircuit=top)
    two = read_netlist(folder / deck).flatten(subcircuit=top)
    # CDL has the layout's resistor and capacitors beside their values, PSpice an ic of zero.
    sizes = deck != "cdl.cdl" and (name, deck) != ("filter", "pspice.cir")
    assert compare(one, two, sizes=sizes).equal


def test_cells_in_three_dialects(data: Path) -> None:
    folder = data / "spice/stdcells-3dialect"
    names = sorted(path.stem for path in (folder / "spectre").iterdir())
    for cell in random.Random(1).sample(names, 3):
        three = [
            read_netlist(folder / kind / f"{cell}{suffix}")
            for kind, suffix in (("spice", ".sp"), ("cdl", ".cdl"), ("spectre", ".scs"))
        ]
        assert compare(three[0], three[1], sizes=True).equal, cell
        assert compare(three[0], three[2], sizes=True).equal, cell
        for before in three:
            for to in ANALOG:
                after = parse_netlist(convert(before, to=to, strict=True).text)
                assert compare(before, after, sizes=True).equal, (cell, before.dialect, to)
