"""Bytes to text: encodings, line ends, and what is no netlist at all."""

import gzip
from pathlib import Path

import pytest

from eda.errors import NetlistError
from eda.spice import parse_netlist, read_netlist

DECK = "* t\nC1 a 0 4.7\u00b5\nR1 a 0 1k\n"


@pytest.mark.parametrize(
    ("codec", "mark", "encoding"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
        ("utf-16-le", b"\xff\xfe", "utf-16"),
        ("utf-16-be", b"\xfe\xff", "utf-16"),
        ("utf-16-le", b"", "utf-16-le"),
        ("utf-16-be", b"", "utf-16-be"),
        ("cp1252", b"", "latin-1"),
    ],
)
def test_encodings(codec: str, mark: bytes, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.net"
    path.write_bytes(mark + DECK.encode(codec))
    circuit = read_netlist(path)
    assert circuit.source is not None
    assert circuit.source.encoding == encoding
    assert circuit.title == "t"
    assert [device.parameters["value"] for device in circuit.devices] == [4.7e-6, 1000.0]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str, tmp_path: Path) -> None:
    path = tmp_path / "a.cir"
    path.write_bytes(f"* t{end}R1 a 0{end}+ 1k{end}R2 a 0 2k".encode())
    circuit = read_netlist(path)
    assert [device.span.line for device in circuit.devices] == [2, 4]
    assert [device.parameters["value"] for device in circuit.devices] == [1e3, 2e3]


def test_packed_files(tmp_path: Path) -> None:
    path = tmp_path / "a.cir.gz"
    path.write_bytes(gzip.compress(DECK.encode()))
    assert len(read_netlist(path).devices) == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "{path}: the file is empty"),
        (b"  \n\t\n", "{path}: the file is empty"),
        (
            b"* t\nR1 a\0 0 1k\n",
            "{path}:2: a NUL byte; this is no text file, or it was cut off in writing",
        ),
        (bytes(range(1, 32)) * 4, "{path}:1: this is no netlist but a binary file"),
    ],
)
def test_what_is_no_netlist(data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.cir"
    path.write_bytes(data)
    with pytest.raises(NetlistError) as caught:
        read_netlist(path)
    assert str(caught.value) == message.format(path=path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NetlistError) as caught:
        read_netlist(tmp_path / "gone.sp")
    assert str(caught.value) == (
        f"{tmp_path}/gone.sp: there is no such file; check the name and the current folder"
    )


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NetlistError) as caught:
        read_netlist(tmp_path)
    assert str(caught.value) == f"{tmp_path}: this is a folder; name the netlist inside it"


def test_a_nul_in_a_text() -> None:
    with pytest.raises(NetlistError) as caught:
        parse_netlist("* t\nR1 a\0 0 1k\n")
    assert str(caught.value) == "<text>:2: a NUL byte; this is no netlist"


@pytest.mark.parametrize(
    ("text", "title", "names"),
    [
        ("R1 a 0 1k\nR2 a 0 1k\n", "R1 a 0 1k", ["R2"]),
        (".subckt s a\nR1 a 0 1k\n.ends\n", "", []),
        ("\n* x\nR2 a 0 1k\n", "", ["R2"]),
        (".title my deck\nR1 a 0 1k\n", "my deck", ["R1"]),
        ("* t\nR1 a 0 1k\n.end\nR2 a 0 1k\n", "t", ["R1", "R2"]),
    ],
)
def test_the_first_line_is_the_title(text: str, title: str, names: list[str]) -> None:
    circuit = parse_netlist(text)
    assert circuit.title == title
    assert [device.name for device in circuit.devices] == names


@pytest.mark.parametrize(
    ("line", "dialect", "value"),
    [
        ("R1 a 0 1k ; comment", "ngspice", 1e3),
        ("R1 a 0 1k $ comment", "ngspice", 1e3),
        ("R1 a 0 1k // comment", "ngspice", 1e3),
        ("R1 a$1 0 1k", "ngspice", 1e3),
        ("R1 a 0 1k $comment", "hspice", 1e3),
        ("R1 a 0 1x", "hspice", 1e6),
        ("R1 a 0 1x", "ngspice", 1.0),
        ("R1 a 0 4k7", "ltspice", 4.7e3),
        ("R1 a 0 4k7", "kicad", 4.7e3),
        ("R1 a 0 1k $ comment", "cdl", 1e3),
    ],
)
def test_comments_and_suffixes_by_dialect(line: str, dialect: str, value: float) -> None:
    device = parse_netlist(f"* t\n{line}\n", dialect=dialect).devices[0]
    assert device.parameters == {"value": value}


def test_continuation_over_comments_and_blank_lines() -> None:
    circuit = parse_netlist("* t\nM1 d g\n* between\n\n+ s b ; more\n+ nch w=1u\n")
    assert circuit.devices[0].nets == ("d", "g", "s", "b")
    assert circuit.devices[0].parameters == {"w": 1e-6}
