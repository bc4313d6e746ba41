"""The examples that the documentation shows: the first answers are right."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

import eda
from eda.errors import SimulatorNotFoundError
from eda.links.train import TrainingPlan
from eda.links.weights import FOLDER, SHIPPED, weights_in
from eda.spice.ngspice_shared import library_path

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


def run(name: str) -> ModuleType:
    """Load an example as a module."""
    spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_design_flow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        library_path()
    except SimulatorNotFoundError as problem:
        pytest.skip(str(problem))
    netlist = EXAMPLES / "pair_question_marks.sp"
    assert run("design_flow").main(netlist, tmp_path) == 0
    said = capsys.readouterr().out
    assert "after: solves; 6 of 6 transistors conduct\n" in said
    written = eda.read_netlist(tmp_path / netlist.name)
    assert "?" not in written.nets
    assert written.device("M2").net("s") == "tail"
    assert "Operating point in ngspice" in (tmp_path / "report.html").read_text()


def test_training_on_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "netlists"
    folder.mkdir()
    for count in range(1, 10):
        stages = "".join(
            f"M{n} n{n} n{n - 1} 0 0 nch\nR{n} n{n} vdd 1k\n" for n in range(1, count + 2)
        )
        text = f"* {count}\nVDD vdd 0 1.8\nVIN n0 0 0.9\n{stages}.model nch nmos level=1\n.end\n"
        (folder / f"c{count}.sp").write_text(text)
    plan = TrainingPlan(steps=1, batch=1, check_every=1)
    start = str(FOLDER / f"{SHIPPED[0]}.safetensors")
    run("train_own").main(folder, tmp_path / "out", minutes=0.001, start=start, plan=plan)
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "9 circuits in 9 netlists"
    assert [line.split(":")[0] for line in said[-4:]] == ["before", "after", "shipped", "own"]
    assert len(weights_in(tmp_path / "out")) == 1
