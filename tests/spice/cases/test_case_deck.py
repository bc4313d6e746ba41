"""The text of a deck for a design and a corner."""

import pytest

from eda.errors import SpecError
from eda.spice import Case, Corner, parse_netlist


def test_the_nominal_deck_differs_in_paths_only(opamp: Case) -> None:
    expected = opamp.deck_source.replace(
        ".include models_tt.inc", f'.include "{opamp.folder / "models_tt.inc"}"'
    )
    ours = parse_netlist(opamp.deck(), include_dirs=[opamp.folder])
    theirs = parse_netlist(expected, include_dirs=[opamp.folder])
    assert ours.parameters == theirs.parameters
    assert [d.pins for d in ours.devices] == [d.pins for d in theirs.devices]
    assert opamp.deck().count("\n") == opamp.deck_source.count("\n")


def test_a_design_changes_its_parameters_only(opamp: Case) -> None:
    design = {**opamp.nominal, "w_in": 1.23456789e-5, "m_out": 7}
    before, after = opamp.deck().splitlines(), opamp.deck(design).splitlines()
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert changed == [
        (
            ".param w_in=4e-05 w_load=1e-05 w_tail=4e-05 w_drive=2e-05 w_source=4e-05 m_out=4",
            ".param w_in=1.23456789e-05 w_load=1e-05 w_tail=4e-05 w_drive=2e-05 w_source=4e-05 "
            "m_out=7",
        )
    ]


def test_a_corner_changes_models_temperature_and_supply(opamp: Case) -> None:
    before = opamp.deck().splitlines()
    after = opamp.deck(corner=Corner("ss", 125, 1.62)).splitlines()
    changed = [b for a, b in zip(before, after, strict=True) if a != b]
    assert changed == [
        f'.include "{opamp.folder / "models_ss.inc"}"',
        ".param vdd=1.62 vcm=0.7 cload=5e-12 vstep=0.2 tstep=1e-06",
        ".temp 125",
    ]


def test_the_circuit_is_clean_at_every_process(opamp: Case) -> None:
    for process in opamp.conditions.process:
        circuit = opamp.circuit(Corner(process))
        assert circuit.diagnostics == ()
        assert circuit.flatten().device("x1.x2.m1").kind == "mosfet"


def test_designs_and_corners_that_do_not_fit(opamp: Case) -> None:
    names = ", ".join(item.name for item in opamp.design_parameters)
    less = {name: value for name, value in opamp.nominal.items() if name != "w_in"}
    for design, message in (
        (less, f"a design has no w_in; opamp2 has the parameters {names}"),
        (
            {**opamp.nominal, "w9": 1.0},
            f"a design has w9; opamp2 has the parameters {names}",
        ),
        ({**opamp.nominal, "w_in": 1.0}, "w_in is 1; it must be from 1e-06 to 0.0002"),
        ({**opamp.nominal, "m_out": 2.5}, "m_out is 2.5; it must be a whole number from 1 to 8"),
        ({**opamp.nominal, "w_in": float("nan")}, "w_in is nan; give a finite number"),
    ):
        with pytest.raises(SpecError) as caught:
            opamp.deck(design)
        assert str(caught.value) == message
    with pytest.raises(SpecError) as caught:
        opamp.deck(corner=Corner("sf"))
    assert str(caught.value) == "opamp2 has no process 'sf'; it has tt, ff, ss"
