"""Every pattern finds its block, and does not find what only looks like it."""

from collections.abc import Callable

import pytest

from eda.structures import PATTERNS, Pattern, Structures

Find = Callable[..., Structures]
Named = Callable[[Structures, str], list[list[str]]]

BLOCKS = {
    "diff_pair/common_source": (
        "M1 a vip t vss nch\nM2 b vin t vss nch\nM3 t vb vss vss nch",
        ["M1", "M2"],
    ),
    "diff_pair/degenerated": (
        "Q1 a vip x npn\nQ2 b vin y npn\nR1 x t 1k\nR2 y t 1k\nQ3 t vb vss npn",
        ["Q1", "Q2", "R1", "R2"],
    ),
    "diff_pair/coupled": (
        "M1 a vip x vss nch\nM2 b vin y vss nch\nR1 x y 1k\nM3 x vb vss vss nch\n"
        "M4 y vb vss vss nch",
        ["M1", "M2", "R1"],
    ),
    "cross_coupled/common_source": (
        "M1 a b vdd vdd pch\nM2 b a vdd vdd pch\nR1 a vss 1k\nR2 b vss 1k",
        ["M1", "M2"],
    ),
    "cross_coupled_cascode/latch": (
        "M1 a b x vss nch\nM2 b a y vss nch\nM3 x vip vss vss nch\nM4 y vin vss vss nch",
        ["M1", "M2"],
    ),
    "latch/cross_coupled_inverters": (
        "M1 a b vss vss nch\nM2 b a vss vss nch\nM3 a b vdd vdd pch\nM4 b a vdd vdd pch",
        ["M1", "M2", "M3", "M4"],
    ),
    "gilbert_cell/double_balanced": (
        "Q1 t1 vip t npn\nQ2 t2 vin t npn\nQ3 oa lp t1 npn\nQ4 ob ln t1 npn\n"
        "Q5 oa ln t2 npn\nQ6 ob lp t2 npn\nI1 t vss 1m",
        ["Q1", "Q2", "Q3", "Q4", "Q5", "Q6"],
    ),
    "mirror_loaded_pair/simple": (
        "M1 x vip t vss nch\nM2 vout vin t vss nch\nM3 x x vdd vdd pch\nM4 vout x vdd vdd pch\n"
        "R1 t vss 1k",
        ["M1", "M2", "M3", "M4"],
    ),
    "tail/transistor": (
        "M1 a vip t vss nch\nM2 b vin t vss nch\nM3 t vb vss vss nch",
        ["M3"],
    ),
    "tail/cascoded": (
        "M1 a vip t vss nch\nM2 b vin t vss nch\nM3 t vb x vss nch\nM4 x vb2 vss vss nch",
        ["M3"],
    ),
    "tail/resistor": ("Q1 a vip t pnp\nQ2 b vin t pnp\nR1 t vdd 1k", ["R1"]),
    "tail/source": ("M1 a vip t vdd pch\nM2 b vin t vdd pch\nI1 vdd t 1m", ["I1"]),
    "tail/sink": ("M1 a vip t vss nch\nM2 b vin t vss nch\nI1 t vss 1m", ["I1"]),
    "current_mirror/simple": ("Q1 b b vss npn\nQ2 vout b vss npn", ["Q1", "Q2"]),
    "current_mirror/degenerated": (
        "Q1 b b x npn\nR1 x vss 1k\nQ2 vout b y npn\nR2 y vss 1k",
        ["Q1", "Q2", "R1", "R2"],
    ),
    "current_mirror/widlar": ("Q1 b b vss npn\nQ2 vout b y npn\nR2 y vss 1k", ["Q1", "Q2", "R2"]),
    "current_mirror/peaking": (
        "M1 x b vss vss nch\nR1 b x 1k\nM2 vout x vss vss nch",
        ["M1", "M2", "R1"],
    ),
    "current_mirror/gate_resistor": (
        "Q1 x b vss npn\nR1 b x 1k\nQ2 vout b vss npn",
        ["Q1", "Q2", "R1"],
    ),
    "current_mirror/helper": (
        "Q1 i b vss npn\nQ2 vout b vss npn\nQ3 vdd i b npn",
        ["Q1", "Q2", "Q3"],
    ),
    "current_mirror/cascoded_reference": (
        "M1 x i vss vss nch\nM2 i vb x vss nch\nM3 vout i vss vss nch",
        ["M1", "M2", "M3"],
    ),
    "cascode_mirror/stacked": (
        "M1 x x vss vss nch\nM2 i i x vss nch\nM3 y x vss vss nch\nM4 vout i y vss nch",
        ["M1", "M2", "M3", "M4"],
    ),
    "cascode_mirror/low_voltage": (
        "M1 x i vss vss nch\nM2 i vb x vss nch\nM3 y i vss vss nch\nM4 vout vb y vss nch",
        ["M1", "M2", "M3", "M4"],
    ),
    "wilson_mirror/simple": (
        "Q1 vout i m npn\nQ2 m m vss npn\nQ3 i m vss npn",
        ["Q1", "Q2", "Q3"],
    ),
    "wilson_mirror/improved": (
        "M1 vout i m vss nch\nM2 m m vss vss nch\nM3 x m vss vss nch\nM4 i i x vss nch",
        ["M1", "M2", "M3", "M4"],
    ),
    "current_source_bank/one_gate_net": (
        "M1 a vb vdd vdd pch\nM2 b vb vdd vdd pch\nM3 c vb vdd vdd pch",
        ["M1", "M2", "M3"],
    ),
    "common_source_bank/one_gate_net": (
        "M1 a vin vss vss nch\nM2 b vin vss vss nch\nR1 a vdd 1k\nR2 b vdd 1k",
        ["M1", "M2"],
    ),
    "current_source/single": ("M1 vout vb vdd vdd pch", ["M1"]),
    "diode_connected/transistor": ("M1 vdd vdd vout vss nch", ["M1"]),
    "self_cascode/composite": ("M1 m vb vss vss nch\nM2 vout vb m vss nch", ["M1", "M2"]),
    "beta_multiplier/source_resistor": (
        "M1 n n vss vss nch\nM2 p n x vss nch\nR1 x vss 1k\nM3 p p vdd vdd pch\nM4 n p vdd vdd pch",
        ["M1", "M2", "R1"],
    ),
    "beta_multiplier/cascoded_loop": (
        "M1 n n vss vss nch\nM2 p n x vss nch\nR1 x vss 1k\nM5 k vb p vss nch\n"
        "M3 k k vdd vdd pch\nM4 n k vdd vdd pch",
        ["M1", "M2", "R1"],
    ),
    "ptat_core/pnp_amplifier": (
        "Q1 vss vss a pnp\nQ2 vss vss c pnp\nR1 d c 1k\nE1 g vss d a 1000\nM1 a g vdd vdd pch\n"
        "M2 d g vdd vdd pch",
        ["Q1", "Q2", "R1"],
    ),
    "ptat_core/npn_pair": (
        "Q1 a a vss npn\nQ2 c c vss npn\nR1 d c 1k\nM1 g a t vss nch\nM2 h d t vss nch\n"
        "M3 t vb vss vss nch\nR2 vout a 1k\nR3 vout d 1k",
        ["Q1", "Q2", "R1"],
    ),
    "ptat_core/pnp_gates": (
        "Q1 vss vss a pnp\nQ2 vss vss c pnp\nR1 d c 1k\nM1 k k a vss nch\nM2 p k d vss nch\n"
        "M3 k p vdd vdd pch\nM4 p p vdd vdd pch",
        ["Q1", "Q2", "R1"],
    ),
    "common_mode_load/resistors": (
        "M1 a g vdd vdd pch\nM2 b g vdd vdd pch\nR1 a g 1k\nR2 b g 1k",
        ["M1", "M2", "R1", "R2"],
    ),
    "cascode/stacked": (
        "M1 m vin vss vss nch\nM2 vout vb m vss nch\nR1 vout vdd 1k",
        ["M1", "M2"],
    ),
    "folded_cascode/transistor": (
        "M1 m vin t vdd pch\nM2 m vb vss vss nch\nM3 vout vc m vss nch\nR1 vout vdd 1k\n"
        "R2 t vdd 1k",
        ["M1", "M2", "M3"],
    ),
    "cascode_pair/telescopic": (
        "M1 x vip t vss nch\nM2 y vin t vss nch\nM3 t vb vss vss nch\nM4 a vc x vss nch\n"
        "M5 b vc y vss nch\nR1 a vdd 1k\nR2 b vdd 1k",
        ["M4", "M5"],
    ),
    "cascode_pair/common_gates": (
        "M1 x vb vss vss nch\nM2 y vb vss vss nch\nM4 a vc x vss nch\nM5 b vc y vss nch\n"
        "R1 a vdd 1k\nR2 b vdd 1k",
        ["M4", "M5"],
    ),
    "regulated_cascode/transistor": (
        "M1 m vb vss vss nch\nM2 vout y m vss nch\nM3 y m vss vss nch\nR1 y vdd 1k\nR2 vout vdd 1k",
        ["M2", "M3"],
    ),
    "common_source/plain": ("Q1 vout vin vss npn\nR1 vdd vout 1k", ["Q1"]),
    "common_source/degenerated": (
        "Q1 vout vin x npn\nR1 vdd vout 1k\nR2 x vss 1k",
        ["Q1", "R2"],
    ),
    "common_gate/plain": ("M1 vout vb vin vss nch\nR1 vdd vout 1k", ["M1"]),
    "source_follower/plain": ("M1 vdd vin vout vss nch\nR1 vout vss 1k", ["M1"]),
    "flipped_voltage_follower/transistor": (
        "M1 x vin vout vdd pch\nM2 vout x vdd vdd pch\nI1 x vss 1m",
        ["M1", "M2"],
    ),
    "push_pull/common_source": (
        "M1 vout vin vss vss nch\nM2 vout vip vdd vdd pch",
        ["M1", "M2"],
    ),
    "push_pull/followers": (
        "Q1 vdd vip vout npn\nQ2 vss vin vout pnp",
        ["Q1", "Q2"],
    ),
    "darlington/common_collector": ("Q1 vout vin m npn\nQ2 vout m vss npn", ["Q1", "Q2"]),
    "darlington/collector_on_rail": ("Q1 vdd vin m npn\nQ2 vout m vss npn", ["Q1", "Q2"]),
    "sziklai/pair": ("Q1 m vin vout npn\nQ2 vout m vdd pnp", ["Q1", "Q2"]),
    "resistor_load/drain": ("M1 vout vin vss vss nch\nR1 vdd vout 1k", ["R1"]),
    "miller_compensation/capacitor": ("M1 vout vin vss vss nch\nC1 vin vout 1p", ["C1"]),
    "miller_compensation/resistor_at_gate": (
        "M1 vout vin vss vss nch\nR1 vin z 1k\nC1 z vout 1p",
        ["C1", "R1"],
    ),
    "miller_compensation/resistor_at_drain": (
        "M1 vout vin vss vss nch\nR1 vout z 1k\nC1 z vin 1p",
        ["C1", "R1"],
    ),
    "series_rc/two_terminals": ("R1 vin z 1k\nC1 z vss 1p", ["C1", "R1"]),
    "lc_tank/parallel": ("L1 vout vdd 1n\nC1 vdd vout 1p", ["C1", "L1"]),
    "inverter/cmos": ("M1 vout vin vss vss nch\nM2 vout vin vdd vdd pch", ["M1", "M2"]),
    "starved_inverter/both": (
        "M1 vout vin x vss nch\nM2 vout vin y vdd pch\nM3 x vb vss vss nch\nM4 y vc vdd vdd pch",
        ["M1", "M2", "M3", "M4"],
    ),
    "starved_inverter/sink": (
        "M1 vout vin x vss nch\nM2 vout vin vdd vdd pch\nM3 x vb vss vss nch",
        ["M1", "M2", "M3"],
    ),
    "starved_inverter/source": (
        "M1 vout vin vss vss nch\nM2 vout vin y vdd pch\nM4 y vc vdd vdd pch",
        ["M1", "M2", "M4"],
    ),
    "nand/two_inputs": (
        "M1 vout vin m vss nch\nM2 m vip vss vss nch\nM3 vout vin vdd vdd pch\n"
        "M4 vout vip vdd vdd pch",
        ["M1", "M2", "M3", "M4"],
    ),
    "nor/two_inputs": (
        "M1 vout vin vss vss nch\nM2 vout vip vss vss nch\nM3 vout vin m vdd pch\n"
        "M4 m vip vdd vdd pch",
        ["M1", "M2", "M3", "M4"],
    ),
    "transmission_gate/same_ends": ("M1 vout c vin vss nch\nM2 vout e vin vdd pch", ["M1", "M2"]),
    "transmission_gate/other_ends": ("M1 vout c vin vss nch\nM2 vin e vout vdd pch", ["M1", "M2"]),
}
BLOCKS["switching_quad/double_balanced"] = (
    BLOCKS["gilbert_cell/double_balanced"][0],
    ["Q3", "Q4", "Q5", "Q6"],
)
BLOCKS["ptat_core/npn_amplifier"] = (
    "Q1 a a vss npn\nQ2 c c vss npn\nR1 d c 1k\nE1 g vss d a 1000\nR2 g a 1k\nR3 g d 1k",
    ["Q1", "Q2", "R1"],
)
BLOCKS["ptat_core/pnp_pair"] = (
    "Q1 vss vss a pnp\nQ2 vss vss c pnp\nR1 d c 1k\nM1 g a t vss nch\nM2 h d t vss nch\n"
    "M3 t vb vss vss nch\nM4 a vb2 vdd vdd pch\nM5 d vb2 vdd vdd pch",
    ["Q1", "Q2", "R1"],
)
BLOCKS["ptat_core/npn_gates"] = (
    "Q1 a a vss npn\nQ2 c c vss npn\nR1 d c 1k\nM1 k k a vss nch\nM2 p k d vss nch\n"
    "M3 k p vdd vdd pch\nM4 p p vdd vdd pch",
    ["Q1", "Q2", "R1"],
)


