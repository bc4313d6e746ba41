"""Designs: positions and values, CSV files, and what is said of those that cannot be used."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.errors import InputError
from eda.spice import Case, example_case
from eda.surrogate.designs import design_array, from_unit, read_designs, to_unit


@given(st.lists(st.floats(0.0, 1.0), min_size=11, max_size=11))
def test_positions_come_back(unit: list[float]) -> None:
    case = example_case()
    designs = from_unit(case, np.array([unit]))
    back = to_unit(case, designs)[0]
    whole = [item.kind == "integer" for item in case.design_parameters]
    assert np.abs(back - unit)[~np.array(whole)].max() < 1e-9
    assert design_array(case, designs).shape == (1, 11)  # every one of them is allowed
    assert float(designs[0, whole].sum()).is_integer()


def test_columns_may_stand_in_any_order(tiny: Case, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("rd,w\n2e4,1e-5\n\n3e4,2e-5\n", "utf-8")
    assert read_designs(tiny, path).tolist() == [[1e-5, 2e4], [2e-5, 3e4]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: the header lacks w, rd; the columns of tiny are w,rd"),
        ("w\n1e-5\n", ":1: the header lacks rd; the columns of tiny are w,rd"),
        ("w,rd,x\n", ":1: the header has x; the columns of tiny are w,rd"),
        ("w,rd,w\n", ":1: the header names a column twice; the columns of tiny are w,rd"),
        ("w,rd\n", " has no designs below its header"),
        ("w,rd\n1e-5\n", ":2: 1 cells; there are 2 columns"),
        ("w,rd\n1e-5,two\n", ":2: rd is 'two', which is no number"),
        ("w,rd\n1e-5,nan\n", ":2: rd is nan; give a finite number"),
        ("w,rd\n1e-5,2e4\n1e-5,2e9\n", ":3: rd is 2e+09; it must be from 2000 to 100000"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    tiny: Case, tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "d.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        read_designs(tiny, path)
    assert str(caught.value) == f"{path}{message}"


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "d.csv"
    path.write_bytes(data)
    with pytest.raises(InputError):
        read_designs(example_case(), path)


def test_whole_numbers_stay_whole() -> None:
    case = example_case()
    row = list(case.nominal.values())
    row[5] = 2.5
    with pytest.raises(InputError, match=r"^design 1: m_out is 2.5; it must be a whole number fr"):
        design_array(case, [row])
    with pytest.raises(InputError, match=r"^designs have the shape \(11,\); opamp2 wants rows of"):
        design_array(case, row)
