"""Raw files: our writing reads back, ngspice's own files are read, rubbish is refused."""

import contextlib
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import InputError
from eda.spice import Ac, Op, Waveforms, read_raw, write_raw, write_waveforms
from eda.spice.rawfile import RawPlot

_FLOATS = st.floats(allow_nan=False, allow_infinity=False)
_NAMES = st.from_regex(
    r"v\([a-z0-9_.]{1,6}\)|i\(r[a-z0-9]{0,4}\)|@m[a-z0-9]{1,3}\[gm\]", fullmatch=True
)


@st.composite
def _plots(draw: st.DrawFn) -> RawPlot:
    names = draw(st.lists(_NAMES, min_size=1, max_size=4, unique=True))
    points = draw(st.integers(0, 5))
    is_complex = draw(st.booleans())
    axis = np.array(draw(st.lists(_FLOATS, min_size=points, max_size=points)))
    arrays = {}
    for name in names:
        values = np.array(draw(st.lists(_FLOATS, min_size=points, max_size=points)))
        arrays[name] = values * (1 + 0.5j) if is_complex else values
    title = draw(st.from_regex(r"[ -~]{0,10}", fullmatch=True))
    axis_name = draw(st.sampled_from(("time_s", "frequency_hz", "sweep", "")))
    waveforms = Waveforms(None, axis_name, axis if axis_name else np.zeros(0), arrays)
    return RawPlot(" ".join(title.split()), "A Plot", waveforms)


@settings(deadline=None)
@given(st.lists(_plots(), min_size=1, max_size=3), st.booleans())
def test_what_is_written_reads_back(plots: list[RawPlot], binary: bool) -> None:
    with TemporaryDirectory() as folder, np.errstate(over="ignore", invalid="ignore"):
        path = Path(folder) / "x.raw"
        write_raw(path, plots, binary=binary)
        back = read_raw(path)
    assert [plot.title for plot in back] == [plot.title for plot in plots]
    for one, two in zip(plots, back, strict=True):
        assert two.waveforms.axis_name == one.waveforms.axis_name
        np.testing.assert_array_equal(two.waveforms.axis, one.waveforms.axis)
        assert list(two.waveforms) == list(one.waveforms)
        for name, values in one.waveforms.arrays.items():
            np.testing.assert_array_equal(two.waveforms.arrays[name], values)


@pytest.mark.parametrize("filetype", ["binary", "ascii"])
def test_ngspices_own_files(filetype: str, tmp_path: Path) -> None:
    program = shutil.which("ngspice")
    if program is None:
        pytest.skip("ngspice is not installed")
    deck = tmp_path / "deck.cir"
    deck.write_text(
        "* rc\n.subckt s a\nV1 a 0 dc 1 ac 1\n.ends\nX1 in s\nR1 in out 1k\nC1 out 0 1u\n"
        f".control\nset filetype={filetype}\nop\nac lin 3 10 30\nwrite x.raw op1.all ac1.all\n"
        "set appendwrite\nsetplot op1\nwrite y.raw\nsetplot ac1\nwrite y.raw\nquit\n.endc\n.end\n"
    )
    subprocess.run([program, "-b", deck.name], cwd=tmp_path, capture_output=True, check=False)
    op, ac = read_raw(tmp_path / "y.raw")
    assert op.name == "Operating Point"
    assert op.waveforms.axis_name == ""
    assert op.waveforms["v(out)"].values.tolist() == [1.0]
    assert ac.waveforms.axis.tolist() == [10, 20, 30]
    assert set(ac.waveforms) == {"v(in)", "v(out)", "i(x1.v1)"}
    expected = 1 / (1 + 2j * np.pi * ac.waveforms.axis * 1e-3)
    np.testing.assert_allclose(ac.waveforms["out"].values, expected, rtol=1e-9)


@pytest.mark.parametrize("filetype", ["binary", "ascii"])
@pytest.mark.parametrize("padding", ["unset nopadding", "set nopadding"])
def test_short_vectors_padded_or_not(filetype: str, padding: str, tmp_path: Path) -> None:
    program = shutil.which("ngspice")
    if program is None:
        pytest.skip("ngspice is not installed")
    (tmp_path / "deck.cir").write_text(
        "* rc\nV1 a 0 dc 1 ac 1\nR1 a b 1k\nC1 b 0 1u\n.control\n"
        f"set filetype={filetype}\n{padding}\nac lin 3 1 3\nlet k=3\nwrite x.raw\n"
        "set appendwrite\ntran 1u 3u\nlet k=4\nwrite x.raw\nquit\n.endc\n.end\n"
    )
    subprocess.run([program, "-b", "deck.cir"], cwd=tmp_path, capture_output=True, check=False)
    ac, tran = (plot.waveforms for plot in read_raw(tmp_path / "x.raw"))
    assert ac["k"].values.tolist() == [3]
    assert tran["k"].values.tolist() == [4]
    expected = 1 / (1 + 2j * np.pi * ac.axis * 1e-3)
    np.testing.assert_allclose(ac["b"].values, expected, rtol=1e-9)
    assert len(tran["v(b)"].values) == len(tran.axis) > 3


