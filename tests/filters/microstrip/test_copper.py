"""Copper in the formats of board houses, read back by other libraries."""

import io
import re
from pathlib import Path

import pytest

from eda.filters.microstrip.copper import dxf_text, gds_bytes, kicad_footprint, rectangles
from eda.filters.microstrip.layout import Layout, Strip, Via
from eda.filters.microstrip.picture import layout_svg


@pytest.fixture
def layout() -> Layout:
    strips = (
        Strip("main", (0.0, 0.0), (12.34, 0.0), 1.13, ("p1", "p2")),
        Strip("stub", (6.0, 0.565), (6.0, 7.5), 0.4, ("n", "g")),
    )
    return Layout("stub", 1, strips, (), ("p1", "p2"), vias=(Via("g", (6.0, 7.5), 0.3),))


def test_dxf_is_read_by_ezdxf(layout: Layout) -> None:
    ezdxf = pytest.importorskip("ezdxf")
    document = ezdxf.read(io.StringIO(dxf_text(layout)))
    found = [
        [(round(v.dxf.location.x, 6), round(v.dxf.location.y, 6)) for v in line.vertices]
        for line in document.modelspace().query("POLYLINE")
    ]
    assert found == [[(x, y) for x, y in corners] for _, corners in rectangles(layout)]
    assert all(line.is_closed for line in document.modelspace().query("POLYLINE"))
    holes = [(c.dxf.center.x, c.dxf.center.y, c.dxf.radius) for c in document.query("CIRCLE")]
    assert holes == [(6.0, 7.5, 0.15)]


def test_gds_is_read_by_gdstk(layout: Layout, tmp_path: Path) -> None:
    gdstk = pytest.importorskip("gdstk")
    path = tmp_path / "filter.gds"
    path.write_bytes(gds_bytes(layout, "my filter"))
    library = gdstk.read_gds(str(path))
    assert library.unit == pytest.approx(1e-6)
    assert library.precision == pytest.approx(1e-9)
    cell = library.cells[0]
    assert cell.name == "my_filter"
    copper = [p for p in cell.polygons if p.layer == 1]
    areas = sorted(p.area() for p in copper)
    assert areas == pytest.approx(sorted([12340 * 1130, 6935 * 400]))
    (hole,) = (p for p in cell.polygons if p.layer == 2)
    assert hole.area() == pytest.approx(3.1416 * 150**2, rel=0.01)


def test_kicad_has_polygons_pads_and_holes(layout: Layout) -> None:
    text = kicad_footprint(layout, "a b")
    assert text.startswith('(footprint "a_b"')
    assert text.count("fp_poly") == 2
    assert re.findall(r'\(pad "(\d)" (\w+)', text) == [
        ("1", "smd"),
        ("2", "smd"),
        ("3", "thru_hole"),
    ]
    assert text.count("(") == text.count(")")


def test_the_picture_is_to_scale(layout: Layout) -> None:
    svg = layout_svg(layout, title="<filter>")
    boxes = re.findall(r'width="([\d.]+)" height="([\d.]+)" fill="#b8732e"', svg)
    (main_w, main_h), (_, stub_h) = [(float(a), float(b)) for a, b in boxes]
    assert main_w / main_h == pytest.approx(12.34 / 1.13, rel=1e-2)
    assert stub_h / main_w == pytest.approx(6.935 / 12.34, rel=1e-2)
    assert "&lt;filter&gt;" in svg
