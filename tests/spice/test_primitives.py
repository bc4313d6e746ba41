"""PDK primitives on X lines: transistors with true roles and sizes, never black boxes."""

from pathlib import Path

import pytest

from eda.errors import SpecError
from eda.spice import parse_netlist, primitive_table


@pytest.mark.parametrize(
    ("card", "kind", "roles", "polarity", "parameters"),
    [
        (
            "XM1 d g s b sky130_fd_pr__nfet_01v8 w=1 l=0.15 nf=2 ad='W/nf * 0.29'",
            "mosfet",
            "d g s b",
            "n",
            {"w": 1e-6, "l": 0.15e-6, "nf": 2.0},
        ),
        (
            "XM1 d g s b sky130_fd_pr__pfet_g5v0d10v5 w=5 l=0.5",
            "mosfet",
            "d g s b",
            "p",
            {"w": 5e-6},
        ),
        ("XR1 a b c sky130_fd_pr__res_high_po_0p35 l=2", "resistor", "p n b", "", {"l": 2e-6}),
        ("XC1 a b sky130_fd_pr__cap_mim_m3_1 w=2 l=2", "capacitor", "p n", "", {"w": 2e-6}),
        ("XQ1 c b e s sky130_fd_pr__pnp_05v5_W0p68L0p68", "bipolar", "c b e s", "p", {}),
        ("XD1 a k sky130_fd_pr__diode_pw2nd_05v5 area=1", "diode", "a k", "", {"area": 1e-12}),
        ("X0 d g s b nfet_03v3 w=1u l=0.28u", "mosfet", "d g s b", "n", {"w": 1e-6}),
        ("X0 d g s b pfet_06v0 w=1u l=0.5u", "mosfet", "d g s b", "p", {"l": 0.5e-6}),
        ("X0 a b c ppolyf_u r_width=1u", "resistor", "p n b", "", {}),
        ("XM1 d g s b sg13_lv_nmos w=1u l=0.13u", "mosfet", "d g s b", "n", {"l": 0.13e-6}),
        ("XM1 d g s b sg13_hv_pmos w=1u l=0.4u", "mosfet", "d g s b", "p", {}),
        ("XQ1 c b e s npn13G2 Nx=1", "bipolar", "c b e s", "n", {"nx": 1.0}),
        ("XR1 a b s rppd w=0.5u l=1u", "resistor", "p n b", "", {"w": 0.5e-6}),
        ("XC1 a b cap_cmim w=5u l=5u", "capacitor", "p n", "", {}),
        ("X1 d g s b NMOS_VTL W=90n L=50n", "mosfet", "d g s b", "n", {"w": 90e-9}),
        ("X1 d g s b pmos_rvt nfin=3", "mosfet", "d g s b", "p", {"nfin": 3.0}),
    ],
)
def test_instances_of_primitives(
    card: str, kind: str, roles: str, polarity: str, parameters: dict[str, float]
) -> None:
    device = parse_netlist(f"* t\n{card}\n").devices[0]
    assert device.kind == kind
    assert device.roles == tuple(roles.split())
    assert device.polarity == polarity
    for name, value in parameters.items():
        assert device.parameters[name] == pytest.approx(value)


def test_expressions_of_symbols_mean_the_instances_own_sizes() -> None:
    device = parse_netlist(
        "* t\nXM1 d g s b sky130_fd_pr__nfet_01v8 w=2 l=0.15 nf=2\n"
        "+ ad='int((nf+1)/2) * W/nf * 0.29'\n"
    ).devices[0]
    assert device.parameters["ad"].value == pytest.approx(0.29e-12)  # type: ignore[union-attr]


def test_a_missing_pdk_is_said_once() -> None:
    circuit = parse_netlist(
        "* t\n.include missing.spice\nXM1 d g s b sky130_fd_pr__nfet_01v8 w=1 l=1\n"
        "XM2 d g s b sky130_fd_pr__pfet_01v8 w=1 l=1\n"
    )
    assert [(item.severity, item.code) for item in circuit.diagnostics] == [
        ("warning", "include"),
        ("warning", "pdk"),
    ]


def test_the_definition_of_a_primitive_does_not_make_it_a_box() -> None:
    circuit = parse_netlist(
        "* t\n.subckt sky130_fd_pr__nfet_01v8 d g s b w=1 l=1\nM1 d g s b inner w=w l=l\n.ends\n"
        "XM1 d g s b sky130_fd_pr__nfet_01v8 w=2 l=0.15\n.model inner nmos\n"
    )
    assert circuit.devices[0].kind == "mosfet"
    assert [device.name for device in circuit.flatten().devices] == ["XM1"]
    assert [item.code for item in circuit.diagnostics] == []


def test_another_number_of_nets_is_another_subcircuit() -> None:
    circuit = parse_netlist("* t\nX1 a b nfet_03v3\n")
    assert circuit.devices[0].kind == "subcircuit"


def test_a_table_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "own.toml"
    table.write_text(
        '[[primitive]]\npattern = "acme_n*"\nkind = "mosfet"\npolarity = "n"\n'
        'roles = ["d", "g", "s"]\nunit_m = 1e-9\npdk = "acme"\n'
    )
    monkeypatch.setenv("EDA_PRIMITIVES", str(table))
    primitive_table.cache_clear()
    try:
        device = parse_netlist("* t\nX1 a b c acme_nlvt w=100\n").devices[0]
    finally:
        monkeypatch.delenv("EDA_PRIMITIVES")
        primitive_table.cache_clear()
    assert (device.kind, device.roles, device.polarity) == ("mosfet", ("d", "g", "s"), "n")
    assert device.parameters["w"] == pytest.approx(1e-7)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = [", "the table of primitives is no TOML: "),
        ("primitive = 1", "write each primitive as [[primitive]]"),
        (
            '[[primitive]]\nkind = "mosfet"',
            "primitive 1: 'pattern' is missing; write pattern = \"name*\"",
        ),
        (
            '[[primitive]]\npattern = "a"\nkind = "mos"',
            "primitive 1: unknown kind 'mos'; kinds are ",
        ),
        (
            '[[primitive]]\npattern = "a"\nkind = "mosfet"\nunit = 1',
            "primitive 1: unknown key 'unit'; keys are ",
        ),
    ],
)
def test_a_malformed_table(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        primitive_table(str(path))
    assert str(caught.value).startswith(f"{path}: {message}")
