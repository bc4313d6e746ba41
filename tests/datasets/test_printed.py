"""Printed filters in full wave: drawing, building with a recorded solver, resuming, reading."""

import fcntl
import gzip
import json
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline
from skrf.network import renormalize_s

from eda.datasets import printed_draw
from eda.datasets.printed import layout_from, load, packed, read_lines, unpacked
from eda.datasets.printed_build import build_printed, chosen_points, left_db
from eda.datasets.printed_card import card, summary
from eda.datasets.printed_draw import draw_filter, part_of
from eda.datasets.printed_kinds import FAMILIES, KINDS
from eda.errors import DatasetError, SimulationError, ToolNotFoundError
from eda.filters.fullwave.copper import copper_of
from eda.filters.fullwave.mesh import mesh_of
from eda.filters.fullwave.problem import plane_of
from eda.filters.fullwave.tail import KNOWN
from eda.filters.fullwave.waves import Signals
from eda.filters.microstrip.limits import breaches
from eda.filters.microstrip.line import static_line
from eda.filters.microstrip.network import scattering, sizes_of

GAIN = 0.5
SPEED_MM_PER_S = 1.5e11
DELAY_S = 40e-12
"""From port to port."""


def attenuator(xml: str) -> Signals:
    """Return what probes see where the filter is matched to its feeds and halves the waves.

    Probes of port 1 see a pulse on its way in, those of port 2 half of it on its way out.
    """
    top = ElementTree.fromstring(xml)
    edges = [float(part.attrib["f_max"]) for part in top.iter("FDTD")]
    boxes = {}
    for item in top.iter("ProbeBox"):
        ends = [next(iter(item.iter(name))).attrib for name in ("P1", "P2")]
        boxes[item.attrib["Name"]] = np.mean([[float(e["X"]), float(e["Y"])] for e in ends], 0)
    ohm = [float(item.attrib["R"]) for item in top.iter("LumpedElement")]
    middle = 0.65 * edges[0]
    time = np.arange(0.0, 24 / middle, 1 / (16 * middle))

    def wave(at_s: float) -> np.ndarray:
        t = time - 5 / middle - at_s
        return np.cos(2 * np.pi * middle * t) * np.exp(-((1.2 * middle * t) ** 2))

    made = {}
    for name, at in boxes.items():
        port = name[1]
        # The line nearest to the generator is a, the nearest to the filter is c.
        way = float(np.linalg.norm(at - boxes[f"u{port}b"])) / SPEED_MM_PER_S
        nearer = np.linalg.norm(at - boxes[f"u{port}c"]) < np.linalg.norm(at - boxes[f"u{port}a"])
        late = way if nearer else -way
        value = wave(late) if port == "1" else GAIN * wave(DELAY_S - late)
        if name[0] == "i":
            value = (1 if port == "1" else -1) * value / ohm[int(port) - 1]
        made[name] = (time, value)
    return made


Counted = tuple[list[str], Callable[[str], Signals]]


@pytest.fixture
def counted() -> Counted:
    """A solver that keeps what it was asked."""
    asked: list[str] = []

    def run(xml: str) -> Signals:
        asked.append(xml)
        return attenuator(xml)

    return asked, run


@given(st.integers(0, 3), st.integers(0, 400), st.sampled_from((None, "open_loop", "notch")))
@settings(max_examples=9, deadline=None)
def test_drawn_layouts_keep_their_limits(seed: int, index: int, family: str | None) -> None:
    drawn = draw_filter(seed, index, family)
    assert breaches(drawn.layout, drawn.limits) == []
    copper = copper_of(drawn.layout, drawn.board)
    assert copper.mirrored
    mesh = mesh_of(copper, drawn.board, drawn.high_hz, drawn.mesh)
    assert [plane_of(feed, 50.0, mesh).feed for feed in copper.feeds] == list(copper.feeds)
    assert drawn.kind.order == drawn.layout.order
    assert drawn.part == ("test" if drawn.kind.order_unseen else part_of(seed, index))
    read = layout_from(json.loads(json.dumps(drawn.layout.to_json())))
    assert read.to_json() == draw_filter(seed, index, family).layout.to_json()
    frequency = np.linspace(drawn.low_hz, drawn.high_hz, 5)
    found = scattering(read, sizes_of(read), frequency, drawn.board)
    # Symmetric in truth, too: the closed forms know nothing of the test that says so.
    assert found.s11 == pytest.approx(found.s22, abs=1e-7)


