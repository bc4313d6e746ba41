"""draw: pictures are true, nothing overlaps, pairs are level, and the same seed draws the same."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eda.circuit import Circuit, Device
from eda.errors import InputError, NetlistError
from eda.schematic import Drawing, draw
from eda.schematic.sheet import Sheet
from eda.schematic.verify import picture_faults
from eda.spice import parse_netlist, read_netlist

Make = Callable[..., Circuit]
NETLISTS = (
    *("bandgap_core", "beta_multiplier", "cs_amp", "folded_cascode", "inverter_ring3"),
    *("lc_ladder5", "lc_vco", "miller_opamp", "sallen_key", "strongarm", "fd_folded_cascode"),
)


def assert_good(circuit: Circuit, drawing: Drawing) -> None:
    """A drawing of one sheet is true, nothing overlaps, and half of the signal nets are wired."""
    (sheet,), (figures,) = drawing.sheets, drawing.measures
    assert picture_faults(circuit, drawing.svg()) == []
    assert figures.overlaps == 0
    assert 2 * figures.wired_nets >= figures.signal_nets
    assert_level(sheet)


def assert_level(sheet: Sheet) -> None:
    """Pairs stand on one row, and one is the mirror image of the other."""
    at = {item.device.name: item for item in sheet.placed}
    for one, other in sheet.pairs:
        a, b = at[one], at[other]
        assert a.y == b.y
        assert a.symbol.mirrored().pins == b.symbol.pins


@pytest.mark.parametrize("name", NETLISTS)
def test_annotated_circuits(name: str, data: Path) -> None:
    circuit = read_netlist(data / "schematics/netlists" / f"{name}.sp").flatten()
    assert_good(circuit, draw(circuit))


@pytest.mark.parametrize("name", ["erc", "dialects/opamp2", "symbolic"])
def test_circuits_of_other_folders(name: str, data: Path) -> None:
    files = [
        path
        for path in sorted((data / "schematics" / name).iterdir())
        if path.suffix in (".sp", ".cir", ".cdl") and "ladder40" not in path.name
    ]
    for path in files[::5]:
        circuit = read_netlist(path, strict=False).flatten()
        drawing = draw(circuit)
        assert picture_faults(circuit, drawing.svg()) == []
        assert drawing.measures[0].overlaps == 0


def test_a_sample_of_hand_drawn_circuits(data: Path) -> None:
    from eda.datasets.links import read_corpus

    folder = data / "topology/analoggenie"
    small = [
        item.circuit
        for item in read_corpus("analoggenie", folder)
        if item.drawn and item.clean and len(item.circuit.devices) <= 14
    ]
    for circuit in small[:: len(small) // 8]:
        assert_good(circuit, draw(circuit))


def test_two_stage_op_amp(miller: Circuit) -> None:
    drawing = draw(miller)
    assert_good(miller, drawing)
    pairs = {frozenset(pair) for pair in drawing.sheets[0].pairs}
    assert pairs == {frozenset(("M1", "M2")), frozenset(("M3", "M4"))}
    at = {item.device.name: item for item in drawing.sheets[0].placed}
    # Supply above, ground below, the tail on the axis of the pair.
    assert at["M3"].y < at["M1"].y < at["M5"].y
    assert at["M6"].y == at["M3"].y
    assert at["M7"].y == at["M5"].y
    assert 2 * at["M5"].x == at["M1"].x + at["M2"].x
    # Inputs look outward, the load mirror's gates face each other.
    left, right = sorted((at["M1"], at["M2"]), key=lambda item: item.x)
    assert [pin.dx for pin in left.symbol.pins if pin.role == "g"] == [-1]
    assert [pin.dx for pin in right.symbol.pins if pin.role == "g"] == [1]


def test_the_same_seed_draws_the_same(miller: Circuit) -> None:
    assert draw(miller, seed=3).svg() == draw(miller, seed=3).svg()


def shape(drawing: Drawing) -> tuple[object, ...]:
    """Where everything is, whatever it is called."""
    (sheet,) = drawing.sheets
    return (
        sorted((item.device.kind, item.x, item.y) for item in sheet.placed),
        sorted(path for wiring in sheet.wirings for path in wiring.paths),
    )


def test_order_and_names_do_not_matter(miller: Circuit) -> None:
    plain = draw(miller)
    turned = miller.replace_devices(tuple(reversed(miller.devices)))
    drawn = draw(turned)
    assert shape(drawn) == shape(plain)
    assert [item.device for item in drawn.sheets[0].placed] == list(turned.devices)
    # Names of the same length, since long names need more room.
    other = dict(
        zip(("n1", "n2", "nz", "tail", "nbias"), ("k7", "a3", "b9", "zulu", "yoyos"), strict=True)
    )
    renamed = miller.replace_devices(
        tuple(
            replace(item, nets=tuple(other.get(net, net) for net in item.nets))
            for item in miller.devices
        )
    )
    assert shape(draw(renamed)) == shape(plain)


def test_a_long_sheet_is_cut_into_bands() -> None:
    from eda.bench.schematic import chain

    circuit = chain(8)
    drawing = draw(circuit)
    assert_good(circuit, drawing)
    assert {item.band for item in drawing.sheets[0].placed} == {0, 1}
    assert drawing.measures[0].width < 4.5 * drawing.measures[0].height


EVERY_KIND = """
M1 d g s vb nch w=10u l=1u m=2
R1 a b 1k
R2 a vdd rmod w=1u l=2u
C1 a vss 2p
V1 in vss dc 1 ac 1
I1 vdd b 10u
E1 a vss b c 10
E2 b2 vss value={v(b)*2}
G1 c vss a b 1m
F1 a b V1 2
H1 c b V1 2
Q1 c b e npn area=2
Q2 vss b2 e sub pnp
S1 a b c d sw
W1 a b2 V1 csw
K1 L1 L2 0.5
L1 a vss 1n
L2 c vss 1n
D1 a b dx
B1 out vss v=v(a)*2
T1 a vss b vss z0=50
X1 a b c foo k=3
J1 d g s jn
A1 [a b] c gate1
"""


def test_every_kind_of_device(make: Make) -> None:
    circuit = make(EVERY_KIND, "in out vdd vss")
    drawing = draw(circuit)
    assert picture_faults(circuit, drawing.svg()) == []
    assert drawing.measures[0].overlaps == 0


@pytest.mark.parametrize(
    "net", ["a<3>", "vdd!", "<script>", "µ&\"'", "n" * 70, "a/b.c[0]", "{x}", "$x_y$"]
)
def test_names_are_untrusted_text(net: str) -> None:
    devices = (
        Device("R<1>", "resistor", ("p", "n"), ("in", net)),
        Device("C&", "capacitor", ("p", "n"), (net, "0")),
        Device('X"', "subcircuit", ("<p>", "q\x07"), (net, "in"), "a<b>"),
    )
    circuit = Circuit(devices=devices, ports=("in", net))
    svg = draw(circuit).svg()
    assert "<script>" not in svg
    assert "\x07" not in svg
    faults = picture_faults(circuit, svg)
    assert [text for text in faults if "\x07" not in text and "\ufffd" not in text] == []


def test_an_empty_circuit_is_an_empty_sheet() -> None:
    drawing = draw(Circuit())
    assert drawing.svg().startswith("<svg")
    assert drawing.measures[0].devices == 0


def test_notebooks_show_the_first_sheet(miller: Circuit) -> None:
    drawing = draw(miller)
    assert drawing._repr_svg_() == drawing.svg()


LARGE = "* large\n.subckt cell in out vdd vss\n" + "".join(
    f"R{at} {'in' if at == 0 else f'n{at}'} {'out' if at == 11 else f'n{at + 1}'} 1k\n"
    for at in range(12)
)


def test_large_circuits_get_a_sheet_a_subcircuit() -> None:
    text = LARGE + ".ends\n" + "".join(f"X{i} n{i} n{i + 1} vdd 0 cell\n" for i in range(4))
    circuit = parse_netlist(text)
    drawing = draw(circuit)
    assert [sheet.name for sheet in drawing.sheets] == ["", "cell"]
    assert [item.device.name for item in drawing.sheets[0].placed] == ["X0", "X1", "X2", "X3"]
    assert picture_faults(replace(circuit, subcircuits={}), drawing.svg()) == []


def test_small_circuits_are_drawn_flat() -> None:
    cell = "".join(f"R{at} n{at} n{at + 1} 1k\n" for at in range(3))
    text = f"* small\n.subckt cell n0 n3\n{cell}.ends\nX1 a b cell\nX2 b c cell\n"
    circuit = parse_netlist(text)
    flat = draw(circuit)
    assert len(flat.sheets) == 1
    assert picture_faults(circuit.flatten(), flat.svg()) == []
    assert [sheet.name for sheet in draw(circuit, blocks_above=5).sheets] == ["", "cell"]


def test_a_subcircuit_that_is_not_there(miller: Circuit) -> None:
    circuit = parse_netlist(f"{LARGE}.ends\nX1 a b c d cell\n")
    with pytest.raises(NetlistError, match=r"^no subcircuit 'cel'; there is cell$"):
        draw(circuit, subcircuit="cel")


def test_a_circuit_that_contains_itself_is_drawn_as_boxes() -> None:
    text = "* loop\n.subckt a x\nX1 x a\nR1 x 0 1k\n.ends\nX1 n a\n"
    drawing = draw(parse_netlist(text, strict=False))
    assert [sheet.name for sheet in drawing.sheets] == ["", "a"]


def test_many_devices_are_named_instead_of_wired() -> None:
    text = "* chain\n" + "".join(f"R{i} n{i} n{i + 1} 1k\n" for i in range(150))
    circuit = parse_netlist(text)
    drawing = draw(circuit)
    assert drawing.sheets[0].notes == (
        "150 devices, not wired: every pin carries the name of its net",
    )
    assert picture_faults(circuit, drawing.svg()) == []
    assert drawing.measures[0].overlaps == 0


def test_very_many_devices_are_counted() -> None:
    text = "* chain\n" + "".join(f"R{i} n{i} n{i + 1} 1k\n" for i in range(2000))
    drawing = draw(parse_netlist(text))
    assert drawing.sheets[0].notes == (
        "2,000 devices: more than the 1,200 a sheet can show",
        "2,000 resistor",
        "draw a part of it: a subcircuit, or fewer devices",
    )


@pytest.mark.parametrize(
    ("suffix", "start"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
)
def test_files(suffix: str, start: bytes, miller: Circuit, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    assert draw(miller).write(path) == [path]
    assert path.read_bytes().startswith(start)
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_other_suffixes_are_refused(miller: Circuit, tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    suffixes = ".svg, .png, .pdf, .sch, .asc, .kicad_sch"
    expected = f"^{path}: a drawing is written as {suffixes}; choose one of these$"
    with pytest.raises(InputError, match=expected):
        draw(miller).write(path)


_KINDS = {
    "resistor": ("p", "n"),
    "capacitor": ("p", "n"),
    "diode": ("a", "k"),
    "isource": ("p", "n"),
    "mosfet": ("d", "g", "s", "b"),
    "bipolar": ("c", "b", "e"),
    "vcvs": ("p", "n", "cp", "cn"),
    "subcircuit": ("a", "b", "out"),
}
_NETS = st.sampled_from(["a", "b", "c", "d", "e", "in", "out", "vdd", "0", "vss"])


@st.composite
def random_circuits(draw_: st.DrawFn) -> Circuit:
    """Up to nine devices of any kind on any nets."""
    devices = []
    for at in range(draw_(st.integers(1, 9))):
        kind = draw_(st.sampled_from(sorted(_KINDS)))
        roles = _KINDS[kind]
        nets = tuple(draw_(_NETS) for _ in roles)
        polarity = draw_(st.sampled_from(["n", "p", ""])) if kind in ("mosfet", "bipolar") else ""
        devices.append(Device(f"D{at}", kind, roles, nets, polarity=polarity))
    return Circuit(devices=tuple(devices), ports=tuple(draw_(st.sets(_NETS, max_size=3))))


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(random_circuits())
def test_any_circuit_reads_back(circuit: Circuit) -> None:
    drawing = draw(circuit)
    assert picture_faults(circuit, drawing.svg()) == []
    assert drawing.measures[0].overlaps == 0
