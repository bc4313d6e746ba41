"""find_structures on whole circuits: naming styles, hierarchy, kits, annotated netlists."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import eda
from eda.structures import STRUCTURE_KINDS, Structures, find_structures, structure_labels

Find = Callable[..., Structures]
Named = Callable[[Structures, str], list[list[str]]]

OTA = """
M1 x   vip t   vss nch w=10u l=1u
M2 out vin t   vss nch w=10u l=1u
M3 x   x   vdd vdd pch w=20u l=1u
M4 out x   vdd vdd pch w=20u l=1u
M5 t   vb  vss vss nch w=10u l=1u
M6 vb  vb  vss vss nch w=5u l=1u m=2
M7 o2  out vdd vdd pch w=80u l=1u
M8 o2  vb  vss vss nch w=40u l=1u
IB vdd vb 10u
"""
ANNOTATED = Path(os.environ.get("EDA_DATA", "none")) / "schematics" / "netlists"


def test_an_amplifier(find: Find) -> None:
    found = find(OTA, "vip vin o2 vdd vss")
    assert found.counts == {
        "mirror_loaded_pair": 1,
        "diff_pair": 1,
        "current_mirror": 2,
        "tail": 1,
        "bias_chain": 1,
        "common_source": 1,
        "diode_connected": 2,
    }
    mirror = next(item for item in found.of_kind("current_mirror") if item.polarity == "n")
    assert mirror.device("reference") == "M6"
    assert {member.name for member in mirror.devices if member.role == "output"} == {"M5", "M8"}
    assert (mirror.net("gate"), mirror.net("source")) == ("vb", "vss")
    assert [role for _, role in found.roles["m5"]] == ["output", "tail"]
    with pytest.raises(KeyError, match=r"has no role 'tail'; its roles are reference, output"):
        mirror.device("tail")


def test_matched_sets_keep_the_ratios_of_mirrors(find: Find) -> None:
    sets = find(OTA, "vip vin o2 vdd vss").matched_sets
    equal = sorted(sorted(item.devices) for item in sets if item.kind == "equal")
    assert equal == [["M1", "M2"], ["M3", "M4"]]
    (ratio,) = (item for item in sets if item.kind == "ratio")
    assert ratio.ratios is not None
    assert dict(zip(ratio.devices, ratio.ratios, strict=True)) == {"M6": 1.0, "M5": 1.0, "M8": 4.0}


def test_a_graph_alone_has_no_ratios(find: Find) -> None:
    graph = eda.circuit_graph(eda.parse_netlist(f"* x\n{OTA}.model nch nmos\n.model pch pmos\n"))
    assert all(item.ratios is None for item in find_structures(graph).matched_sets)


def test_signal_and_bias_path(find: Find) -> None:
    found = find(OTA, "vip vin o2 vdd vss")
    assert set(found.signal_path.devices) == {"M1", "M2", "M3", "M4", "M7"}
    assert set(found.signal_path.devices[:2]) == {"M1", "M2"}
    assert set(found.signal_path.nets) == {"vip", "vin", "x", "out", "o2"}
    assert set(found.bias_path.devices) == {"M5", "M6", "M8", "IB"}
    assert found.bias_path.nets == ("vb",)


def test_the_way_back_is_no_way(find: Find) -> None:
    """Feedback does not make the whole circuit a signal path in both directions."""
    found = find(f"{OTA}\nRF o2 vin 1k\nCC out o2 1p", "vip vin o2 vdd vss")
    assert "CC" not in found.signal_path.devices
    assert "RF" not in found.signal_path.devices


@pytest.mark.parametrize(
    ("high", "low"), [("avdd", "agnd"), ("VCC", "VEE"), ("pos", "neg"), ("rail_a", "rail_b")]
)
def test_rails_of_any_name(high: str, low: str, find: Find, named: Named) -> None:
    text = OTA.replace("vdd", high).replace("vss", low)
    found = find(text, f"vip vin o2 {high} {low}")
    assert named(found, "diff_pair/common_source") == [["M1", "M2"]]
    assert found.counts["current_mirror"] == 2
    assert found.counts["tail"] == 1


def test_three_terminal_transistors_on_rails_without_a_name(named: Named) -> None:
    circuit = eda.parse_netlist(f"* x\n.subckt a vip vin o2 pos neg\n{OTA}\n.ends\n")
    text = [
        (device, tuple(pair for pair in device.pins if pair[0] != "b"))
        for device in circuit.subcircuits["a"].devices
    ]
    names = {"vdd": "pos", "vss": "neg"}
    devices = tuple(
        eda.Device(
            device.name,
            device.kind,
            tuple(role for role, _ in pins),
            tuple(names.get(net, net) for _, net in pins),
            polarity=device.polarity,
        )
        for device, pins in text
    )
    found = find_structures(eda.Circuit(devices=devices, ports=("vip", "vin", "o2", "pos", "neg")))
    assert named(found, "diff_pair/common_source") == [["M1", "M2"]]
    assert named(found, "tail/transistor") == [["M5"]]


def test_sources_make_rails(named: Named) -> None:
    text = OTA.replace("vdd", "top").replace("vss", "0")
    found = find_structures(
        eda.parse_netlist(
            f"* deck\n{text}\nV1 top 0 1.8\nV2 vip 0 dc 0.9 ac 1\nV3 vin 0 0.9\n"
            ".model nch nmos\n.model pch pmos\n.end\n"
        )
    )
    assert named(found, "mirror_loaded_pair/simple") == [["M1", "M2", "M3", "M4"]]


def test_a_hierarchical_deck_is_flattened_and_a_subcircuit_can_be_chosen(named: Named) -> None:
    deck = eda.parse_netlist(
        "* hierarchical\n.subckt inv a y vdd vss\nMN y a vss vss nch\nMP y a vdd vdd pch\n.ends\n"
        "X1 a b vdd 0 inv\nX2 b c vdd 0 inv\nX3 c a vdd 0 inv\nV1 vdd 0 1\n"
        ".model nch nmos\n.model pch pmos\n.end\n"
    )
    found = find_structures(deck)
    assert found.counts == {"ring_oscillator": 1, "inverter": 3}
    assert named(found, "inverter/cmos")[0] == ["X1.MN", "X1.MP"]
    assert find_structures(deck, subcircuit="inv").counts == {"inverter": 1}


def test_kit_primitives(named: Named) -> None:
    found = find_structures(
        eda.parse_netlist(
            "* sky130\n.subckt pair inp inn a b vb vdd vss\n"
            "XM1 a inp t vss sky130_fd_pr__nfet_01v8 w=1 l=0.15\n"
            "XM2 b inn t vss sky130_fd_pr__nfet_01v8 w=1 l=0.15\n"
            "XM3 t vb vss vss sky130_fd_pr__nfet_01v8 w=2 l=0.15\n"
            "XM4 a a vdd vdd sky130_fd_pr__pfet_01v8 w=2 l=0.15\n"
            "XM5 b a vdd vdd sky130_fd_pr__pfet_01v8 w=2 l=0.15\n.ends\n"
        )
    )
    assert named(found, "mirror_loaded_pair/simple") == [["XM1", "XM2", "XM4", "XM5"]]


def test_dividers_and_bias_chains(find: Find, named: Named) -> None:
    found = find(
        "R1 vdd a 1k\nR2 a b 1k\nR3 b vss 1k\nM1 out a vss vss nch\n"
        "R4 vdd c 1k\nM2 c c d vss nch\nM3 d d vss vss nch\nM4 out c vss vss nch\n"
        "R5 out e 1k\nR6 e f 1k"
    )
    assert named(found, "divider/resistors") == [["R1", "R2", "R3"]]
    assert named(found, "bias_chain/series") == [["M2", "M3", "R4"]]
    (divider,) = found.of_kind("divider")
    assert [member.name for member in divider.nets if member.role == "tap"] == ["a", "b"]


def test_rings_have_an_odd_number_of_inverters(find: Find, named: Named) -> None:
    def ring(nets: str) -> str:
        stages = zip(nets, nets[1:] + nets[0], strict=True)
        return "\n".join(f"MN{a} {b} {a} vss vss nch\nMP{a} {b} {a} vdd vdd pch" for a, b in stages)

    three = find(ring("xyz") + "\nMNo out x vss vss nch\nMPo out x vdd vdd pch")
    assert [len(group) for group in named(three, "ring_oscillator/inverters")] == [6]
    assert named(find(ring("wxyz")), "ring_oscillator/inverters") == []


def test_an_empty_circuit_and_one_of_passives() -> None:
    assert find_structures(eda.Circuit()).items == ()
    ladder = eda.parse_netlist("* rc\nR1 in a 1k\nC1 a 0 1n\nR2 a out 1k\nC2 out 0 1n\n")
    found = find_structures(ladder)
    assert found.axes == ()
    assert found.signal_path.devices == ("R1", "R2")


def test_labels(find: Find) -> None:
    circuit = eda.parse_netlist(f"* x\n{OTA}.model nch nmos\n.model pch pmos\n")
    graph = eda.circuit_graph(circuit)
    labels = structure_labels(graph)
    kinds = dict(
        zip(graph.device_names, (STRUCTURE_KINDS[at] for at in labels.device_label), strict=True)
    )
    assert kinds["M1"] == kinds["M3"] == "mirror_loaded_pair"
    assert kinds["M5"] == kinds["M8"] == "current_mirror"
    assert kinds["IB"] == "bias_chain"
    tail = graph.net_names.index("t")
    assert labels.nets[tail, STRUCTURE_KINDS.index("tail")]
    assert not labels.nets[graph.net_names.index("vdd")].any()
    assert labels.net_label[graph.net_names.index("vdd")] == -1


@pytest.mark.skipif(not ANNOTATED.is_dir(), reason="EDA_DATA has no annotated netlists")
def test_nothing_annotated_is_missed() -> None:
    missing = []
    for name, notes in json.loads((ANNOTATED / "structures.json").read_text()).items():
        found = find_structures(eda.read_netlist(ANNOTATED / f"{name}.sp"))
        have = {(item.kind, frozenset(item.device_names)) for item in found.items}
        for note in notes["structures"]:
            if (note["type"], frozenset(note["devices"])) not in have:
                missing.append((name, note["type"], note["devices"]))
        pairs = {frozenset(pair) for pair in found.symmetric_pairs}
        missing += [
            (name, "symmetric", pair)
            for pair in notes.get("symmetric", ())
            if frozenset(pair) not in pairs
        ]
    assert missing == []