def test_numbers_are_split_and_orders_kept_out() -> None:
    parts = [part_of(0, index) for index in range(2000)]
    shares = [parts.count(part) / 2000 for part in ("train", "validation", "test")]
    assert shares == pytest.approx([0.7, 0.1, 0.2], abs=0.03)
    unseen = {(kind.family, kind.order) for kind in KINDS if kind.order_unseen}
    assert unseen == {("hairpin", 5), ("edge_coupled", 5), ("stub", 9), ("open_loop", 4)}
    seen = {(kind.family, kind.order) for kind in KINDS if not kind.order_unseen}
    assert not unseen & seen
    assert {draw_filter(0, index, "stub").kind.family for index in range(3)} == {"stub"}
    # Kinds that stand apart are drawn where they are asked for, and nowhere else.
    kinds = [draw_filter(0, index).kind for index in range(40)]
    assert {kind.apart for kind in kinds} == {""}
    notches = {draw_filter(0, index, "notch").kind for index in range(3)}
    assert {(kind.family, kind.response) for kind in notches} == {("edge_coupled", "bandstop")}
    straight = {draw_filter(0, index, "edge_coupled").kind.response for index in range(8)}
    assert straight == {"bandpass"}
    with pytest.raises(
        DatasetError, match=f"no printed filter is of family 'combline'.*{FAMILIES[0]}"
    ):
        draw_filter(0, 0, "combline")


def test_a_set_is_built_and_read(tmp_path: Path, counted: Counted) -> None:
    asked, run = counted
    told: list[int] = []
    made = build_printed(tmp_path, 4, seed=4, run=run, progress=told.append)
    assert (made["made"], made["records"], made["failed"]) == (4, 4, 0)
    assert told == [0, 1, 2, 3, 4]
    assert len(asked) == 4
    records = load(tmp_path)
    assert [record.index for record in records] == list(range(4))
    assert sum(made["splits"].values()) == 4
    assert [len(load(tmp_path, part)) for part in ("train", "validation", "test")] == [
        *made["splits"].values()
    ]
    for record in records:
        drawn = draw_filter(4, record.index)
        assert record.layout.to_json() == drawn.layout.to_json()
        assert record.board == drawn.board
        assert (len(record.frequency_hz), record.solver) == (201, "openEMS")
        assert record.frequency_hz[[0, -1]] == pytest.approx([drawn.low_hz, drawn.high_hz])
        feeds = copper_of(drawn.layout, drawn.board).feeds
        widths = np.array([1e-3 * feed.width_mm for feed in feeds])
        ohm = np.asarray(static_line(widths, drawn.board)[0])
        mesh = mesh_of(copper_of(drawn.layout, drawn.board), drawn.board, drawn.high_hz, drawn.mesh)
        out = sum(plane_of(feed, 50.0, mesh).to_port_mm for feed in feeds) / SPEED_MM_PER_S
        turn = GAIN * np.exp(-2j * np.pi * record.frequency_hz * (DELAY_S - out))
        own = np.zeros((201, 2, 2), complex)
        own[:, 0, 1] = own[:, 1, 0] = turn
        expected = renormalize_s(own, np.tile(ohm, (201, 1)), np.full((201, 2), 50.0))
        assert record.s == pytest.approx(expected, abs=0.02)
    assert "4 microstrip filters" in (tmp_path / "README.md").read_text()


