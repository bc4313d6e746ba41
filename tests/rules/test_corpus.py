"""The rules on circuits with one known fault each, and on circuits without fault."""

import json
from pathlib import Path

import pytest

from eda.rules import check
from eda.spice import read_netlist


def test_every_known_fault_is_found_and_nothing_else(data: Path) -> None:
    folder = data / "schematics" / "erc"
    for case in json.loads((folder / "expected.json").read_text()):
        circuit = read_netlist(folder / case["file"], strict=False)
        found = [(item.rule, item.severity, frozenset(item.objects)) for item in check(circuit)]
        wanted = [
            (item["rule"], item["severity"], frozenset(item["objects"])) for item in case["expect"]
        ]
        assert sorted(found) == sorted(wanted), case["file"]


def test_findings_have_the_line_of_the_card(data: Path) -> None:
    folder = data / "schematics" / "erc"
    for name, rule, card in (
        ("floating_gate.sp", "floating_gate", "M7 "),
        ("supply_short.sp", "supply_short", "RS1 "),
        ("no_dc_path.sp", "no_dc_path", "CZ "),
        ("undefined_subckt.sp", "undefined_reference", "X9 "),
        ("pin_count.sp", "pin_count", "X2 "),
    ):
        lines = (folder / name).read_text().splitlines()
        (finding,) = check(read_netlist(folder / name, strict=False), rules=[rule])
        assert lines[finding.line - 1].startswith(card)
        assert finding.file == str(folder / name)


@pytest.mark.parametrize("folder", ["schematics/netlists", "spice/sky130_fd_sc_hd"])
def test_circuits_without_fault_give_no_error(data: Path, folder: str) -> None:
    # conb_1 is an instance of a `short` that only its PDK defines; the spare-cell macro is
    # made of cells that are in other files.
    foreign = ("conb_1.spice", "macro_sparecell.cdl", "macro_sparecell.spice")
    files = [
        path
        for path in sorted((data / folder).iterdir())
        if path.suffix in (".sp", ".spice", ".cdl") and not path.name.endswith(foreign)
    ]
    assert files
    for path in files:
        errors = [item for item in check(read_netlist(path)) if item.severity == "error"]
        assert not errors, errors[0]


def test_a_fault_in_a_published_library_is_found(data: Path) -> None:
    path = data / "spice" / "ngspice/examples/klu/Circuits/libraries/iscas_stdcells.lib"
    (finding,) = check(read_netlist(path, strict=False), rules=["floating_gate"])
    # Its three-input NOR drives a net of its own instead of its port.
    assert finding.message == "net out reaches only the gates of Xnot.Mn, Xnot.Mp, in or3"