def test_names_with_blanks_and_devices_with_several_currents(tmp_path: Path) -> None:
    path = tmp_path / "x.raw"
    names = ("v(m1#body diode)", "i(y1)", "i(y1)", "i(p.x1.p1)", "i(p.x1.p1)", "i(a1)", "i(a1)")
    lines = [f"\t{k}\t{name}\tvoltage" for k, name in enumerate(names)]
    values = [f"\t{k}.0\n" for k in range(len(names))]
    head = "Title: t\nPlotname: Operating Point\nFlags: real\n"
    counts = f"No. Variables: {len(names)}\nNo. Points: 1\nVariables:\n"
    path.write_text(head + counts + "\n".join(lines) + "\nValues:\n 0" + "".join(values) + "\n")
    (plot,) = read_raw(path)
    assert list(plot.waveforms) == [
        *("v(m1#body diode)", "y1#branch1", "y1#branch2", "p.x1.p1#branch1_0"),
        *("p.x1.p1#branch2_0", "a1#branch_1_0", "a1#branch_1_1"),
    ]
    assert plot.waveforms["V(M1#body diode)"].values.tolist() == [0]
    assert plot.waveforms["a1#branch_1_1"].values.tolist() == [6]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"hello\nworld\n", "plot 1 is no ngspice raw data: 'hello' is no line of a header"),
        (b"Title: x\n", "plot 1 is no ngspice raw data: the header ends in its midst"),
        (
            b"No. Variables: 1\nNo. Points: 99\nVariables:\n0 a voltage\nBinary:\n12345678",
            "plot 1 is no ngspice raw data: 99 points of 1 variables are announced, and less is "
            "there",
        ),
        (
            b"No. Variables: 99999999999\nNo. Points: 1\nVariables:\n0 a voltage\n",
            "plot 1 is no ngspice raw data: more variables than bytes",
        ),
        (
            b"No. Variables: -1\nNo. Points: 1\nVariables:\n",
            "plot 1 is no ngspice raw data: '-1' is no count",
        ),
        (
            b"T\0i\0t\0l\0e\0",
            "a raw file of LTspice; only those of ngspice can be read",
        ),
    ],
)
def test_rubbish(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "x.raw"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_raw(path)
    assert str(caught.value) == f"{path}: {message}"


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read: No such file or directory$"):
        read_raw(tmp_path / "x.raw")


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200), st.integers(0, 150))
def test_damaged_files_are_read_or_refused(noise: bytes, at: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.raw"
        item = Waveforms(Op(), "", np.zeros(0), {"v(a)": np.array([1.0])})
        write_raw(path, [item])
        data = path.read_bytes()
        path.write_bytes(data[:at] + noise + data[at + len(noise) :])
        with contextlib.suppress(InputError):
            read_raw(path)


def test_other_formats(tmp_path: Path) -> None:
    ac = Waveforms(
        Ac(1, 10), "frequency_hz", np.array([1.0, 10.0]), {"v(a)": np.array([1 + 2j, 3 + 4j])}
    )
    write_waveforms(tmp_path / "x.csv", [ac])
    assert (tmp_path / "x.csv").read_text().splitlines() == [
        "frequency_hz,re v(a),im v(a)",
        "1.0,1.0,2.0",
        "10.0,3.0,4.0",
    ]
    write_waveforms(tmp_path / "x.npz", [ac])
    with np.load(tmp_path / "x.npz", allow_pickle=False) as stored:
        assert stored["ac0/v(a)"].tolist() == [1 + 2j, 3 + 4j]
        assert stored["ac0/frequency_hz"].tolist() == [1, 10]
    write_waveforms(tmp_path / "x.raw", [ac], title="t")
    assert read_raw(tmp_path / "x.raw")[0].name == "AC Analysis"
    with pytest.raises(InputError) as caught:
        write_waveforms("x.csv", [ac, ac])
    assert str(caught.value) == (
        "x.csv: a .csv holds one analysis and there are 2; write .raw or .npz"
    )
    with pytest.raises(InputError, match=r"^x\.txt: waveforms are written as \.raw, \.csv, \.npz$"):
        write_waveforms("x.txt", [ac])
