"""The decks that the speed table of `eda bench links` is made with."""

from eda.bench.links_speed import STAGES, chain_text, speed_table
from eda.links import open_pins
from eda.spice import parse_netlist


def test_the_chain_has_fifty_devices_and_more_and_one_open_pin() -> None:
    circuit = parse_netlist(chain_text(STAGES))
    assert len(circuit.devices) == 5 * STAGES + 3 >= 50
    assert list(open_pins(circuit)) == [(f"MD{STAGES - 1}", "g")]


def test_without_corpora_only_the_command_is_timed() -> None:
    table = speed_table(None)
    assert [row[:3] for row in table.rows] == [("eda predict-links", 5 * STAGES + 3, 1)]
    assert table.columns[3] == "s"
    assert isinstance(table.rows[0][3], float)
