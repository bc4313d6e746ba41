"""The problem file, the reading of probes, waves to S-parameters, the cache, a missing openEMS."""

import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from skrf.network import renormalize_s

from eda.errors import InputError, SimulationError, ToolNotFoundError
from eda.filters.fullwave.copper import copper_of
from eda.filters.fullwave.mesh import MeshOptions, mesh_of
from eda.filters.fullwave.openems import has_ended, read_probe, run_openems
from eda.filters.fullwave.problem import Drive, plane_of, problem_xml
from eda.filters.fullwave.solve import largest_power, solve_layout
from eda.filters.fullwave.waves import Signals, renormalised
from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.network import scattering, sizes_of
from eda.filters.microstrip.substrate import Substrate
from eda.spice.cache import SimulationCache

LINE = Layout(
    "stub", 1, (Strip("m", (0.0, 0.0), (12.0, 0.0), 1.1, ("p1", "p2")),), (), ("p1", "p2")
)


def test_the_problem_names_what_openems_needs(coupled: Layout, board: Substrate) -> None:
    copper = copper_of(coupled, board)
    mesh = mesh_of(copper, board, 7e9)
    planes = plane_of(copper.feeds[0], 57.5, mesh), plane_of(copper.feeds[1], 57.5, mesh)
    text = problem_xml(copper, board, mesh, planes, Drive(3e9, 7e9, steps=5000), port=2)
    top = ElementTree.fromstring(text)
    setup = top.find("FDTD")
    assert setup is not None
    assert setup.attrib["NumberOfTimesteps"] == "5000"
    names = [item.attrib["Name"] for item in top.iter() if "Name" in item.attrib]
    probes = [
        f"{kind}{port}{at}"
        for port in "12"
        for kind in "ui"
        for at in "abc"[: 3 if kind == "u" else 2]
    ]
    assert set(probes) < set(names)
    assert "e2" in names
    assert "e1" not in names
    lines = top.find("ContinuousStructure/RectilinearGrid/YLines")
    assert lines is not None
    assert lines.text is not None
    assert [float(item) for item in lines.text.split(",")] == pytest.approx(list(mesh.y_mm))
    sheets = list(next(top.iter("ConductingSheet")).iter("Box"))
    assert len(sheets) == len(copper.boxes)
    resistors = [float(item.attrib["R"]) for item in top.iter("LumpedElement")]
    assert resistors == [57.5, 57.5]


def test_waves_of_a_line_become_its_s_parameters(
    board: Substrate, line_run: Callable[[str], Signals]
) -> None:
    solved = solve_layout(LINE, board, 3e9, 7e9, cache=False, run=line_run)
    closed = scattering(LINE, sizes_of(LINE), solved.frequency_hz, board)
    assert solved.runs == 1
    # The waves know no loss and no dispersion; the closed forms a little of both.
    assert np.abs(solved.s[:, 1, 0]) == pytest.approx(np.abs(closed.s21[0]), abs=0.03)
    turn = np.unwrap(np.angle(solved.s[:, 1, 0])) - np.unwrap(np.angle(closed.s21[0]))
    assert np.abs(turn).max() < 0.05
    assert np.abs(solved.s[:, 0, 0]) == pytest.approx(np.abs(closed.s11[0]), abs=0.02)


def test_an_uneven_filter_is_driven_from_both_sides(
    board: Substrate, line_run: Callable[[str], Signals]
) -> None:
    once = solve_layout(LINE, board, 3e9, 7e9, cache=False, run=line_run)
    both = solve_layout(LINE, board, 3e9, 7e9, zl_ohm=50.0 + 1e-9, cache=False, run=line_run)
    assert (once.runs, both.runs) == (1, 2)
    assert both.s == pytest.approx(once.s, abs=1e-6)


def test_what_makes_power_is_solved_at_length(
    board: Substrate, line_run: Callable[[str], Signals]
) -> None:
    asked = []

    def missed_a_mode(xml: str) -> Signals:
        return {
            name: (time, value * (1.3 if name[1] == "2" else 1.0))
            for name, (time, value) in line_run(xml).items()
        }

    def at_length(xml: str) -> Signals:
        asked.append(xml)
        return line_run(xml)

    whole = solve_layout(LINE, board, 3e9, 7e9, cache=False, run=line_run, again=at_length)
    assert (whole.lengthened, asked) == (False, [])
    wrong = solve_layout(LINE, board, 3e9, 7e9, cache=False, run=missed_a_mode)
    assert largest_power(wrong.s) > 1.5
    mended = solve_layout(LINE, board, 3e9, 7e9, cache=False, run=missed_a_mode, again=at_length)
    assert (mended.lengthened, len(asked)) == (True, 1)
    assert np.array_equal(mended.s, whole.s)


