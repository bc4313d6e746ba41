"""Mirror symmetry: what is paired, what stays on the axis, and nested pairs on one axis."""

from collections.abc import Callable

from eda.structures import Structures, SymmetryAxis

Find = Callable[..., Structures]


def pairs(axis: SymmetryAxis) -> list[list[str]]:
    return sorted(sorted(pair) for pair in axis.device_pairs)


def nets(axis: SymmetryAxis) -> list[list[str]]:
    return sorted(sorted(pair) for pair in axis.net_pairs)


def test_a_mirror_that_loads_a_pair_is_symmetric_too(find: Find) -> None:
    (axis,) = find(
        "M1 x vip t vss nch\nM2 o vin t vss nch\nM3 x x vdd vdd pch\nM4 o x vdd vdd pch\n"
        "M5 t vb vss vss nch\nM6 vout o vdd vdd pch"
    ).axes
    assert pairs(axis) == [["M1", "M2"], ["M3", "M4"]]
    assert nets(axis) == [["o", "x"], ["vin", "vip"]]
    assert (axis.device_axis, axis.net_axis) == (("M5",), ("t",))


def test_fully_differential_with_passives_and_a_bridge(find: Find) -> None:
    (axis,) = find(
        "M1 a vip t vss nch\nM2 b vin t vss nch\nR1 vdd a 1k\nR2 b vdd 1k\nC1 a vss 1p\n"
        "C2 vss b 1p\nR3 a b 1k\nR4 a s 1k\nR5 s b 1k\nIT t vss 1m"
    ).axes
    assert pairs(axis) == [["C1", "C2"], ["M1", "M2"], ["R1", "R2"], ["R4", "R5"]]
    assert axis.device_axis == ("R3", "IT")
    assert set(axis.net_axis) == {"t", "s"}


def test_cross_coupled_gates_change_places(find: Find) -> None:
    (axis,) = find(
        "M1 a b t vss nch\nM2 b a t vss nch\nL1 vdd a 1n\nL2 vdd b 1n\nM3 t vb vss vss nch"
    ).axes
    assert pairs(axis) == [["L1", "L2"], ["M1", "M2"]]
    assert axis.device_axis == ("M3",)


def test_a_gilbert_cell_is_one_axis(find: Find) -> None:
    (axis,) = find(
        "M1 t1 vip t vss nch\nM2 t2 vin t vss nch\nM3 oa lp t1 vss nch\nM4 ob ln t1 vss nch\n"
        "M5 oa ln t2 vss nch\nM6 ob lp t2 vss nch\nM7 t vb vss vss nch\nR1 vdd oa 1k\nR2 vdd ob 1k",
        "vip vin lp ln oa ob vb vdd vss",
    ).axes
    assert pairs(axis) == [["M1", "M2"], ["M3", "M6"], ["M4", "M5"], ["R1", "R2"]]
    assert nets(axis) == [["oa", "ob"], ["t1", "t2"], ["vin", "vip"]]
    assert len(axis.seeds) == 3


def test_devices_of_different_types_are_no_pair(find: Find) -> None:
    (axis,) = find(
        "M1 a vip t vss nch\nM2 b vin t vss nch\nR1 vdd a 1k\nL2 b vdd 1n\nM3 t vb vss vss nch"
    ).axes
    assert pairs(axis) == [["M1", "M2"]]
