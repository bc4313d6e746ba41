"""Published cells that exist in two netlist dialects are the same circuit."""

from pathlib import Path

import pytest

from eda.graph import circuit_graph, compare, graph_hash, isomorphic
from eda.spice import read_netlist


def test_cells_in_spice_and_cdl_are_isomorphic(data: Path) -> None:
    folder = data / "spice" / "stdcells-3dialect"
    cells = sorted((folder / "cdl").glob("*.cdl"))
    assert len(cells) == 138
    for path in cells:
        one = read_netlist(path)
        other = read_netlist(folder / "spice" / f"{path.stem}.sp")
        assert isomorphic(circuit_graph(one), circuit_graph(other)), path.name
        assert graph_hash(circuit_graph(one)) == graph_hash(circuit_graph(other)), path.name
        assert compare(one, other).equal, path.name


@pytest.mark.parametrize("cell", ["a2111o_2", "a211o_2", "nand2_1", "dfxtp_1"])
def test_layout_and_schematic_of_a_cell_are_equal(data: Path, cell: str) -> None:
    folder = data / "spice" / "sky130_fd_sc_hd"
    layout = read_netlist(folder / f"sky130_fd_sc_hd__{cell}.spice")
    schematic = read_netlist(folder / f"sky130_fd_sc_hd__{cell}.cdl")
    assert compare(layout, schematic, parallel=True).equal
