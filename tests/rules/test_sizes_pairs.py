"""Sizes, bins, differential pairs, mirrors and voltage domains, on netlists as they are read."""

import pytest

from eda.rules import check
from eda.rules.sizes import length_text
from eda.spice import parse_netlist

PAIR = """* pair
.subckt pair inp inn outp outn vb vdd vss
M1 outn inp tail vss nch {first}
M2 outp inn tail vss {model} {second}
{tail}
R1 vdd outn 10k
R2 vdd outp 10k
.ends
"""
TAIL = "M3 tail vb vss vss nch w=20u l=1u"


def told(text: str, *rules: str) -> list[tuple[str, str]]:
    found = check(parse_netlist(text, strict=False), rules=rules)
    return [(item.severity, item.message) for item in found]


def sized(sizes: str, *, model: str = "nch", more: str = "") -> list[tuple[str, str]]:
    text = f"* t\nV1 d 0 1\nM1 d d 0 0 {model} {sizes}\n{more}\n.end\n"
    return told(text, "size_out_of_range")


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ("W=80 L=1", "W=80 m of M1: metres and micrometres were confused"),
        ("W=10u L=2", "L=2 m of M1: metres and micrometres were confused"),
        ("W=10u L=1p", "L=0.001 nm of M1: metres and micrometres were confused"),
        ("W=0 L=1u", "W=0 nm of M1: metres and micrometres were confused"),
    ],
)
def test_a_slip_of_the_unit(sizes: str, message: str) -> None:
    assert sized(sizes) == [("error", message)]


@pytest.mark.parametrize("sizes", ["", "W=10u L=1u", "W=50m L=1u", "W=7n L=100u", "W={w} L=1u"])
def test_sizes_that_may_be_meant(sizes: str) -> None:
    assert sized(sizes, more=".param w=1u") == []


def test_the_scale_of_the_file_counts() -> None:
    assert sized("W=80 L=1", more=".option scale=1u") == []
    cell = "* t\n.option scale=0.05u\n.subckt a d g s\nX0 d g s s nmos_3p3 w=34 l=6\n.ends\n"
    assert told(cell, "size_out_of_range") == []


def test_sizes_of_a_kit_are_in_its_unit() -> None:
    model = "sky130_fd_pr__nfet_01v8"
    line = "* t\n.subckt a d g s\nXM1 d g s s {} {}\n.ends\n"
    for sizes in ("w=1 l=0.15", "w=1u l=0.15u"):
        # The reader takes the second, common slip for what it is.
        assert told(line.format(model, sizes), "size_out_of_range") == []
    wrong = told(line.format(model, "w=1 l=1500"), "size_out_of_range")
    assert wrong == [("error", "L=1.5 mm of XM1: metres and micrometres were confused")]


def test_a_missing_file_may_hold_the_scale() -> None:
    assert sized("W=80 L=1", more=".include missing.inc")[0][0] == "warning"


def test_bounds_of_a_card_and_of_bins() -> None:
    card = ".model nch{} nmos lmin={} lmax={} wmin=1u wmax=10u"
    one = card.format("", "0.1u", "1u")
    assert sized("W=5u L=1u", more=one) == []
    assert sized("W=5u L=2u", more=one) == [
        ("warning", "L=2 um of M1 is outside what model nch covers")
    ]
    bins = f"{card.format('.1', '0.1u', '1u')}\n{card.format('.2', '1u', '20u')}"
    assert sized("W=5u L=2u", more=bins) == []
    assert sized("W=40u L=2u nf=8", more=bins) == []
    (found,) = check(
        parse_netlist(f"* t\nV1 d 0 1\nM1 d d 0 0 nch W=5u L=50u\n{bins}\n", strict=False),
        rules=["size_out_of_range"],
    )
    assert (found.severity, found.message, found.fix) == (
        "error",
        "L=50 um of M1 is outside what model nch covers",
        "choose a size within W 1 um to 10 um, L 100 nm to 20 um, or a model that covers it",
    )


def test_lengths_are_written_with_their_unit() -> None:
    assert [length_text(value) for value in (2.0, 5e-3, 1e-6, 3e-8)] == [
        *("2 m", "5 mm", "1 um", "30 nm"),
    ]


@pytest.mark.parametrize(
    ("first", "second", "model", "differs"),
    [
        ("w=10u l=1u", "w=10u l=1u", "nch", ""),
        ("w=10u l=1u", "w=12u l=1u", "nch", "w"),
        ("w=10u l=1u", "w=10u l=2u m=2", "nch", "l, m"),
        ("w=10u l=1u", "w=10u l=1u m=1", "nch", ""),
        ("w=10u l=1u", "w=10u l=1u", "nch_lvt", "model"),
        ("w='x' l=1u", "w='y' l=1u", "nch", ""),
        ("", "w=1u l=1u", "nch", ""),
    ],
)
def test_pairs(first: str, second: str, model: str, differs: str) -> None:
    text = PAIR.format(first=first, second=second, model=model, tail=TAIL)
    message = f"M1 and M2 are a differential pair and differ in {differs}"
    assert told(text, "asymmetric_pair") == ([("warning", message)] if differs else [])


@pytest.mark.parametrize(
    "tail",
    ["", "M3 tail vb vdd vdd pch w=20u l=1u", f"{TAIL}\nM4 outp tail vss vss nch w=1u l=1u"],
)
def test_what_only_looks_like_a_pair(tail: str) -> None:
    text = PAIR.format(first="w=1u l=1u", second="w=2u l=1u", model="nch", tail=tail)
    assert told(text, "asymmetric_pair") == []


def test_mirrors_have_one_length() -> None:
    card = (
        "* t\n.subckt m i o vss\nM1 i i vss vss nch w=1u l=1u\nM2 o i {} vss nch w=9u l={}\n.ends"
    )
    assert told(card.format("vss", "1u"), "mirror_length_mismatch") == []
    assert told(card.format("deg", "2u"), "mirror_length_mismatch") == []
    assert told(card.format("vss", "2u"), "mirror_length_mismatch") == [
        ("warning", "M2 mirrors M1 with another channel length")
    ]


def test_domains_are_told_where_supply_and_kit_are_known() -> None:
    deck = (
        "* t\nV1 vdd 0 {}\nV2 vio vdd 1.5\nXM1 out in vio vio sky130_fd_pr__pfet_{} w=1 l=0.5\n"
        "R1 out 0 1k\nR2 in 0 1k\n"
    )
    assert told(deck.format("1.8", "g5v0d10v5"), "voltage_domain") == []
    assert told(deck.format("1.8", "01v8"), "voltage_domain") == [
        ("warning", "XM1 (sky130_fd_pr__pfet_01v8) is made for 1.8 V and stands across 3.3 V")
    ]
    assert told(deck.format("0.3", "01v8"), "voltage_domain") == []
    assert told(deck.format("pulse(0 5 0 1n 1n 5n 10n)", "01v8"), "voltage_domain") == []
