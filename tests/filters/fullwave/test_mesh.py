"""The mesher: thirds rule, smallest cell, grading, symmetry, size; no field solver is needed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import InputError
from eda.filters.fullwave.axis import Edge, axis_lines
from eda.filters.fullwave.copper import copper_of
from eda.filters.fullwave.mesh import MeshOptions, mesh_of
from eda.filters.fullwave.problem import plane_of
from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.substrate import Substrate


def test_an_edge_lies_a_third_of_its_cell_from_the_line_in_the_copper() -> None:
    edges = [Edge(10.0, 1), Edge(12.0, -1), Edge(15.0, 1), Edge(15.9, -1)]
    lines = axis_lines(edges, 0.0, 25.0, cell_mm=0.12, largest_mm=1.0)
    for edge in edges:
        at = int(np.searchsorted(lines, edge.at_mm))
        below, above = lines[at - 1], lines[at]
        inside = edge.at_mm - below if edge.side < 0 else above - edge.at_mm
        # The other way round the share is 2/3, and filters come out some per cent low.
        assert inside / (above - below) == pytest.approx(1 / 3, abs=0.02)


def test_a_gap_and_both_its_edges() -> None:
    """Two edges so close that a single line lies between them keep their thirds all the same."""
    gap = 0.15
    edges = [Edge(5.0, 1), Edge(6.0, -1), Edge(6.0 + gap, 1), Edge(7.0 + gap, -1)]
    lines = axis_lines(edges, 0.0, 12.0, cell_mm=0.75 * gap, largest_mm=1.0)
    inside = lines[(lines > 6.0) & (lines < 6.0 + gap)]
    assert inside == pytest.approx([6.0 + gap / 2], abs=1e-3)
    assert lines[lines < 6.0][-1] == pytest.approx(6.0 - 0.25 * gap, abs=1e-3)


def test_copper_on_both_sides_of_one_place_shares_the_error() -> None:
    lines = axis_lines([Edge(4.0, -1), Edge(4.0, 1)], 0.0, 8.0, cell_mm=0.1, largest_mm=0.8)
    at = int(np.searchsorted(lines, 4.0))
    assert (lines[at - 1] + lines[at]) / 2 == pytest.approx(4.0, abs=1e-6)
    assert lines[at] - lines[at - 1] == pytest.approx(0.05, abs=1e-6)


_EDGES = st.lists(
    st.tuples(st.floats(2.0, 18.0), st.sampled_from((-1, 1)), st.floats(0.1, 10.0)),
    min_size=1,
    max_size=24,
)


@settings(max_examples=60, deadline=None)
@given(edges=_EDGES, cell=st.floats(0.05, 0.4))
def test_no_cell_is_below_half_of_the_wanted_one(
    edges: list[tuple[float, int, float]], cell: float
) -> None:
    """Lines merged into tiny cells once made the time step collapse."""
    lines = axis_lines(
        [Edge(*edge) for edge in edges], 0.0, 20.0, cell_mm=cell, largest_mm=max(1.0, cell)
    )
    sizes = np.diff(lines)
    assert sizes.min() >= cell / 2 * (1 - 1e-6)
    assert lines[0] == 0.0
    assert lines[-1] == pytest.approx(20.0, abs=0.05)
    assert len(lines) < 40 + 24 * len(edges)


@settings(max_examples=40, deadline=None)
@given(edges=_EDGES, cell=st.floats(0.05, 0.4))
def test_a_mirrored_filter_has_a_mirrored_mesh(
    edges: list[tuple[float, int, float]], cell: float
) -> None:
    there = [Edge(*edge) for edge in edges]
    back = [Edge(20.0 - edge.at_mm, -edge.side, edge.weight) for edge in there]
    made = axis_lines(there + back, 0.0, 20.0, cell_mm=cell, largest_mm=1.0)
    assert np.diff(made) == pytest.approx(np.diff(made)[::-1], abs=1e-6)


def test_the_mesh_of_a_filter(coupled: Layout, board: Substrate) -> None:
    copper = copper_of(coupled, board)
    mesh = mesh_of(copper, board, 7e9)
    assert mesh.cells < 90_000
    assert min(mesh.smallest_mm[:2]) >= mesh.cell_mm / 2 * (1 - 1e-6)
    # So small a step is left that 60,000 of them are 6 ns: ten times what the band asks for.
    assert mesh.step_s > 0.1e-12
    for lines in (mesh.x_mm, mesh.y_mm, mesh.z_mm):
        sizes = np.diff(lines)
        ratios = np.maximum(sizes[1:] / sizes[:-1], sizes[:-1] / sizes[1:])
        assert np.quantile(ratios, 0.95) < 1.6
        assert ratios.max() < 3
    for lines in (mesh.x_mm, mesh.y_mm):
        assert np.diff(lines) == pytest.approx(np.diff(lines)[::-1], abs=1e-6)
    assert mesh.z_mm[:5] == pytest.approx(np.linspace(0, 0.508, 5))
    for feed in copper.feeds:
        plane = plane_of(feed, 57.0, mesh)
        assert 0 < plane.to_port_mm < feed.length_mm
        assert np.abs(mesh.x_mm - feed.end_mm).min() < 1e-3


def test_finer_meshes_are_finer(coupled: Layout, board: Substrate) -> None:
    copper = copper_of(coupled, board)
    coarse = mesh_of(copper, board, 7e9)
    fine = mesh_of(copper, board, 7e9, MeshOptions(finer=2.0))
    assert fine.cells > 2 * coarse.cells
    assert fine.cell_mm == pytest.approx(coarse.cell_mm / 2)


def test_copper_knows_its_symmetry(coupled: Layout, stubbed: Layout, board: Substrate) -> None:
    assert copper_of(coupled, board).mirrored
    assert copper_of(stubbed, board).mirrored
    moved = Strip("s", (5.0, 0.285), (5.0, 5.285), 0.9, ("n", "o"))
    uneven = Layout("stub", 1, (*stubbed.strips[:2], moved), (), ("p1", "p2"))
    assert not copper_of(uneven, board).mirrored


def test_feeds_lead_outwards_and_strips_overlap(stubbed: Layout, board: Substrate) -> None:
    copper = copper_of(stubbed, board)
    one, two = copper.feeds
    assert (one.axis, one.sign, two.axis, two.sign) == (0, -1, 0, 1)
    assert one.end_mm == pytest.approx(-6 * 0.508)
    # The stub reaches to the middle of its line, or a mesh could part them.
    assert copper.boxes[2][1] == pytest.approx(0.0)


def test_a_port_between_copper_is_refused(board: Substrate) -> None:
    strips = (
        Strip("m", (0.0, 0.0), (6.0, 0.0), 1.0, ("p1", "p2")),
        Strip("w", (8.0, -3.0), (8.0, 3.0), 1.0, ("a", "b")),
    )
    layout = Layout("stub", 1, strips, (), ("p1", "p2"))
    with pytest.raises(InputError, match=r"port p2: other copper lies where its feed of 3\.048 mm"):
        copper_of(layout, board)


def test_a_huge_layout_is_refused(board: Substrate) -> None:
    strip = Strip("m", (0.0, 0.0), (1e7, 0.0), 1.0, ("p1", "p2"))
    copper = copper_of(Layout("stub", 1, (strip,), (), ("p1", "p2")), board)
    with pytest.raises(InputError, match="too large for its frequencies"):
        mesh_of(copper, board, 7e9)