def test_every_pattern_has_a_block_here() -> None:
    assert set(BLOCKS) == set(PATTERNS)


@pytest.mark.parametrize("rule", BLOCKS)
def test_a_pattern_finds_its_block(rule: str, find: Find, named: Named) -> None:
    cards, devices = BLOCKS[rule]
    assert named(find(cards), rule) == [devices]


@pytest.mark.parametrize("rule", BLOCKS)
def test_a_pattern_finds_its_block_among_fingers_with_channels_upside_down(
    rule: str, find: Find, named: Named
) -> None:
    """Each transistor on a rail is written source first; the first one has two fingers."""
    cards, devices = BLOCKS[rule]
    lines = []
    for line in cards.splitlines():
        name, *nets = line.split()
        if name[0] == "M" and nets[2] in ("vss", "vdd") and nets[0] not in ("vss", "vdd"):
            nets[0], nets[2] = nets[2], nets[0]
        lines.append(" ".join((name, *nets)))
    first = lines[0].split()
    lines.append(" ".join((f"{first[0]}x", *first[1:])))
    wanted = sorted(devices + ([f"{first[0]}x"] if first[0] in devices else []))
    assert named(find("\n".join(lines)), rule) == [wanted]


@pytest.mark.parametrize(
    ("cards", "rule"),
    [
        # Two current sources on a supply, and two loads with the same: no pair.
        ("M1 a vip vdd vdd pch\nM2 b vin vdd vdd pch", "diff_pair/common_source"),
        # Two switches from one node: nothing feeds it.
        ("M1 a vip x vss nch\nM2 b vin x vss nch\nC1 x vss 1p", "diff_pair/common_source"),
        # Two cross-coupled pairs on one tail are not four differential pairs.
        (
            "M1 a b t vss nch\nM2 b a t vss nch\nM3 c d t vss nch\nM4 d c t vss nch\nR1 t vss 1k",
            "diff_pair/common_source",
        ),
        # A mirror's transistors on a rail are no differential pair, and one on its own no mirror.
        ("M1 x x vss vss nch\nR1 x vdd 1k", "current_mirror/simple"),
        # The stack of a NAND is no cascode, nor is a follower on its current source.
        (BLOCKS["nand/two_inputs"][0], "cascode/stacked"),
        ("M1 vdd vin vout vss nch\nM2 vout vb vss vss nch", "cascode/stacked"),
        # A stage with a current-source load is no push-pull stage.
        ("M1 vout vin vss vss nch\nM2 vout vb vdd vdd pch", "push_pull/common_source"),
        # Transmission gates from one node are no pair.
        (
            "M1 a vip x vss nch\nM2 a c x vdd pch\nM3 b vin x vss nch\nM4 b e x vdd pch\n"
            "R1 x vss 1k",
            "diff_pair/common_source",
        ),
        # A pull-down network of a gate with a shared foot is none either.
        (
            "M1 a vip t vss nch\nM2 b vin t vss nch\nM3 t c vss vss nch\n"
            "M4 a vip vdd vdd pch\nM5 b vin vdd vdd pch\nM6 a c vdd vdd pch",
            "diff_pair/common_source",
        ),
    ],
)
def test_what_only_looks_like_a_block(cards: str, rule: str, find: Find, named: Named) -> None:
    assert named(find(cards), rule) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("M a: d=x g=y s=z", "KeyError"),
        ("X a: d=x g=y", "'X a: d=x g=y' does not name the pins d, g, s"),
        ("X a d=x g=y s=z", "not a device of a pattern: 'X a d=x g=y s=z'"),
    ],
)
def test_texts_that_are_no_pattern(text: str, message: str) -> None:
    with pytest.raises((ValueError, KeyError)) as raised:
        _ = Pattern("a/b", "", text, 1).slots
    assert message in (str(raised.value), type(raised.value).__name__)


def test_conditions_speak_of_nets_and_facts_that_there_are() -> None:
    assert all(len(pattern.conditions) >= len(pattern.where) for pattern in PATTERNS.values())
    wrong = Pattern("a/b", "", "X a: d=x g=y s=z", 1, where={"w": "rail"})
    with pytest.raises(ValueError, match=r"^a/b: no net 'w' or no fact 'rail'$"):
        _ = wrong.conditions


def test_rules_that_others_give_way_to_exist() -> None:
    assert {rule for item in PATTERNS.values() for rule in item.unless} <= set(PATTERNS)
