"""Figures: what is drawn, of which waveforms, and in which files."""

from pathlib import Path

import numpy as np
import pytest

from eda.errors import InputError
from eda.plots import (
    plot_bode,
    plot_noise,
    plot_s_parameters,
    plot_transfer,
    plot_transient,
    result_figure,
    save_figure,
)
from eda.spice import Ac, Dc, Noise, Op, SimulationResult, Sp, Status, Tran, Waveforms

FREQUENCY = np.logspace(0, 8, 161)


def ac(**arrays: object) -> Waveforms:
    gain = 1000 / (1 + 1j * FREQUENCY / 100)
    given = {"v(in)": np.ones(161) + 0j, "v(out)": gain, "v(x1.n)": gain / 2, **arrays}
    return Waveforms(Ac(1, 1e8), "frequency_hz", FREQUENCY, given)  # type: ignore[arg-type]


def tran(**arrays: object) -> Waveforms:
    time = np.linspace(0, 1e-6, 50)
    given = {"v(vdd)": np.full(50, 1.8), "v(b)": time * 1e5, "i(v1)": time, **arrays}
    units = {"v(vdd)": "V", "v(b)": "V", "i(v1)": "A"}
    return Waveforms(Tran(1e-9, 1e-6), "time_s", time, given, units)  # type: ignore[arg-type]


def labels(ax: object) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]  # type: ignore[attr-defined]


def test_bode_draws_the_output_and_marks_unity_gain() -> None:
    above, below = plot_bode(ac())
    assert labels(above) == ["v(out)"]
    assert above.lines[0].get_ydata()[0] == pytest.approx(60, abs=0.01)  # type: ignore[index]
    assert below.lines[0].get_ydata()[-1] == pytest.approx(-90, abs=0.1)  # type: ignore[index]
    assert [text.get_text() for text in above.texts] == ["unity gain 100.0 kHz"]
    assert [text.get_text() for text in below.texts] == ["-89.9\N{DEGREE SIGN}"]
    assert above.get_xscale() == "log"


def test_bode_of_names_that_are_asked_for() -> None:
    above, _ = plot_bode(ac(), ["out", "V(X1.N)"])
    assert labels(above) == ["v(out)", "v(x1.n)"]
    assert list(above.texts) == []
    with pytest.raises(InputError) as caught:
        plot_bode(ac(), ["nix"])
    assert str(caught.value) == ("there is no waveform 'nix'; there are v(in), v(out), v(x1.n)")


def test_transient_leaves_out_what_never_moves() -> None:
    ax = plot_transient(tran())
    assert labels(ax) == ["v(b)"]
    assert ax.get_xlabel() == "time"
    assert labels(plot_transient(tran(), ["i(v1)"])) == ["i(v1)"]


def test_a_second_sweep_gives_branches() -> None:
    sweep = np.tile(np.linspace(0, 1, 5), 3)
    waveforms = Waveforms(
        Dc("vd", 0, 1, 0.25, Dc("vg", 0, 2, 1)), "sweep", sweep, {"i(vd)": np.arange(15.0)}
    )
    ax = plot_transfer(waveforms)
    assert [len(line.get_xdata()) for line in ax.lines] == [5, 5, 5]  # type: ignore[arg-type]
    assert labels(ax) == ["i(vd)"]
    assert ax.get_xlabel() == "vd"


def test_noise_and_s_parameters() -> None:
    density = 1e-6 / np.sqrt(FREQUENCY)
    noise = Waveforms(
        Noise("o", "v", 1, 1e8), "frequency_hz", FREQUENCY, {"onoise_spectrum": density}
    )
    assert labels(plot_noise(noise)) == ["at the output"]
    sp = Waveforms(
        Sp(1, 1e8),
        "frequency_hz",
        FREQUENCY,
        {name: np.full(161, 0.5 + 0j) for name in ("s_1_1", "s_2_1", "s_1_2", "y_1_1")},
    )
    assert labels(plot_s_parameters(sp)) == ["S11", "S21"]


def test_the_wrong_waveforms_are_told() -> None:
    with pytest.raises(InputError, match=r"^these waveforms are not of an AC analysis$"):
        plot_bode(tran())
    with pytest.raises(InputError, match=r"^these waveforms are not of a transient analysis$"):
        plot_transient(ac())


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".html"])
def test_a_whole_simulation_in_a_file(suffix: str, tmp_path: Path) -> None:
    point = Waveforms(Op(), "", np.zeros(0), {"v(a)": np.ones(1)})
    result = SimulationResult(Status.OK, (point, ac(), tran()))
    figure = result_figure(result, title="A <deck>")
    path = tmp_path / f"x{suffix}"
    save_figure(figure, path)
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".html": b"<!doctype html>"}
    assert path.read_bytes().startswith(start[suffix])
    if suffix == ".html":
        text = path.read_text()
        assert "<title>A &lt;deck&gt;</title>" in text
        assert "<svg" in text
        assert "src=" not in text
        assert 'href="http' not in text


def test_nothing_to_draw() -> None:
    point = Waveforms(Op(), "", np.zeros(0), {"v(a)": np.ones(1)})
    with pytest.raises(InputError) as caught:
        result_figure(SimulationResult(Status.OK, (point,)))
    assert str(caught.value) == "there is no curve to draw; add .ac, .tran or .dc to the deck"
    figure = result_figure(SimulationResult(Status.OK, (tran(),)))
    with pytest.raises(InputError, match=r"^x\.txt: figures are written as \.png, \.svg, \.pdf"):
        save_figure(figure, Path("x.txt"))


def test_the_figure_of_a_testbench_has_its_panels_with_titles_and_marks() -> None:
    from eda.plots import testbench_figure as draw
    from eda.spice.testbenches import Line, Panel, PortRoles, TestbenchResult

    curve = Line("a", FREQUENCY, 1 / FREQUENCY)
    mark = (1e3, 1e-3, "corner {x}")
    panels = (
        Panel("gain", ("frequency", "Hz"), ("dB", ""), (curve,), x_log=True, marks=(mark,)),
        Panel("flat", ("time", "s"), ("", "V"), (Line("", FREQUENCY, np.ones(161)),)),
        Panel("few", ("x", "V"), ("", "s"), (Line("", np.array([1.0, 2.0]), np.ones(2)),)),
    )
    result = TestbenchResult("opamp", "ota", Status.OK, PortRoles({}), panels=panels)
    figure = draw(result)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["gain", "flat", "few", ""]
    assert "corner 1.0 kHz" in [text.get_text() for text in figure.axes[0].texts]
    low, high = figure.axes[1].get_ylim()
    assert low < 0.95
    assert high > 1.05
    empty = TestbenchResult("opamp", "ota", Status.REFUSED, PortRoles({}))
    with pytest.raises(InputError, match="there is no curve of ota to draw"):
        draw(empty)
