"""The examples that the documentation shows: the first answers are right."""

from __future__ import annotations

from pathlib import Path

import pytest

import eda

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = pytest.mark.skipif(not EXAMPLES.exists(), reason="no examples beside the tests")


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("ota_open_pin.sp", {("M4", "g"): "n1"}),
        (
            "pair_question_marks.sp",
            {("M0", "g"): "vb", ("M2", "s"): "tail", ("M4", "b"): "vdd"},
        ),
    ],
)
def test_the_first_answer_is_right(name: str, right: dict[tuple[str, str], str]) -> None:
    answers = eda.predict_links(eda.read_netlist(EXAMPLES / name))
    assert {(a.device, a.pin): a.candidates[0].net for a in answers} == right
    assert {(a.device, a.pin): a.joint for a in answers} == right
    assert all(not a.candidates[0].findings for a in answers)


def test_completing_an_example_changes_only_the_open_pins() -> None:
    from eda.links import complete_circuit

    circuit = eda.read_netlist(EXAMPLES / "pair_question_marks.sp")
    completed = complete_circuit(circuit, eda.predict_links(circuit))
    assert circuit.source is not None
    assert completed.source is not None
    before, after = circuit.source.text.splitlines(), completed.source.text.splitlines()
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert [b.split()[0] for _, b in changed] == ["M0", "M2", "M4"]
    assert all("?" in a and "?" not in b for a, b in changed)
