"""with_marks: what is marked, where its number stands, and pages with several drawings."""

import re
from xml.etree import ElementTree

from eda.circuit import Circuit
from eda.rules import check_report
from eda.schematic import Mark, draw, extract_circuit, findings_page, with_marks
from eda.spice import parse_netlist


def test_devices_and_nets_are_marked_and_nothing_is_joined(miller: Circuit) -> None:
    plain = draw(miller)
    marked = with_marks(
        plain,
        [
            Mark(1, ("M6", "n2"), "error", "why <it> is so"),
            Mark(2, ("vdd",), "warning", "a rail is not coloured"),
            Mark(3, ("M99",), "info", "is not there"),
        ],
    )
    ((one),) = marked.sheets[0].marks
    assert (one.mark.number, len(one.boxes), len(one.paths) > 0) == (1, 1, True)
    svg = marked.svg()
    assert '<g class="mark error" data-mark="1"><title>why &lt;it&gt; is so</title>' in svg
    assert extract_circuit(svg) == extract_circuit(plain.svg())


def test_numbers_stand_where_nothing_is(miller: Circuit) -> None:
    names = [device.name for device in miller.devices]
    marked = with_marks(
        draw(miller), [Mark(at, (name,), "info", "") for at, name in enumerate(names)]
    )
    places = [item.place for item in marked.sheets[0].marks]
    assert len(places) == len(names)
    for at, (x, y) in enumerate(places):
        assert all(abs(x - a) >= 1.8 or abs(y - b) >= 1.8 for a, b in places[:at])


HIERARCHY = (
    "* h\n.subckt cell in out\n"
    + "".join(f"R{at} n{at} n{at + 1} 1k\n" for at in range(20))
    + "R20 in n0 1k\nR21 n20 out 1k\n.ends\nX1 a b cell\nX2 b c cell\n"
)


def test_of_a_path_the_instance_is_marked() -> None:
    drawing = draw(parse_netlist(HIERARCHY))
    marked = with_marks(drawing, [Mark(1, ("x2.r5",), "error", "")])
    top, cell = marked.sheets
    assert len(top.marks) == 1
    assert cell.marks == ()
    x2 = next(item for item in top.placed if item.device.name == "X2")
    (box,) = top.marks[0].boxes
    assert box[0] < x2.x < box[2]


def test_a_line_finds_what_names_do_not() -> None:
    circuit = parse_netlist("* t\nR1 a b 1k\nR2 b 0 1k\n")
    device = circuit.devices[1]
    mark = Mark(1, ("nosuch",), "error", "", device.span.path, device.span.line)
    (found,) = with_marks(draw(circuit), [mark]).sheets[0].marks
    assert len(found.boxes) == 1


def test_a_page_holds_every_sheet_that_is_marked() -> None:
    text = HIERARCHY.replace("R5 n5 n6 1k", "R5 n5 n6 1k\nR5B n5 loose 1k")
    circuit = parse_netlist(text)
    report = check_report(circuit)
    page = findings_page(circuit, report, title="<h>")
    assert [item.rule for item in report.findings if "R5B" in "".join(item.objects)] != []
    assert "<h1>Check: &lt;h&gt;</h1>" in page
    assert page.count("<svg ") == 2
    # Pictures on one page must not meddle with each other: nothing has an id.
    assert re.search(r'\sid="', page) is None


def test_pictures_can_stand_in_one_page_of_html(miller: Circuit) -> None:
    svg = draw(miller).svg()
    assert not svg.startswith("<?xml")
    both = ElementTree.fromstring(f"<body>{svg}{svg}</body>")
    ids = [item.attrib["id"] for item in both.iter() if "id" in item.attrib]
    assert len(ids) == len(set(ids))
    assert len(list(both)) == 2
