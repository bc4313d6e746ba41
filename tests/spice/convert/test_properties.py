"""Random circuits come back from every dialect, values within 1e-12."""

import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from eda.circuit import Circuit, Device, Expression, ModelCard, Subcircuit, number
from eda.circuit.device import NOWHERE
from eda.graph import compare
from eda.spice import parse_netlist
from eda.spice.convert import WRITTEN, canonical, convert

NETS = st.sampled_from(["0", "in", "out", "vdd!", "n1", "Net_2", "bus<3>", "d[0]", "3", "a-b"])
NUMBERS = st.floats(min_value=-1e12, max_value=1e12, allow_subnormal=False).filter(
    lambda x: x == 0 or abs(x) > 1e-20
)
MODELS = {
    "nch": ModelCard("nch", "nmos", {"level": 1.0, "vto": 0.5}),
    "Qn": ModelCard("Qn", "npn", {"is": 1e-16}),
    "dm": ModelCard("dm", "d", {"is": 1e-14}),
}
MODELS = {name.lower(): card for name, card in MODELS.items()}


def part(
    kind: str, letter: str, roles: tuple[str, ...], model: str, *keys: str
) -> st.SearchStrategy[Device]:
    values = st.fixed_dictionaries({key: NUMBERS for key in keys})
    polarity = "n" if model in ("nch", "Qn") else ""
    return st.builds(
        lambda nets, given: Device(letter, kind, roles, tuple(nets), model, given, polarity),
        st.lists(NETS, min_size=len(roles), max_size=len(roles)),
        values,
    )


TWO = ("p", "n")
PARTS = st.one_of(
    part("resistor", "R", TWO, "", "value", "m"),
    part("capacitor", "C", TWO, "", "value"),
    part("inductor", "L", TWO, "", "value"),
    part("mosfet", "M", ("d", "g", "s", "b"), "nch", "w", "l"),
    part("bipolar", "Q", ("c", "b", "e"), "Qn", "area"),
    part("diode", "D", ("a", "k"), "dm", "area"),
    part("vsource", "V", TWO, "", "dc", "ac"),
    part("isource", "I", TWO, "", "dc"),
    part("vcvs", "E", ("p", "n", "cp", "cn"), "", "gain"),
    part("vccs", "G", ("p", "n", "cp", "cn"), "", "gain"),
    st.builds(
        lambda nets, points: Device("V", "vsource", TWO, tuple(nets), "", {"pulse": tuple(points)}),
        st.lists(NETS, min_size=2, max_size=2),
        st.lists(NUMBERS, min_size=7, max_size=7),
    ),
    st.builds(
        lambda nets, gain: Device(
            "B",
            "behavioral",
            TWO,
            tuple(nets),
            "",
            {"v": Expression(f"V(in)*{abs(gain)!r}+min(V(out),1)")},
        ),
        st.lists(NETS, min_size=2, max_size=2),
        NUMBERS,
    ),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(PARTS, max_size=8), st.lists(PARTS, max_size=3), st.sampled_from(WRITTEN[:-1]))
def test_circuits_come_back(top: list[Device], inner: list[Device], to: str) -> None:
    def named(parts: list[Device]) -> tuple[Device, ...]:
        return tuple(replace(d, name=f"{d.name}{i}", span=NOWHERE) for i, d in enumerate(parts))

    sub = Subcircuit(devices=named(inner), name="Cell", ports=("a", "y"), defaults={"k": 2.0})
    call = Device("X9", "subcircuit", ("a", "y"), ("in", "out"), "Cell", {"k": Expression("2*g")})
    circuit = Circuit(
        devices=(*named(top), call),
        subcircuits={"cell": sub} if inner else {},
        models=MODELS,
        parameters={"g": 3.5},
        globals=("vdd!",),
        title="random",
    )
    made = convert(circuit, to=to)
    again = parse_netlist(made.text)
    assert again.errors == ()
    if to == "cdl":
        assert all("cdl has no" in item.message for item in made.dropped if "pins" not in str(item))
        return
    assert not [item for item in made.dropped if "pins of cell" not in item.message]
    before, after = canonical(circuit).flatten(), canonical(again).flatten()
    if inner:
        assert compare(before, after, sizes=True).equal
    assert len(before.devices) == len(after.devices)
    for a, b in zip(before.devices, after.devices, strict=True):
        assert a.kind == b.kind
        for name, value in a.parameters.items():
            ours, theirs = number(value), number(b.parameters.get(name))
            if ours is not None and theirs is not None:
                assert math.isclose(ours, theirs, rel_tol=1e-12)
            elif ours is not None:
                assert name == "m", (a, b)
