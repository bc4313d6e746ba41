"""Sizes of a PDK's inner transistors, whose unit is that of ``.option scale``."""

from eda.spice import parse_netlist, write_spice

DECK = """* a binned transistor, as SKY130 has it
.subckt sky130_fd_pr__nfet_01v8 d g s b
.param w=1 l=1
msky130_fd_pr__nfet_01v8 d g s b sky130_fd_pr__nfet_01v8__model l={l} w={w}
.model sky130_fd_pr__nfet_01v8__model.0 nmos lmin=1e-7 lmax=1e-6 wmin=1e-6 wmax=1e-5
.ends
.option scale=1.0u
XM1 d g 0 0 sky130_fd_pr__nfet_01v8 w=5 l=0.5
.end
"""


def test_the_inner_transistor_is_written_in_metres() -> None:
    written = write_spice(parse_netlist(DECK))
    assert "scale" not in written
    assert "w={(w)*1e-06}" in written
    assert "w=5 l=0.5" in written


def test_writing_twice_changes_nothing() -> None:
    once = write_spice(parse_netlist(DECK))
    assert write_spice(parse_netlist(once)) == once
