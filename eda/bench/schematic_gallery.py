"""The gallery of drawings: one page and its pictures, all made from netlists by one command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.aig import Aig
from eda.rules import check_report
from eda.schematic import Guess, Mark, draw, with_guesses, with_marks
from eda.spice import parse_netlist, read_netlist

if TYPE_CHECKING:
    from pathlib import Path

    from eda.schematic import Drawing

ANNOTATED: Final = {
    "miller_opamp": "Two-stage op-amp",
    "folded_cascode": "Folded cascode",
    "strongarm": "StrongARM comparator",
    "bandgap_core": "Bandgap core",
    "lc_ladder5": "LC ladder",
    "lc_vco": "LC oscillator",
    "inverter_ring3": "Ring oscillator, flattened",
    "sallen_key": "Sallen-Key filter",
    "beta_multiplier": "Beta multiplier",
    "fd_folded_cascode": "Fully differential folded cascode",
}

BIPOLAR: Final = """* bipolar amplifier
.subckt amp inp inn out vcc vee
Q1 n1 inp tail qn
Q2 n2 inn tail qn
Q3 n1 n1 vcc qp
Q4 n2 n1 vcc qp
Q5 tail nb vee qn
Q6 nb nb vee qn
RB vcc nb 43k
Q7 out n2 vcc qp
Q8 out nb vee qn
CC n2 out 10p
.ends
.model qn npn
.model qp pnp
"""

RECTIFIER: Final = """* rectifier with a regulator
VAC ac 0 sin(0 12 50)
D1 ac p1 dx
D2 0 ac dx
RS p1 p2 1
C1 p2 0 470u
RZ p2 ref 1k
DZ 0 ref dz
Q1 p2 ref out qn
RL out 0 100
C2 out 0 10u
.model dx d
.model dz d
.model qn npn
"""

SOURCES: Final = """* controlled sources and switches
.subckt model inp inn out
RIN inp inn 1meg
G1 0 x inp inn 1m
R1 x 0 100k
C1 x 0 16n
E1 y 0 x 0 1
RO y z 50
S1 z out ctl 0 sw
VC ctl 0 pulse(0 1 0 1n 1n 1u 2u)
.ends
.model sw sw
"""

HIERARCHY: Final = (
    "* eight slices\n.subckt slice in out vb vdd vss\n"
    "M1 x in t vss nch\nM2 out x t vss nch\nM3 t vb vss vss nch\n"
    "M4 x x vdd vdd pch\nM5 out x vdd vdd pch\nC1 out vss 1p\n.ends\n"
    "X1 in n1 vb vdd 0 slice\n"
    + "".join(f"X{at} n{at - 1} n{at} vb vdd 0 slice\n" for at in range(2, 8))
    + "X8 n7 out vb vdd 0 slice\nVDD vdd 0 1.8\nVB vb 0 0.6\nCL out 0 1p\n"
    ".model nch nmos\n.model pch pmos\n"
)

OPEN: Final = """* an op-amp with an open gate and a loose resistor
.subckt amp inp inn out nb vdd vss
M1 n1 inn tail vss nch
M2 n2 inp tail vss nch
M3 n1 n1 vdd vdd pch
M4 n2 open vdd vdd pch
M5 tail nb vss vss nch
M6 out n2 vdd vdd pch
M7 out nb vss vss nch
RX out nx 1k
.ends
.model nch nmos
.model pch pmos
"""


def full_adder() -> Aig:
    """Return a full adder of seven ANDs."""
    return Aig.from_dict(
        {
            "num_inputs": 3,
            "fanins": [[4, 2], [5, 3], [11, 9], [12, 6], [13, 7], [17, 15], [9, 15]],
            "outputs": [18, 21],
            "input_names": ("a", "b", "carry"),
            "output_names": ("sum", "carry_out"),
        }
    )


def made(netlists: Path, *, seed: int = 0) -> dict[str, tuple[str, Drawing]]:
    """Return a title and a drawing by name, in the order of the page."""
    found = {}
    for name, title in ANNOTATED.items():
        path = netlists / f"{name}.sp"
        if path.is_file():
            found[name] = title, draw(read_netlist(path).flatten(), seed=seed)
    for name, title, text in (
        ("bipolar", "Bipolar op-amp", BIPOLAR),
        ("rectifier", "Diodes, a reference and a regulator", RECTIFIER),
        ("sources", "Controlled sources and a switch", SOURCES),
        ("hierarchy", "Above 40 devices: boxes, and a sheet for each subcircuit", HIERARCHY),
    ):
        found[name] = title, draw(parse_netlist(text), seed=seed)
    circuit = parse_netlist(OPEN)
    plain = draw(circuit, seed=seed)
    guesses = [Guess("M4", "g", "n1", 0.93)]
    found["guess"] = "A predicted link, as eda predict-links shows it", with_guesses(plain, guesses)
    marks = [
        Mark(number, item.objects, item.severity, item.message, item.file, item.line)
        for number, item in enumerate(check_report(circuit).findings, 1)
    ]
    found["marks"] = "Findings, as eda check --report marks them", with_marks(plain, marks)
    found["adder"] = "A full adder as an and-inverter graph", draw(full_adder())
    return found


def write_gallery(folder: Path, netlists: Path, *, seed: int = 0) -> list[Path]:
    """Write ``gallery.md`` and ``pictures/draw_*.svg``, and return all files."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    lines = [
        "# Gallery of schematics",
        "",
        "All made from bare netlists by [`eda draw`](draw.md), none touched afterwards:",
        "`eda bench schematic --gallery docs` writes this page.",
    ]
    written = []
    for name, (title, drawing) in made(netlists, seed=seed).items():
        written += drawing.write(pictures / f"draw_{name}.svg")
        lines += ["", f"## {title}", ""]
        lines += [
            f"![{title}](pictures/{path.name})"
            for path in drawing.paths(pictures / f"draw_{name}.svg")
        ]
    page = folder / "gallery.md"
    page.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return [page, *written]
