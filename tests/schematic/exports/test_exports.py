"""Files of other editors: their geometry, read back, is the netlist; texts, errors, hierarchy."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eda.circuit import Circuit, Device, ModelCard
from eda.errors import InputError
from eda.graph import compare
from eda.schematic import Drawing, draw
from eda.schematic.exports.cards import readable
from eda.spice import parse_netlist, read_netlist
from eda.spice.convert import canonical

Make = Callable[..., Circuit]
Netlister = Callable[[Path], str]
EDITORS = ("sch", "asc", "kicad_sch")
DEFAULTS = {"m": 1.0, "area": 1.0, "rser": 0.0}
"""Values that editors write though the netlist is silent, and that say nothing."""


def plain(circuit: Circuit) -> Circuit:
    """Flat, canonical, without ports and without parameters at their defaults."""
    flat = canonical(circuit).flatten()
    # A netlist has no names for the pins of a master that nobody defines; their order counts.
    devices = tuple(
        replace(
            device,
            roles=tuple(str(at) for at in range(1, len(device.roles) + 1))
            if device.kind == "subcircuit"
            else device.roles,
            parameters={k: v for k, v in device.parameters.items() if DEFAULTS.get(k) != v},
        )
        for device in flat.devices
    )
    return replace(flat.replace_devices(devices), ports=(), directions={})


def read_back(drawing: Drawing, path: Path, netlist: Netlister) -> Circuit:
    first, *_ = drawing.export(path).write()
    dialect = "ltspice" if path.suffix == ".asc" else "ngspice"
    return parse_netlist(netlist(first), dialect=dialect, strict=False)


def assert_same(circuit: Circuit, back: Circuit) -> None:
    found = compare(plain(circuit), plain(back), sizes=True)
    assert [str(item) for item in found.differences] == []
    assert {card.kind for card in circuit.models.values()} >= {
        card.kind for card in back.models.values()
    }


def test_every_given_netlist(data: Path, tmp_path: Path, netlisters: dict[str, Netlister]) -> None:
    paths = sorted((data / "schematics/netlists").glob("*.sp"))
    assert len(paths) == 11
    for path in paths:
        circuit = read_netlist(path)
        drawing = draw(circuit)
        for editor in EDITORS:
            back = read_back(drawing, tmp_path / f"{path.stem}.{editor}", netlisters[editor])
            assert_same(circuit, back)


HEAD = """* every kind
.param rl=10k
.func twice(x) {2*x}
.model nch nmos level=1 vto=0.5
.model pch pmos
.model qn npn bf=120
.model qp pnp
.model dx d
.model jn njf
.model jp pjf
.model rmod r rsh=2
.model sw1 sw vt=1
.model csw1 csw
.global vdd!
.subckt foo a b k=1
R1 a c {k*1k}
R2 c b 1k
.ends
.subckt bar x[1] y
X1 x[1] z foo k=4
C1 z y 1p ic=0
.ends
.tran 1n 1u
"""

TRANSISTORS = """
M1 d g s vb nch w=10u l=1u m=2 ad=1p
M2 d g s 0 pch w=10u l=1.23456789u
M3 d g s 0 nch
Q1 c b e qn area=2
Q2 d b2 e sub qp
Q3 s b2 e qp
D1 d b dx
J1 d g s jn
J2 d g s jp
R1 a b 1k tc1=1m
R2 a vss rmod w=1u l=2u
R3 a vdd! {rl*2}
C1 a vss 2p m=3
"""

SOURCES = """
V1 in vss dc 1 ac 1 sin(0 1 1k)
V2 pu 0 PULSE(0 1.8 0 1n 1n 5n 10n)
I1 vdd! b 10u
E1 a vss b in 10
E2 b2 vss value={v(b)*2}
G1 pu vss a b 1m
F1 a b V1 2
H1 b2 b V1 2
S1 a b pu in sw1
W1 a b2 V1 csw1
B1 out vss v=v(a)*2+twice(v(b))
B2 out vss i=v(a)**2
"""

OTHERS = """
E3 bx vss POLY(2) a 0 b 0 0 1 2
K1 L1 L2 0.5
L1 a vss 1n
L2 c vss 1n
T1 a vss b vss z0=50
X1 a b foo k=3
X2 a c<1> bar
X3 c<1> vdd! bar
X4 a b undefd t=3
X5 a bx undefd t=4
"""


@pytest.mark.parametrize("cards", [TRANSISTORS, SOURCES, OTHERS])
def test_every_kind_of_device(cards: str, tmp_path: Path, netlisters: dict[str, Netlister]) -> None:
    circuit = parse_netlist(f"{HEAD}{cards}.end\n")
    drawing = draw(circuit)
    for editor in EDITORS:
        path = tmp_path / f"every.{editor}"
        assert drawing.export(path).dropped == ()
        back = read_back(drawing, path, netlisters[editor])
        assert_same(circuit, back)
        assert [card.text.split()[0] for card in back.cards] == [".tran"]
        assert {"nch", "qn", "rmod"} <= set(back.models)


def test_sheets_with_parameters_where_an_editor_has_them(
    tmp_path: Path, netlisters: dict[str, Netlister]
) -> None:
    circuit = parse_netlist(f"{HEAD}{OTHERS}.end\n")
    drawing = draw(circuit, blocks_above=0)
    names = {path.name for path in drawing.export(tmp_path / "deep.sch").files}
    assert names >= {"deep.sch", "foo.sch", "foo.sym", "bar.sch", "bar.sym", "deep.undefd.sym"}
    assert_same(circuit, read_back(drawing, tmp_path / "deep.sch", netlisters["sch"]))
    export = drawing.export(tmp_path / "deep.asc")
    assert export.notes == ("LTspice has no sheets with parameters; all is on one sheet",)
    assert [path.name for path in export.files if path.suffix == ".asc"] == ["deep.asc"]


RING = """* ring
.subckt inv a y vdd vss
MN y a vss vss nch W=1u L=0.18u
MP y a vdd vdd pch W=2u L=0.18u
.ends inv
.subckt pair a y vdd vss
X1 a m vdd vss inv
X2 m y vdd vss inv
.ends pair
.subckt ring out vdd vss
X1 out n1 vdd vss inv
X2 n1 out vdd vss pair
.ends ring
"""


@pytest.mark.parametrize("editor", EDITORS)
def test_subcircuits_are_sheets(
    editor: str, tmp_path: Path, netlisters: dict[str, Netlister]
) -> None:
    circuit = parse_netlist(RING)
    drawing = draw(circuit, blocks_above=0)
    export = drawing.export(tmp_path / f"ring.{editor}")
    names = {path.name for path in export.files}
    assert (
        names
        == {
            "sch": {"ring.sch", "inv.sch", "inv.sym", "pair.sch", "pair.sym"},
            "asc": {"ring.asc", "inv.asc", "inv.asy", "pair.asc", "pair.asy"},
            "kicad_sch": {"ring.kicad_sch", "ring.inv.kicad_sch", "ring.pair.kicad_sch"},
        }[editor]
    )
    assert_same(circuit, read_back(drawing, tmp_path / f"ring.{editor}", netlisters[editor]))


def test_other_pins_than_the_definition_make_one_sheet(tmp_path: Path) -> None:
    circuit = parse_netlist(
        RING.replace("X2 n1 out vdd vss pair", "X2 n1 out vdd pair"), strict=False
    )
    export = draw(circuit, blocks_above=0).export(tmp_path / "a.sch")
    assert export.notes == ("X2 has other pins than pair; all is on one sheet",)
    assert len(export.files) == 1


@pytest.mark.parametrize("editor", EDITORS)
def test_names_no_editor_takes_are_other_ones(
    editor: str, tmp_path: Path, netlisters: dict[str, Netlister]
) -> None:
    nets = ("a<3>", "a[3]", "x+", "x-", "µ&\"'", "{y}", "$z", "a b", "#w", "../q")
    devices = tuple(
        Device(f"R{at}", "resistor", ("p", "n"), (net, "0"), parameters={"value": 1e3 * (at + 1)})
        for at, net in enumerate(nets)
    )
    cells = (Device("X1", "subcircuit", ("p", "q"), ("a<3>", "x+"), "../../etc/passwd"),)
    circuit = Circuit(devices=(*devices, *cells), ports=("a<3>",))
    drawing = draw(circuit)
    export = drawing.export(tmp_path / f"odd.{editor}")
    assert {path.parent for path in export.files} == {tmp_path}
    back = read_back(drawing, tmp_path / f"odd.{editor}", netlisters[editor])
    assert len({net for device in back.devices for net in device.nets}) == len(nets) + 1
    renamed = {item.old.lower(): item.new for item in export.renamed if item.kind == "net"}
    by_value = {device.parameters.get("value"): device for device in back.devices}
    for device in devices:
        new = renamed.get(device.nets[0].lower(), device.nets[0])
        assert by_value[device.parameters["value"]].nets[0].lower() == new.lower()


def test_what_was_not_written_here_is_not_overwritten(tmp_path: Path) -> None:
    drawing = draw(parse_netlist(RING), blocks_above=0)
    drawing.write(tmp_path / "ring.sch")
    drawing.write(tmp_path / "ring.sch")  # one's own files are
    theirs = tmp_path / "inv.sym"
    theirs.write_text("v {}\n")
    with pytest.raises(InputError, match=r"inv\.sym is there and is not from eda draw; write into"):
        drawing.write(tmp_path / "ring.sch")
    assert theirs.read_text() == "v {}\n"


def test_what_a_sheet_cannot_show_is_refused(tmp_path: Path) -> None:
    text = "* chain\n" + "".join(f"R{i} n{i} n{i + 1} 1k\n" for i in range(1300))
    with pytest.raises(InputError, match=r"^1,300 devices are too many for a sheet of KiCad; draw"):
        draw(parse_netlist(text)).export(tmp_path / "a.kicad_sch")


def test_what_ltspice_cannot_say_is_reported(tmp_path: Path) -> None:
    circuit = parse_netlist("* d\nA1 [a b] c gate\nR1 a 0 1k\n.model gate d_and\n")
    export = draw(circuit).export(tmp_path / "a.asc")
    assert [item.message for item in export.dropped] == [
        "A1: ltspice has no xspice",
        "model gate: ltspice has no models of type d_and",
    ]


def test_the_same_drawing_makes_the_same_files(tmp_path: Path, miller: Circuit) -> None:
    one, two = draw(miller), draw(miller)
    for editor in EDITORS:
        path = tmp_path / f"a.{editor}"
        assert one.export(path).files == two.export(path).files


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        *(("1e-05", "10u"), ("w=1.8e-07", "w=180n"), ("2.34567890123e-06", "2.34567890123e-06")),
        *(("1000000.0", "1meg"), ("1e-16", "1e-16"), ("v(n1e3)*2", "v(n1e3)*2"), ("0", "0")),
    ],
)
def test_numbers_are_written_for_people_where_that_is_exact(word: str, shown: str) -> None:
    assert readable(word) == shown


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
_NETS = st.sampled_from(["a", "b", "c", "d", "e", "in", "out", "vdd", "0", "vss", "x<1>", "x!"])
_LETTERS = {**{"resistor": "R", "capacitor": "C", "diode": "D", "isource": "I", "mosfet": "M"}} | {
    **{"bipolar": "Q", "vcvs": "E", "subcircuit": "X"}
}
_VALUES = st.floats(min_value=1e-15, max_value=1e9, allow_subnormal=False)


@st.composite
def random_circuits(draw_: st.DrawFn) -> Circuit:
    """Up to eight devices of any kind on any nets, with models and values."""
    devices = []
    for at in range(draw_(st.integers(1, 8))):
        kind = draw_(st.sampled_from(sorted(_KINDS)))
        roles = _KINDS[kind]
        nets = tuple(draw_(_NETS) for _ in roles)
        polarity = draw_(st.sampled_from(["n", "p"])) if kind in ("mosfet", "bipolar") else ""
        model = {"diode": "dd", "subcircuit": "cell"}.get(kind, f"{kind[:3]}{polarity}")
        keys = {"mosfet": ("w", "l"), "vcvs": ("gain",), "isource": ("dc",)}.get(kind, ("value",))
        values: dict[str, float] = {}
        if kind not in ("diode", "bipolar", "subcircuit"):
            values = {key: draw_(_VALUES) for key in keys}
        devices.append(
            Device(
                f"{_LETTERS[kind]}{at}",
                kind,
                roles,
                nets,
                model if kind in ("mosfet", "bipolar", "diode", "subcircuit") else "",
                values,
                polarity,
            )
        )
    kinds = {"dd": "d", "mosn": "nmos", "mosp": "pmos", "bipn": "npn", "bipp": "pnp"}
    models = {name: ModelCard(name, kind) for name, kind in kinds.items()}
    return Circuit(
        devices=tuple(devices), ports=tuple(draw_(st.sets(_NETS, max_size=3))), models=models
    )


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(circuit=random_circuits())
def test_any_circuit_reads_back(
    circuit: Circuit, tmp_path_factory: pytest.TempPathFactory, netlisters: dict[str, Netlister]
) -> None:
    drawing = draw(circuit)
    for editor in EDITORS:
        folder = tmp_path_factory.mktemp("any")
        assert_same(circuit, read_back(drawing, folder / f"a.{editor}", netlisters[editor]))
