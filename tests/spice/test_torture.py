"""The torture decks: counts, nets, values, error text and line as expected.json says."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eda.circuit import Circuit, Device, Expression, Subcircuit, number
from eda.circuit.expression import probes
from eda.errors import NetlistError
from eda.spice import read_netlist

KINDS = {
    **{"R": "resistor", "C": "capacitor", "L": "inductor", "M": "mosfet", "V": "vsource"},
    **{"I": "isource", "Q": "bipolar", "D": "diode", "J": "jfet", "E": "vcvs", "F": "cccs"},
    **{"G": "vccs", "H": "ccvs", "B": "behavioral", "K": "mutual", "T": "tline", "O": "tline"},
    **{"U": "tline", "S": "switch", "W": "switch", "A": "xspice", "X": "subcircuit"},
}
DECKS = (
    *("title_looks_like_element.cir", "continuation.cir", "comments_inline.cir"),
    *("suffixes.cir", "micro_utf8.cir", "micro_cp1252.net", "case_insensitive.cir"),
    *("hier_params.cir", "subckt_same_net_twice.cir", "macro_eom.sp", "param_expr.cir"),
    *("include_lib", "global_nets.cir", "mos_params.cir", "pdk_mos_x.spice"),
    *("bjt_nodes.cir", "diode_jfet.cir", "sources.cir", "controlled.cir", "bsource.cir"),
    *("coupled.cir", "lines.cir", "switches.cir", "xspice.cir", "rc_models.cir"),
    *("control_block.cir", "if_else.cir", "model_binning.cir", "cdl_slash.cdl"),
    *("kicad_export.cir", "ltspice_rser.net", "net_names_digits.cir", "crlf_tabs.cir"),
    *("no_final_newline.cir", "bom_utf8.cir", "err_missing_subckt.cir"),
    *("err_port_count.cir", "err_bad_value.cir", "err_undefined_param.cir"),
    *("err_duplicate.cir", "err_too_few_nets.cir", "spectre_basic.scs"),
)


@pytest.fixture(scope="module")
def expected(data: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((data / "spice/torture/expected.json").read_text())
    return found


def deck_of(data: Path, name: str, wanted: Mapping[str, Any]) -> Path:
    path = data / "spice/torture" / name
    return path / wanted["top"] if "top" in wanted else path


def test_every_deck_is_tested(expected: dict[str, Any]) -> None:
    assert set(expected) == set(DECKS)


@pytest.mark.parametrize("name", DECKS)
def test_torture(name: str, data: Path, expected: dict[str, Any]) -> None:
    wanted = expected[name]
    path = deck_of(data, name, wanted)
    if "error" in wanted:
        with pytest.raises(NetlistError) as caught:
            read_netlist(path).flatten(strict=True)
        assert wanted["error"] in str(caught.value)
        assert caught.value.line == wanted["error_line"]
        return
    circuit = read_netlist(path)
    assert circuit.dialect == wanted["dialect"]
    assert circuit.errors == ()
    flat = circuit.flatten() if circuit.devices else circuit
    assert len(flat.devices) == wanted["flat"]
    devices = {device.name.lower(): device for device in flat.devices}
    for check in wanted.get("check", ()):
        compare_device(find(circuit, devices, check["dev"]), check)
    assert not set(wanted.get("absent", ())) & set(devices)
    if "nets" in wanted:
        assert {net.lower() for net in flat.nets} == set(wanted["nets"])
    for device, kind in wanted.get("kinds", {}).items():
        assert (devices[device].kind, kind) == ("subcircuit", "black_box")
    assert set(wanted.get("models", ())) <= set(circuit.models)
    for device, nets in wanted.get("refs", {}).items():
        assert sorted(probed_nets(devices[device])) == sorted(nets)
    for subckt, shape in wanted.get("subckts", {}).items():
        compare_subcircuit(circuit.subcircuits[subckt], shape)


def find(circuit: Circuit, flat: Mapping[str, Device], name: str) -> Device:
    """Find a device by its flat name, or by ``subcircuit/device``."""
    scope, slash, device = name.partition("/")
    return circuit.subcircuits[scope].device(device) if slash else flat[name]


def compare_device(device: Device, check: Mapping[str, Any]) -> None:
    if device.kind == "mosfet" and device.name.rpartition(".")[2][0] in "xX":
        assert check["kind"] == "X"  # an instance of a PDK primitive is a transistor, on purpose
    else:
        assert device.kind == KINDS[check["kind"]]
    assert [net.lower() for net in device.nets] == check["nets"]
    for name, wanted in check["params"].items():
        if name in ("ref", "model"):
            assert device.model.lower() == wanted
        elif name == "control":
            assert device.references[0].lower() == wanted
        elif name == "inductors":
            assert [reference.lower() for reference in device.references] == wanted
        elif isinstance(wanted, float | int):
            assert number(device.parameters[name]) == pytest.approx(wanted, rel=1e-9)
        else:
            assert device.parameters[name] == wanted


def probed_nets(device: Device) -> list[str]:
    values = device.parameters.values()
    return [
        net for value in values if isinstance(value, Expression) for net in probes(value.text)[0]
    ]


def compare_subcircuit(subcircuit: Subcircuit, shape: Mapping[str, Any]) -> None:
    assert [port.lower() for port in subcircuit.ports] == shape["ports"]
    assert len(subcircuit.devices) == shape["devices"]
