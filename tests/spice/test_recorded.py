"""The recorded simulator: the real one's face, without ngspice."""

from dataclasses import replace
from pathlib import Path

import pytest

from eda.errors import SimulationError
from eda.spice import (
    Ac,
    Op,
    RecordedSimulator,
    SimulationResult,
    Status,
    parse_netlist,
    simulate,
    simulate_many,
)
from eda.spice.job import Job
from eda.spice.simulator import Options

DECK = parse_netlist("* one resistor\n.param r=1k\nV1 a 0 1\nR1 a 0 {r}\n")


class Counting:
    """Stands for ngspice, and counts."""

    runs = 0

    def run(self, job: Job, options: Options) -> SimulationResult:
        self.runs += 1
        return SimulationResult(Status.OK, measures={"steps": float(len(job.steps))}, log="said")


def test_what_was_recorded_is_answered(tmp_path: Path) -> None:
    real = Counting()
    recording = RecordedSimulator(tmp_path / "new", record=real)
    first = simulate(DECK, Op(), Ac(1, 10), simulator=recording)
    again = simulate(DECK, Op(), Ac(1, 10), simulator=recording)
    assert real.runs == 1
    assert again == first
    assert again.measures == {"steps": 2}
    played = RecordedSimulator(tmp_path / "new")
    assert simulate(DECK, Op(), Ac(1, 10), simulator=played) == first
    many = simulate_many([DECK, DECK], Op(), Ac(1, 10), simulator=played)
    assert many == [first, first]


@pytest.mark.parametrize("change", ["analysis", "parameter", "deck"])
def test_anything_else_is_another_simulation(change: str, tmp_path: Path) -> None:
    simulate(DECK, Op(), simulator=RecordedSimulator(tmp_path, record=Counting()))
    deck = replace(DECK, title="another") if change == "deck" else DECK
    analysis = Ac(1, 10) if change == "analysis" else Op()
    parameters = {"r": 2e3} if change == "parameter" else None
    with pytest.raises(SimulationError) as caught:
        simulate(deck, analysis, parameters=parameters, simulator=RecordedSimulator(tmp_path))
    assert str(caught.value) == (
        f"there is no recording of this simulation in {tmp_path}; record it with "
        "RecordedSimulator(folder, record=NGSPICE) where ngspice is installed"
    )


def test_a_damaged_recording_is_told(tmp_path: Path) -> None:
    simulate(DECK, Op(), simulator=RecordedSimulator(tmp_path, record=Counting()))
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"rubbish")
    with pytest.raises(SimulationError, match=r"the recording is damaged: .*; record it anew$"):
        simulate(DECK, Op(), simulator=RecordedSimulator(tmp_path))
