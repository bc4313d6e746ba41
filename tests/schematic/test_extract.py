"""extract_circuit: what it reads out of small pictures, and what it complains of."""

import pytest

from eda.errors import InputError
from eda.schematic import extract_circuit


def svg(body: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>'


def device(name: str, *pins: tuple[str, int, int]) -> str:
    inside = "".join(f'<circle data-pin="{role}" cx="{x}" cy="{y}"/>' for role, x, y in pins)
    return f'<g data-device="{name}" data-kind="resistor">{inside}</g>'


def test_wires_join_pins_they_end_on() -> None:
    found = extract_circuit(
        svg(
            device("R1", ("p", 0, 0), ("n", 0, 60))
            + device("R2", ("p", 40, 0), ("n", 40, 60))
            + '<g data-net="a"><polyline points="0,0 40,0"/></g>'
            + '<g data-net="b"><line x1="0" y1="60" x2="20" y2="60"/>'
            + '<path d="M 20 60 H 40"/></g>'
        )
    )
    assert found.problems == []
    assert found.nets == {"a": [("r1", "p"), ("r2", "p")], "b": [("r1", "n"), ("r2", "n")]}


CROSS = (
    device("R1", ("p", 0, 50), ("n", 100, 50))
    + device("R2", ("p", 50, 0), ("n", 50, 100))
    + '<g data-net="a"><polyline points="0,50 100,50"/></g>'
    + '<g data-net="{name}"><polyline points="50,0 50,100"/>{dot}</g>'
)


def test_wires_that_cross_do_not_connect() -> None:
    found = extract_circuit(svg(CROSS.format(name="b", dot="")))
    assert found.problems == []
    assert found.nets == {"a": [("r1", "p"), ("r1", "n")], "b": [("r2", "p"), ("r2", "n")]}


def test_a_dot_connects_and_two_names_on_one_wire_are_a_fault() -> None:
    found = extract_circuit(svg(CROSS.format(name="b", dot='<circle cx="50" cy="50" r="2"/>')))
    assert found.problems == ["one piece of wire is called a and b"]


def test_pieces_without_names_are_a_fault() -> None:
    found = extract_circuit(svg(CROSS.format(name="a", dot="")))
    assert found.problems == ["'a' is in 2 pieces, not all with a name"]


def test_names_join_pieces() -> None:
    names = '<text x="0" y="48">a</text><text x="50" y="-4">a</text>'
    found = extract_circuit(svg(CROSS.format(name="a", dot=names)))
    # The first group has no name, but its wire is the nearest to one of the names.
    assert found.problems == []
    assert found.pieces == {"a": 2}


def test_a_pin_on_nothing_and_a_name_far_away() -> None:
    body = (
        device("R1", ("p", 0, 0), ("n", 0, 60)) + '<g data-net="a"><text x="99" y="0">a</text></g>'
    )
    found = extract_circuit(svg(body))
    assert found.problems == [
        "the name 'a' at (99.0, 0.0) names nothing",
        "nothing says on which net r1.p is",
        "nothing says on which net r1.n is",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<svg", r"^the picture is no XML: "),
        ("<!DOCTYPE x><svg/>", r"^the picture declares a document type; give plain SVG$"),
        (svg('<g transform="scale(2)"/>'), r"^the picture has a transform, which is not followed"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        extract_circuit(text)


def test_the_picture_needs_no_variables_of_css() -> None:
    """Inkscape, librsvg and office programs show what they cannot resolve as black."""
    from eda.schematic import draw
    from eda.spice import parse_netlist

    text = draw(parse_netlist("divider\nR1 in out 1k\nR2 out 0 1k\n")).svg()
    assert "var(" not in text
    assert "prefers-color-scheme: dark" in text