def test_renormalised_as_scikit_rf_has_it() -> None:
    random = np.random.default_rng(0)
    parts = random.normal(size=(2, 5, 2, 2))
    s = np.asarray(0.3 * (parts[0] + 1j * parts[1]), np.complex128)
    from_ohm, to_ohm = np.array([57.0, 81.0]), np.array([50.0, 75.0])
    expected = renormalize_s(s, np.tile(from_ohm, (5, 1)), np.tile(to_ohm, (5, 1)))
    assert renormalised(s, from_ohm, to_ohm) == pytest.approx(expected)


def test_results_are_cached(
    board: Substrate, line_run: Callable[[str], Signals], tmp_path: Path
) -> None:
    calls = []

    def run(xml: str) -> Signals:
        calls.append(xml)
        return line_run(xml)

    cache = SimulationCache(tmp_path)
    first = solve_layout(LINE, board, 3e9, 7e9, cache=cache, run=run)
    again = solve_layout(LINE, board, 3e9, 7e9, cache=cache, run=run)
    assert (first.cached, again.cached, len(calls)) == (False, True, 1)
    assert np.array_equal(first.s, again.s)
    solve_layout(LINE, board, 3e9, 7e9, options=MeshOptions(finer=1.2), cache=cache, run=run)
    assert len(calls) == 2
    frequency = np.linspace(4e9, 5e9, 7)
    assert again.at(frequency).shape == (7, 2, 2)
    with pytest.raises(
        InputError, match=r"solved from 3e\+09 to 7e\+09 Hz, and is asked for outside"
    ):
        again.at(np.array([8e9]))


def test_probes_are_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "u1a"
    path.write_text("% t/s\tvoltage\n" + "".join(f"{k * 1e-12}\t{k}\n" for k in range(20)))
    time, value = read_probe(path)
    assert time[1] == pytest.approx(1e-12)
    assert value[-1] == 19
    path.write_text("% nothing\n0\t1\n")
    with pytest.raises(ValueError, match="16 rows at least"):
        read_probe(path)
    path.write_text("".join(f"{k}\tnan\n" for k in range(20)))
    with pytest.raises(ValueError, match="finite"):
        read_probe(path)


def test_a_signal_ends_when_it_is_quiet() -> None:
    time = np.arange(400)
    assert has_ended(np.exp(-time / 30.0))
    assert not has_ended(np.exp(-time / 100.0))
    assert not has_ended(np.zeros(400))


def test_a_signal_without_waves_is_refused(board: Substrate) -> None:
    def dead(xml: str) -> Signals:
        names = [item.attrib["Name"] for item in ElementTree.fromstring(xml).iter("ProbeBox")]
        return {name: (np.linspace(0.0, 2e-11, 20), np.zeros(20)) for name in names}

    with pytest.raises(SimulationError, match="port 1 shows no wave on its feed"):
        solve_layout(LINE, board, 3e9, 7e9, cache=False, run=dead)


def test_a_missing_openems_says_how_to_mend_it(
    board: Substrate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolNotFoundError, match="apt-get install openems"):
        solve_layout(LINE, board, 3e9, 7e9)


def test_an_openems_that_fails_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "openEMS"
    program.write_text("#!/bin/sh\necho no memory left\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(SimulationError, match=r"ended with code 3; no memory left"):
        run_openems("<openEMS/>")
    program.write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(SimulationError, match="openEMS left no signals"):
        run_openems("<openEMS/>")
    program.write_text("#!/bin/sh\nwhile :; do :; done\n")
    with pytest.raises(SimulationError, match="did not end in its time"):
        run_openems("<openEMS/>", seconds=0.2)


@pytest.mark.skipif(shutil.which("openEMS") is None, reason="openEMS is not installed")
def test_openems_and_the_closed_forms_agree_on_a_short_line(board: Substrate) -> None:
    options = MeshOptions(per_wavelength=12, side_heights=6, air_heights=8)
    strip = Strip("m", (0.0, 0.0), (5.0, 0.0), 0.5, ("p1", "p2"))
    layout = Layout("stub", 1, (strip,), (), ("p1", "p2"))
    solved = solve_layout(layout, board, 3e9, 9e9, options=options, cache=False)
    closed = scattering(layout, sizes_of(layout), solved.frequency_hz, board)
    assert np.abs(solved.s[:, 0, 0] - closed.s11[0]).max() < 0.05
    assert np.abs(solved.s[:, 1, 0] - closed.s21[0]).max() < 0.05
