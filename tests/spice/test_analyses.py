"""Typed analyses: cards read, commands written, and nothing in them that ngspice would obey."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.errors import InputError
from eda.spice import Ac, Dc, Noise, Op, Sp, Tran, analyses_of, parse_netlist
from eda.spice.analyses import Analysis, from_card, spelled_name


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        (".op", Op()),
        (".dc V1 0 1.8 10m", Dc("V1", 0, 1.8, 0.01)),
        (".dc vd 0 1 0.1 vg 0 2 1", Dc("vd", 0, 1, 0.1, Dc("vg", 0, 2, 1))),
        (".dc temp -40 125 5", Dc("temp", -40, 125, 5)),
        (".AC DEC 10 1 1MEG", Ac(1, 1e6, 10)),
        (".ac lin 1 1k 1k", Ac(1e3, 1e3, 1, "lin")),
        (".tran 1n 1u", Tran(1e-9, 1e-6)),
        (".tran 1n 1u 10n 2n UIC", Tran(1e-9, 1e-6, 1e-8, 2e-9, True)),
        (".noise v(out) vin dec 10 1 1g", Noise("out", "vin", 1, 1e9, 10)),
        (".noise V( out , ref ) vin dec 10 1 1g", Noise("out", "vin", 1, 1e9, 10, "dec", "ref")),
        (".sp lin 101 1meg 1g", Sp(1e6, 1e9, 101)),
        (".sp dec 5 1meg 1g 1", Sp(1e6, 1e9, 5, "dec", True)),
    ],
)
def test_cards_are_read(card: str, expected: Analysis) -> None:
    assert from_card(card) == expected


@pytest.mark.parametrize(
    ("card", "message"),
    [
        (
            ".four 1k v(out)",
            "'.four 1k v(out)' is none of the analyses op, dc, ac, tran, noise, sp",
        ),
        (".ac dec 10 1", "'.ac dec 10 1': write it as ac dec POINTS START STOP"),
        (".ac dec 0 1 10", "ac: the number of points must be a whole number from 1"),
        (".ac dec 5 0 10", "ac: frequencies from 0 to 10 Hz are no range"),
        (".tran 0 0", "tran: step and stop must be greater than zero"),
        (".tran 1n {tstop}", "'.tran 1n {tstop}': '{tstop}' has no value; write a number there"),
        (".dc v1 0 1 -0.1", "dc: a step of -0.1 never leads to 1"),
        (
            ".noise out vin dec 1 1 10",
            "'.noise out vin dec 1 1 10': write it as noise v(OUT) SOURCE dec POINTS START STOP",
        ),
    ],
)
def test_cards_that_make_no_sense(card: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        from_card(card)
    assert str(caught.value) == message


def test_expressions_are_worked_out_with_the_parameters_of_the_deck() -> None:
    deck = "* d\n.param f=1k n={2*5}\nV1 a 0 1\nR1 a 0 1\n.ac dec {n} 1 'f*1e3'\n.tran {1/f} 1\n"
    assert analyses_of(parse_netlist(deck)) == (Ac(1, 1e6, 10), Tran(1e-3, 1))


@pytest.mark.parametrize("name", ["v1;shell ls", "v1 > file", "`ls`", "$HOME", "v1\nshell ls", ""])
def test_names_that_ngspice_would_obey_are_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        Dc(name, 0, 1, 0.1)
    assert str(caught.value) == f"dc: {name!r} is no name of a device or net"
    with pytest.raises(InputError):
        Noise(name, "v1", 1, 10)


def test_names_are_in_ngspices_spelling_and_in_lower_case() -> None:
    assert Dc("X1.V2", 0, 1, 1).command() == "dc v.x1.v2 0 1 1"
    assert Noise("OUT", "Vin", 1, 10, 5, "dec", "REF").command() == (
        "noise v(out,ref) vin dec 5 1 10"
    )
    assert spelled_name("m.x1.m1") == "m.x1.m1"


_NUMBERS = st.floats(1e-15, 1e15)


@st.composite
def _analyses(draw: st.DrawFn) -> Analysis:
    low, high = sorted((draw(_NUMBERS), draw(_NUMBERS)))
    points = draw(st.integers(1, 10_000))
    spacing = draw(st.sampled_from(("dec", "oct", "lin")))
    name = draw(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True))
    made: list[Analysis] = [
        Op(),
        Ac(low, high, points, spacing),  # type: ignore[arg-type]
        Sp(low, high, points, spacing, draw(st.booleans())),  # type: ignore[arg-type]
        Noise(name, f"v{name}", low, high, points, spacing),  # type: ignore[arg-type]
        Tran(low, high, 0.0, draw(st.none() | _NUMBERS), draw(st.booleans())),
        Dc(f"v{name}", low, high, low, draw(st.none() | st.just(Dc("temp", 0, 100, 50)))),
    ]
    return draw(st.sampled_from(made))


@given(_analyses())
def test_a_command_reads_back_as_the_same_analysis(analysis: Analysis) -> None:
    assert from_card(analysis.command()) == analysis
