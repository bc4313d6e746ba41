"""The report page: whole, self-contained, and safe with any name."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from eda.circuit import Circuit
from eda.links import predict_links
from eda.links.html_report import html_report
from eda.links.verify import LinkVerification, Verification
from eda.spice.conduction import Conduction

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Checks that elements are closed in order, and gathers what is shown and linked."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Page:
    parser = Page()
    parser.feed(page)
    assert parser.open == []
    assert parser.links == []
    return parser


def odd(ota: Circuit) -> Circuit:
    """The amplifier with a net that would be markup, and two open pins."""
    names = {"n1": "<script>alert(1)</script>"}
    devices = tuple(
        replace(device, nets=tuple(names.get(net, net) for net in device.nets))
        for device in ota.devices
    )
    devices = tuple(
        replace(d, nets=("n2", "?", "vdd", "vdd")) if d.name == "M4" else d for d in devices
    )
    return Circuit(devices=devices)


def test_a_page_tells_what_was_found_and_escapes_names(ota: Circuit) -> None:
    circuit = odd(ota)
    answers = predict_links(circuit, explain=True)
    page = html_report(circuit, answers, title="a & b.sp")
    shown = read(page).text
    assert "<script>" not in page
    assert "<script>alert(1)</script>" in shown
    assert "Predicted links: a & b.sp" in shown
    assert "1 open pin, 14 devices" in shown
    assert "M4.g" in shown
    assert "by kind of net: inner nets" in shown
    assert "(same: mirror gate" in shown


def test_a_page_tells_what_ngspice_said(ota: Circuit) -> None:
    before = Verification("no_convergence", True, (), (), (), (), "singular matrix")
    on = Conduction("M1", 2e-5, "saturation", True)
    off = Conduction("M2", 1e-12, "off", False)
    after = Verification("ok", True, ("generic_nmos",), ("vdd 1.8 V",), ("X1",), (on, off))
    said = LinkVerification(before, after, (("M4", "g", "tail", before),))
    shown = read(html_report(ota, [], title="t", verification=said)).text
    assert "with generic models and a default bias" in shown
    assert "ngspice, completed: solves; 1 of 2 transistors conduct (off: M2)" in shown
    assert "ngspice, as given: does not solve (no convergence)" in shown
    assert "put on: vdd 1.8 V" in shown
    assert "left out: X1" in shown
    assert "20uA" in shown
