"""What the equations say, beside what ngspice says."""

import numpy as np
import pytest

from eda.spice import Case, example_case
from eda.spice.case_golden import read_golden
from eda.surrogate.data import CaseData
from eda.surrogate.graphs import GraphReader
from eda.surrogate.physics import Physics
from eda.surrogate.samples import topology_of
from eda.surrogate.scales import is_defined, learned
from eda.surrogate.wiring import NotSolvable, flat_at, read_wiring


@pytest.fixture(scope="module")
def tiny_physics(tiny: Case, ngspice: None) -> Physics:
    return Physics(tiny, workers=1)


def test_values_follow_the_design(tiny: Case) -> None:
    wiring = read_wiring(tiny)
    rng = np.random.default_rng(3)
    designs = np.stack([rng.uniform(2e-6, 4e-5, 5), rng.uniform(2e3, 1e5, 5)], axis=1)
    for device in wiring.devices:
        for name in device.parameters:
            if (device.name, name) in wiring.quantities:
                found = wiring.value(device, name, designs, 0.0)
                flats = [flat_at(tiny, row).device(device.name) for row in designs]
                assert found == pytest.approx([item.parameters[name] for item in flats])


def test_a_stage_as_ngspice_has_it(tiny: Case, tiny_physics: Physics, tiny_data: CaseData) -> None:
    said = tiny_physics.solve(tiny_data.designs)
    assert said.solved.mean() > 0.9
    truth, there = learned(tiny, tiny_data.metrics), is_defined(tiny, tiny_data.metrics)
    for at, allowed in ((0, 0.01), (1, 0.5), (2, 0.06)):  # ln W, dB, ln Hz
        both = there[:, at] & np.isfinite(said.metrics[:, at])
        assert both.sum() > 60
        assert np.median(np.abs(said.metrics[both, at] - truth[both, at])) < allowed
    agree = np.isfinite(said.metrics[:, 2]) == there[:, 2]
    assert agree.mean() > 0.97


def test_an_amplifier_that_was_never_simulated(ngspice: None) -> None:
    case = example_case()
    physics = Physics(case, workers=1)
    rows = read_golden(case)
    designs = np.array([list(row.design.values()) for row in rows])
    truth = learned(case, np.array([list(row.metrics.values()) for row in rows]))
    said = physics.solve(designs)
    for name, allowed in (("power_w", 0.01), ("gain_db", 2.0), ("ugbw_hz", 0.2), ("pm_deg", 4.0)):
        at = case.metrics.index(name)
        error = np.abs(said.metrics[:, at] - truth[:, at])
        assert np.nanmedian(error) < allowed, name


def test_copies_of_a_circuit_are_read_once(ngspice: None) -> None:
    case = example_case()
    reader = GraphReader(Physics(case, workers=1))
    graph = reader.graph
    psrr, slew = case.metrics.index("psrr_db"), case.metrics.index("slew_vps")
    assert graph.plus[psrr] == graph.plus[slew] == graph.plus[case.metrics.index("gain_db")]
    assert len(graph.net) < 20
    assert len(topology_of(reader)) == 12


def test_gm_over_id_of_a_square_law(tiny_physics: Physics) -> None:
    (curves,) = tiny_physics.curves.values()
    table = curves.gm_over_id_table(1e-6)
    strong = table["vgs_v"] > 0.6
    overdrive = table["vgs_v"][strong] - 0.45
    saturated = overdrive < 0.8
    expected = 2 / overdrive[saturated]
    assert table["gm_over_id"][strong][saturated] == pytest.approx(expected, rel=0.1)


def test_what_cannot_be_solved_is_named(tiny: Case) -> None:
    from dataclasses import replace

    deck = tiny.deck_source.replace("cl out 0 {cl}", "cl out 0 {cl}\nq1 out in 0 qn\n.model qn npn")
    with pytest.raises(NotSolvable, match=r"^q1 is a bipolar$"):
        read_wiring(replace(tiny, deck_source=deck, _circuits={}))