def test_a_killed_run_goes_on(tmp_path: Path, counted: Counted) -> None:
    asked, run = counted

    def killed(xml: str) -> Signals:
        if len(asked) == 2:
            raise KeyboardInterrupt
        return run(xml)

    with pytest.raises(KeyboardInterrupt):
        build_printed(tmp_path / "a", 4, seed=1, run=killed)
    file = tmp_path / "a" / "records.jsonl"
    whole = file.read_bytes()
    assert whole.count(b"\n") == 2
    # Power was cut while the third line was written.
    file.write_bytes(whole + whole[: len(whole) // 3])
    assert len(load(tmp_path / "a")) == 2
    made = build_printed(tmp_path / "a", 4, seed=1, run=run)
    assert (made["made"], made["records"], len(asked)) == (2, 4, 4)
    assert file.read_bytes().startswith(whole)
    build_printed(tmp_path / "b", 4, seed=1, run=run)
    for one, other in zip(load(tmp_path / "a"), load(tmp_path / "b"), strict=True):
        assert one.layout == other.layout
        assert np.array_equal(one.s, other.s)


def test_several_are_solved_at_once(tmp_path: Path, counted: Counted) -> None:
    asked, run = counted
    both = threading.Barrier(2, timeout=60)

    def together(xml: str) -> Signals:
        both.wait()  # Breaks where the other has not begun.
        return run(xml)

    made = build_printed(tmp_path / "two", 4, seed=1, jobs=2, run=together)
    assert (made["records"], made["failed"], len(asked)) == (4, 0, 4)
    build_printed(tmp_path / "one", 4, seed=1, run=run)
    two = sorted(load(tmp_path / "two"), key=lambda record: record.index)
    for a, b in zip(two, load(tmp_path / "one"), strict=True):
        assert a.index == b.index
        assert np.array_equal(a.s, b.s)


def test_what_fails_is_told_and_not_tried_again(tmp_path: Path, counted: Counted) -> None:
    asked, run = counted

    def sometimes(xml: str) -> Signals:
        signals = run(xml)
        if len(asked) == 1:
            raise SimulationError("openEMS failed: it did not end in its time")
        if len(asked) == 2:
            return {name: (time[:80], value[:80]) for name, (time, value) in signals.items()}
        return signals

    made = build_printed(tmp_path, 3, run=sometimes)
    assert (made["records"], made["failed"]) == (1, 2)
    first, second, third = read_lines(tmp_path)
    assert first["error"] == "openEMS failed: it did not end in its time"
    assert second["error"].startswith("openEMS: waves at the ports were still at ")
    assert "s11" not in first
    assert "error" not in third
    assert build_printed(tmp_path, 3, run=run)["made"] == 0
    assert len(asked) == 3
    assert summary(tmp_path)["failed"] == 2
    assert "2 more could not be\ndrawn or solved" in card(tmp_path)


def test_a_number_that_cannot_be_drawn_ends_nothing(
    tmp_path: Path, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, run = counted
    drawn = printed_draw._attempt
    monkeypatch.setattr(
        printed_draw,
        "_attempt",
        lambda rng, seed, at, kind: (at != 1 and drawn(rng, seed, at, kind)) or None,
    )
    made = build_printed(tmp_path, 3, run=run)
    assert (made["records"], made["failed"], len(asked)) == (2, 1, 2)
    _, second, _ = read_lines(tmp_path)
    assert re.search(r"filter 1 of seed 0: no .* kept its limits in 400 draws", second["error"])
    assert build_printed(tmp_path, 3, run=run)["made"] == 0
    assert "1 more could not be\ndrawn or solved" in card(tmp_path)


def test_a_response_that_is_not_passive_is_none(tmp_path: Path) -> None:
    def amplifier(xml: str) -> Signals:
        return {
            name: (time, value * (2.2 if name[1] == "2" else 1.0))
            for name, (time, value) in attenuator(xml).items()
        }

    assert build_printed(tmp_path, 1, run=amplifier)["failed"] == 1
    (line,) = read_lines(tmp_path)
    assert line["error"].endswith(" times the power comes out; no filter does that")
    assert float(line["error"].split()[1]) == pytest.approx(1.21, abs=0.05)


def test_another_set_or_another_run_is_refused(tmp_path: Path, counted: Counted) -> None:
    _, run = counted
    build_printed(tmp_path, 1, run=run)
    with pytest.raises(DatasetError, match=r"of version \d, solver openems, not of version \d"):
        build_printed(tmp_path, 1, solver="planar", run=run)
    # Another seed is another set beside it.
    both = build_printed(tmp_path, 1, seed=1, run=run)
    assert (both["made"], both["records"]) == (1, 2)
    text = card(tmp_path)
    assert "--count 1 --seed 0 -o DIR\n    eda filters build-data --count 1 --seed 1 -o" in text
    with pytest.raises(DatasetError, match="solver is 'hfss'; write one of openems, planar"):
        build_printed(tmp_path, 1, solver="hfss", run=run)
    with (tmp_path / "records.jsonl").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(DatasetError, match="another run is writing it"):
            build_printed(tmp_path, 2, run=run)


def test_a_missing_openems_is_told_before_anything_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolNotFoundError, match="apt-get install openems"):
        build_printed(tmp_path, 1)
    assert list(read_lines(tmp_path)) == []


def test_files_are_read_strictly(tmp_path: Path, counted: Counted) -> None:
    _, run = counted
    build_printed(tmp_path, 1, run=run)
    file = tmp_path / "records.jsonl"
    text = file.read_bytes()
    zipped = tmp_path / "set.jsonl.gz"
    zipped.write_bytes(gzip.compress(text))
    assert np.array_equal(load(zipped)[0].s, load(file)[0].s)
    with pytest.raises(DatasetError, match="split is 'dev'"):
        load(file, "dev")
    with pytest.raises(DatasetError, match=r"there is no records\.jsonl"):
        load(tmp_path / "nowhere")
    zipped.write_bytes(gzip.compress(text)[:-20])
    with pytest.raises(DatasetError, match="cannot be read"):
        load(zipped)
    line = json.loads(text)
    for change, message in (
        ({"schema": "other/1"}, "schema 'other/1', not filter-full-wave/1"),
        ({"points": line["points"][:-8]}, "do not go together"),
        ({"layout": {**line["layout"], "schema": "x"}}, "layout of schema 'x'"),
        ({"s11": "%"}, "index 0"),
    ):
        file.write_text(json.dumps(line | change) + "\n")
        with pytest.raises(DatasetError, match=message):
            load(file)
    file.write_text("[]\n")
    with pytest.raises(DatasetError, match="line 1: no record of filter-full-wave/1"):
        load(file)


def test_numbers_are_packed_exactly() -> None:
    values = np.array([1e-7 + 2j, -3.5e-20, 1.0])
    assert np.array_equal(unpacked(packed(values, "<c8"), "<c8"), values.astype(np.complex64))


@given(st.floats(0.002, 0.1), st.floats(0.3, 0.7))
@settings(max_examples=25, deadline=None)
def test_points_follow_a_resonance(width: float, middle: float) -> None:
    frequency = np.linspace(0.0, 1.0, 1601)
    pole = 1 / (1 + 2j * (frequency - middle) / width)
    points = chosen_points(1 - pole, pole * np.exp(-20j * frequency))
    assert (points[0], points[-1], len(points)) == (0, 1600, 201)
    assert (np.diff(points) > 0).all()
    again = CubicSpline(frequency[points], pole[points])(frequency)
    assert np.abs(again - pole).max() < 0.01


def test_the_end_of_a_signal_is_told_from_its_peak() -> None:
    assert left_db(np.concatenate([np.ones(700), 0.01 * np.ones(100)])) == pytest.approx(-40.0)


@pytest.mark.skipif(shutil.which("openEMS") is None, reason="openEMS is not installed")
def test_two_solvers_agree_on_a_drawn_filter(tmp_path: Path) -> None:
    for name in ("openems", "planar"):
        build_printed(tmp_path / name, 1, seed=SMALL_SEED, family="stepped_impedance", solver=name)
    (one,), (other,) = load(tmp_path / "openems"), load(tmp_path / "planar")
    assert one.solver.startswith("openEMS v")
    assert one.settings["foretold_within"] == KNOWN
    assert one.rest_db < -40
    assert one.layout == other.layout
    second = CubicSpline(other.frequency_hz, other.s21)(one.frequency_hz)
    assert np.abs(second - one.s21).max() < 0.1
    power = np.abs(one.s11) ** 2 + np.abs(one.s21) ** 2
    assert power.min() > 0.9
    assert power.max() < 1.01


SMALL_SEED = 18
"""Its first filter is among the smallest: two seconds by either solver."""
