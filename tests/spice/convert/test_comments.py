"""Comments and include cards on their way into another dialect."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import ConversionError, InputError
from eda.rules import check
from eda.spice import parse_netlist, read_netlist
from eda.spice.convert import WRITTEN, convert

DECK = """* title here
*%waive dangling_net n1
* a second line
.param k=3 ; gain of it
*****
* the load
.model nch nmos level=1 $ simple
.subckt s a ; the cell
* inner
R1 a 0 1k ; load
* last inner
.ends
X1 n s
* bold
R2 n 0 2k $ two
+ tc1=1m ; more
.op
* the end
.control
* inside of a control block
op
.endc
.end
"""
SAID = (
    *("%waive dangling_net n1", "a second line", "gain of it", "the load", "simple", "the cell"),
    *("inner", "load", "last inner", "bold", "two", "more", "the end"),
)


@pytest.mark.parametrize("to", ["ngspice", "hspice", "ltspice", "pspice", "spectre"])
def test_comments_stand_before_their_cards(to: str) -> None:
    circuit = parse_netlist(DECK)
    made = convert(circuit, to=to)
    mark = "//" if to == "spectre" else "*"
    comments = [
        line.removeprefix(mark).strip()
        for line in made.text.split("\n")[2:]
        if line.startswith(mark) and "inside of" not in line
    ]
    assert comments == list(SAID)
    lines = made.text.split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("R2 "))
    assert [line.removeprefix(mark).strip() for line in lines[at - 3 : at]] == [
        *("bold", "two", "more")
    ]
    # They change nothing, and once more they are the same.
    again = parse_netlist(made.text)
    assert again.devices == parse_netlist(convert(circuit, to=to, comments=False).text).devices
    assert [line for line in convert(again, to=to).text.split("\n") if line.startswith(mark)] == [
        line for line in made.text.split("\n") if line.startswith(mark)
    ]


def test_waivers_go_along() -> None:
    circuit = parse_netlist("* t\n*%waive dangling_net n1\nV1 a 0 1\nR1 a n1 1k\nR2 a 0 1k\n.op\n")
    assert check(circuit) == ()
    assert check(parse_netlist(convert(circuit, to="hspice").text)) == ()


def test_a_comment_beside_what_cannot_be_said_is_reported() -> None:
    circuit = parse_netlist("* t\nR1 a 0 1k\n* the supply\nV1 a 0 1\n* after\nR2 a 0 1k\n")
    made = convert(circuit, to="cdl")
    assert [item.message for item in made.dropped] == [
        "V1: cdl has no vsource",
        "the comment: the supply",
    ]
    assert "* after" in made.text


def test_verilog_and_cdl_comments() -> None:
    text = (
        "// top\nmodule m(input a, output y);\n  // the gate\n"
        "  INV u1 (.A(a), .Y(y)); /* last */\nendmodule\n"
    )
    made = convert(parse_netlist(text), to="verilog").text
    assert "    // the gate\n    // last\n    INV u1" in made
    assert "* the gate" in convert(parse_netlist(text), to="cdl").text


def test_a_comment_is_no_card() -> None:
    circuit = parse_netlist("* t\n*. PININFO looks like a card\n* dialect: spectre\nR1 a 0 1\\\n")
    for to in WRITTEN[:-1]:
        again = parse_netlist(convert(circuit, to=to).text)
        assert (again.dialect, len(again.devices), again.errors) == (to, 1, ())


@settings(max_examples=60)
@given(st.text(max_size=40).filter(lambda text: "\0" not in text), st.sampled_from(WRITTEN[:-1]))
def test_any_comment_is_only_a_comment(text: str, to: str) -> None:
    circuit = parse_netlist(f"* t\nR1 a 0 1k\n*{text}\nR2 a 0 1k\n", strict=False)
    if len(circuit.devices) != 2 or circuit.errors:
        return  # a line end in the text made a card of it
    again = parse_netlist(convert(circuit, to=to).text, strict=False)
    assert [device.nets for device in again.devices] == [("a", "0")] * 2
    assert again.errors == ()


# -- includes -----------------------------------------------------------------------------------


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    (tmp_path / "models.inc").write_text(
        ".model nch nmos level=1\n.param q=2\n.subckt cellx p n\nR1 p n 1k\n.ends\nRinc z 0 {q}\n"
    )
    (tmp_path / "corner.lib").write_text(".lib tt\n.model pch pmos\n.endl\n")
    top = tmp_path / "top.sp"
    top.write_text(
        "* top\n.include \"models.inc\"\n.lib 'corner.lib' tt\n.include missing.inc\n.param w=1u\n"
        "X1 a b cellx\nM1 a b 0 0 nch w={w} l=1u\nM2 a b 0 0 pch w={w} l=1u\n.op\n.end\n"
    )
    return top


def test_includes_are_followed(deck: Path) -> None:
    made = convert(read_netlist(deck), to="hspice")
    assert "Rinc z 0 'q'" in made.text
    assert ".include" not in made.text
    assert [item.message for item in made.dropped] == ["missing.inc is not read: it was not found"]


@pytest.mark.parametrize(
    ("to", "cards"),
    [
        ("ngspice", ['.include "models.inc"', '.lib "corner.lib" tt', '.include "missing.inc"']),
        ("hspice", [".include 'models.inc'", ".lib 'corner.lib' tt", ".include 'missing.inc'"]),
        (
            "spectre",
            ['include "models.inc"', 'include "corner.lib" section=tt', 'include "missing.inc"'],
        ),
    ],
)
def test_includes_may_stay(deck: Path, to: str, cards: list[str]) -> None:
    made = convert(read_netlist(deck), to=to, keep_includes=True, strict=True)
    assert [line for line in made.text.split("\n") if "inc" in line or "lib" in line] == cards
    assert [item.span.line for item in made.kept] == [2, 3, 4]
    assert "Rinc" not in made.text
    assert "q=2" not in made.text.replace(" ", "")
    # Beside the same files it is the same circuit.
    if to == "ngspice":
        (deck.parent / "again.sp").write_text(made.text)
        again = read_netlist(deck.parent / "again.sp").flatten()
        names = {device.name for device in again.devices}
        assert names == {"X1.R1", "M1", "M2", "Rinc"}


def test_sections_that_a_dialect_lacks_are_told(deck: Path) -> None:
    circuit = read_netlist(deck)
    made = convert(circuit, to="ltspice", keep_includes=True)
    assert [item.message for item in made.dropped] == [
        ".lib 'corner.lib' tt: ltspice has no sections of libraries"
    ]
    assert [item.span.line for item in made.kept] == [2, 4]
    with pytest.raises(ConversionError, match="ltspice has no sections of libraries"):
        convert(circuit, to="ltspice", keep_includes=True, strict=True)


def test_a_flat_circuit_keeps_no_includes(deck: Path) -> None:
    with pytest.raises(InputError, match=r"^a flat circuit holds what its includes say; leave one"):
        convert(read_netlist(deck), to="hspice", keep_includes=True, flat=True)
