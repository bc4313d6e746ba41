"""The corrected circuit: equal to the closed forms, passive whatever is corrected, and a deck."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.network import scattering, sizes_of
from eda.filters.microstrip.substrate import Substrate
from eda.filters.neural.circuit import admittances, corrected_scattering
from eda.filters.neural.closed import closed_forms, stacked
from eda.filters.neural.corrections import no_corrections, published
from eda.filters.neural.deck import neural_deck
from eda.filters.neural.graph import graph_of
from eda.filters.neural.simulator import corrections_of, neural_scattering

from .conftest import BOARD, LAYOUTS, band_pass, random_weights

FREQUENCY = np.linspace(0.5e9, 5e9, 61)
HEIGHT_MM = 1e3 * BOARD.height_m


def test_without_corrections_it_is_the_closed_forms(layout: Layout) -> None:
    graph = graph_of(layout, HEIGHT_MM)
    closed = closed_forms(layout, graph, BOARD, FREQUENCY, zs_ohm=40.0, zl_ohm=60.0)
    found = corrected_scattering(graph, closed, no_corrections(graph))
    wanted = scattering(layout, sizes_of(layout), FREQUENCY, BOARD, zs_ohm=40.0, zl_ohm=60.0)
    for name in ("s11", "s21", "s22"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), atol=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(sorted(LAYOUTS)),
    st.integers(0, 10**6),
    st.floats(0.1, 3.0),
    st.sampled_from((0.0, 0.0037, 0.02)),
)
def test_any_weights_make_a_passive_reciprocal_circuit(
    name: str, seed: int, size: float, tan_delta: float
) -> None:
    layout = LAYOUTS[name]()
    board = replace(BOARD, tan_delta=tan_delta)
    graph = graph_of(layout, HEIGHT_MM)
    closed = closed_forms(layout, graph, board, FREQUENCY)
    corrections = corrections_of(graph, closed, random_weights(seed, size))
    matrix = admittances(graph, closed, corrections)[0]
    scale = np.abs(matrix).max((-1, -2), keepdims=True)
    np.testing.assert_allclose(matrix / scale, matrix.swapaxes(-1, -2) / scale, atol=1e-12)
    conductance = np.linalg.eigvalsh((matrix / scale).real)
    assert conductance.min() > -1e-9
    found = corrected_scattering(graph, closed, corrections)
    s = np.stack([[found.s11[0], found.s21[0]], [found.s21[0], found.s22[0]]]).transpose(2, 0, 1)
    assert np.linalg.svd(s, compute_uv=False).max() < 1 + 1e-6


@pytest.mark.parametrize("name", ["straight", "hairpins, tapped"])
def test_names_and_order_of_strips_do_not_matter(name: str) -> None:
    layout = LAYOUTS[name]()
    order = np.random.default_rng(3).permutation(len(layout.strips))
    fresh = {strip.name: f"z{at}" for at, strip in enumerate(layout.strips)}
    strips = tuple(replace(layout.strips[at], name=fresh[layout.strips[at].name]) for at in order)
    pairs = tuple((fresh[b], fresh[a]) for a, b in reversed(layout.coupled))
    other = replace(layout, strips=strips, coupled=pairs)
    weights = random_weights(1, 0.3)
    a, b = (neural_scattering([one], BOARD, FREQUENCY, weights=weights) for one in (layout, other))
    np.testing.assert_allclose(a.s21, b.s21, atol=1e-5)
    np.testing.assert_allclose(a.s11, b.s11, atol=1e-5)


def test_designs_of_one_topology_are_computed_together() -> None:
    layouts = [band_pass(3, bent=True, tapped=False, stretch=by) for by in (1.0, 1.03, 0.98)]
    weights = random_weights(5, 0.3)
    whole = neural_scattering(layouts, BOARD, FREQUENCY, weights=weights)
    for at, one in enumerate(layouts):
        alone = neural_scattering([one], BOARD, FREQUENCY, weights=weights)
        np.testing.assert_allclose(whole.s21[at], alone.s21[0], atol=1e-9)


def test_boards_of_one_topology_may_differ() -> None:
    layout = band_pass(2, bent=False, tapped=False)
    boards = [BOARD, Substrate(er=4.4, height_m=BOARD.height_m, tan_delta=0.02)]
    graph = graph_of(layout, HEIGHT_MM)
    closed = stacked([closed_forms(layout, graph, one, FREQUENCY) for one in boards])
    found = corrected_scattering(graph, closed, no_corrections(graph, 2))
    for at, board in enumerate(boards):
        wanted = scattering(layout, sizes_of(layout), FREQUENCY, board)
        np.testing.assert_allclose(found.s21[at], wanted.s21[0], atol=1e-9)


def test_strips_side_by_side_couple_without_being_declared() -> None:
    """Two lines 2.5 heights apart: the far port gets what a declared pair gives it."""
    strips = (
        Strip("a", (0.0, 0.0), (18.0, 0.0), 1.1, ("p1", "o1")),
        Strip("b", (0.0, 2.37), (18.0, 2.37), 1.1, ("o2", "p2")),
    )
    pair = Layout("edge_coupled", 1, strips, (("a", "b"),), ("p1", "p2"))
    apart = replace(pair, coupled=())
    graph = graph_of(apart, HEIGHT_MM)
    closed = closed_forms(apart, graph, BOARD, FREQUENCY)
    alone = corrected_scattering(graph, closed, no_corrections(graph)).s21
    assert not np.abs(alone).any()
    found = corrected_scattering(graph, closed, no_corrections(graph, near=1.0)).s21
    wanted = scattering(pair, sizes_of(pair), FREQUENCY, BOARD).s21
    assert np.abs(wanted).max() > 0.05
    np.testing.assert_allclose(np.abs(found), np.abs(wanted), atol=0.01)


def test_stubs_on_both_sides_of_a_line_couple() -> None:
    """Two like stubs a short way apart: their common notch becomes two, as full wave has it."""
    frequency = np.linspace(2.6e9, 3.2e9, 1201)
    layout = LAYOUTS["stubs near each other"]()
    assert {strip.end_mm[1] > 0 for strip in layout.strips if not strip.horizontal} == {True, False}
    graph = graph_of(layout, HEIGHT_MM)
    opposite = [link for link in graph.links if link.opposite]
    assert len(opposite) == 2
    # All stubs begin at their line.
    for link in opposite:
        for strip in (link.a, link.b):
            assert [graph.ends[2 * strip + side].opened for side in (0, 1)] == [False, True]
    closed = closed_forms(layout, graph, BOARD, frequency)

    def notches(near: float) -> int:
        found = corrected_scattering(graph, closed, no_corrections(graph, near=near))
        level = np.abs(found.s21[0])
        return int(((level[1:-1] < level[:-2]) & (level[1:-1] < level[2:])).sum())

    assert notches(0.0) == 1
    assert notches(1.0) == 2


def test_mirrored_layouts_are_the_same_filter() -> None:
    """Which way up a layout is drawn decides nothing, though stubs begin at another end then."""
    weights = random_weights(4, 0.3)
    for name in ("stubs near each other", "open loops", "notch"):
        layout = LAYOUTS[name]()
        turned = tuple(
            replace(
                strip,
                start_mm=(strip.start_mm[0], -strip.start_mm[1]),
                end_mm=(strip.end_mm[0], -strip.end_mm[1]),
            )
            for strip in layout.strips
        )
        other = replace(layout, strips=turned)
        a, b = (
            neural_scattering([one], BOARD, FREQUENCY, weights=weights) for one in (layout, other)
        )
        np.testing.assert_allclose(a.s21, b.s21, atol=1e-3)


def test_open_ends_radiate_as_lewin_has_it() -> None:
    frequency = np.array([10e9])
    strips = (
        Strip("a", (0.0, 0.0), (10.0, 0.0), 1.0, ("p1", "o1")),
        Strip("b", (40.0, 0.0), (30.0, 0.0), 1.0, ("p2", "o2")),
    )
    layout = Layout("edge_coupled", 1, strips, (), ("p1", "p2"))
    graph = graph_of(layout, HEIGHT_MM)
    closed = closed_forms(layout, graph, BOARD, frequency)
    ohm, er = closed.ohm[0, 0], closed.index[0, 0] ** 2
    # The share of the incident power that an open line loses: 240 pi^2 (h / wavelength)^2 F / Z.
    root = er**0.5
    form = (er + 1) / er - (er - 1) ** 2 / (2 * er**1.5) * np.log((root + 1) / (root - 1))
    lost = 240 * np.pi**2 * (BOARD.height_m * 10e9 / 299_792_458.0) ** 2 * form / ohm
    matrix = closed.radiated[0, :, :, 0]
    assert 4 * ohm * matrix[0, 0] == pytest.approx(lost)
    # They point at each other, 20 mm apart.
    wave = 2 * np.pi * 10e9 / 299_792_458.0
    apart = np.sin(0.02 * wave) / (0.02 * wave)
    assert matrix[0, 1] == pytest.approx(-matrix[0, 0] * apart)


def test_the_ends_of_a_hairpin_radiate_against_each_other() -> None:
    """Of a wave that is odd along the resonator a straight one radiates more."""
    frequency = np.array([2.5e9])
    shares = {}
    for name in ("straight", "hairpins"):
        layout = LAYOUTS[name]()
        graph = graph_of(layout, HEIGHT_MM)
        matrix = closed_forms(layout, graph, BOARD, frequency).radiated[0, :, :, 0]
        assert np.linalg.eigvalsh(matrix).min() > -1e-15
        nodes = [graph.ends[at].node for at in graph.opened]
        ends = [at for at, node in enumerate(nodes)][1:3]
        odd = np.array([1.0, -1.0])
        shares[name] = float(odd @ matrix[np.ix_(ends, ends)] @ odd / np.trace(matrix))
    assert shares["hairpins"] < 0.1 * shares["straight"]


def test_bends_and_junctions_raise_the_frequency() -> None:
    frequency = np.linspace(1.5e9, 3.5e9, 801)
    for name in ("hairpins", "hairpins, tapped"):
        layout = LAYOUTS[name]()
        graph = graph_of(layout, HEIGHT_MM)
        closed = closed_forms(layout, graph, BOARD, frequency)
        prior = published(graph, closed)
        assert (prior.length_m <= 0).all()
        peaks = [
            frequency[np.abs(corrected_scattering(graph, closed, one).s21[0]).argmax()]
            for one in (no_corrections(graph), prior)
        ]
        assert 1.01 < peaks[1] / peaks[0] < 1.12


def test_ngspice_simulates_the_deck_alike(layout: Layout, tmp_path: Path) -> None:
    from eda.spice import Sp, read_netlist, simulate
    from eda.spice.measures import s_matrix

    weights = random_weights(2, 0.3)
    path = tmp_path / "filter.cir"
    path.write_text(neural_deck(layout, BOARD, 2.5e9, weights=weights), encoding="utf-8")
    result = simulate(read_netlist(path), Sp(2.4e9, 2.6e9, 21), cache=False)
    assert result.ok, result.log
    frequency = result.waveforms[0].axis
    s = s_matrix(result.waveforms[0].arrays)
    wanted = neural_scattering([layout], BOARD, frequency, weights=weights)
    # A deck holds its losses at both ends, and lengths at one frequency.
    np.testing.assert_allclose(s[:, 1, 0], wanted.s21[0], atol=0.02)
    np.testing.assert_allclose(s[:, 0, 0], wanted.s11[0], atol=0.02)
