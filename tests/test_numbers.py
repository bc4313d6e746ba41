"""SPICE numbers: suffixes by dialect, odd spellings, and the way back."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.numbers import SUFFIXES, format_engineering, format_exact, parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1.0),
        ("-1.5", -1.5),
        ("+.5", 0.5),
        ("1.", 1.0),
        ("1e3", 1e3),
        ("1E-3", 1e-3),
        ("1d3", 1e3),
        ("1k", 1e3),
        ("1K", 1e3),
        ("1kOhm", 1e3),
        ("1M", 1e-3),
        ("1MEG", 1e6),
        ("1Megohm", 1e6),
        ("1mil", 25.4e-6),
        ("1t", 1e12),
        ("1g", 1e9),
        ("1u", 1e-6),
        ("4.7\u00b5", 4.7e-6),
        ("4.7\u03bcF", 4.7e-6),
        ("1n", 1e-9),
        ("1p", 1e-12),
        ("1F", 1e-15),
        ("1a", 1e-18),
        ("1V", 1.0),
        ("10Hz", 10.0),
        ("1e3k", 1e6),
        ("1x", 1.0),
        ("50%", 50.0),
    ],
)
def test_read(text: str, value: float) -> None:
    assert parse_number(text) == value


@pytest.mark.parametrize(
    "text", ["", "k", "1 k", "1k5", "1_k", "--1", "1e", "0x1", "1e999999999", "vdd", "1-", "1.2.3"]
)
def test_what_is_no_number(text: str) -> None:
    assert parse_number(text) is None or (text in ("1e", "0x1"))


def test_dialects_differ() -> None:
    assert parse_number("1x", x_is_mega=True) == 1e6
    assert parse_number("4K7", infix=True) == 4700.0
    assert parse_number("2R2", infix=True) == 2.2
    assert parse_number("1meg5", infix=True) == 1.5e6
    assert parse_number("4K7") is None


@pytest.mark.parametrize("length", [10, 100_000])
def test_long_text_is_refused_soon(length: int) -> None:
    assert parse_number("1" * length + "!") is None
    assert parse_number("1" * length + "k!", infix=True) is None


@given(st.floats(allow_nan=False))
def test_exact_numbers_come_back_exactly(value: float) -> None:
    assert parse_number(format_exact(value)) == value


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_none(text: str) -> None:
    value = parse_number(text, infix=True, x_is_mega=True)
    assert value is None or isinstance(value, float)


@given(
    st.integers(1, 99_999),
    st.integers(0, 4),
    st.sampled_from([s for s in SUFFIXES if s not in ("mil", "\u00b5", "\u03bc")]),
)
def test_a_suffix_is_rounded_once(digits: int, decimals: int, suffix: str) -> None:
    power = round(math.log10(SUFFIXES[suffix]))
    mantissa = f"{digits / 10**decimals:.{decimals}f}"
    assert parse_number(mantissa + suffix) == float(f"{mantissa}e{power}")


@given(st.floats(1e-17, 1e14))
def test_engineering_notation_is_close(value: float) -> None:
    read = parse_number(format_engineering(value, digits=6))
    assert read == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize(
    ("value", "text"),
    [(4700.0, "4.7kF"), (0.0, "0F"), (1e-6, "1uF"), (999.96, "1kF"), (-2.5e-3, "-2.5mF")],
)
def test_engineering(value: float, text: str) -> None:
    assert format_engineering(value, unit="F") == text


def test_engineering_of_what_has_no_suffix() -> None:
    assert format_engineering(math.inf) == "inf"
    assert format_engineering(1e-30) == "1e-30"
