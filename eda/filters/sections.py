"""Active sections: Sallen-Key, multiple feedback, Tow-Thomas and twin-T, and how to size them.

A section has parts between local nodes: ``i`` its input, ``o`` its output, ``0`` ground, anything
else its own. Sizes are those of the books, for op-amps without limits; the gain-bandwidth enters
when the cascade is refined.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from eda.filters.network import INPUT, OUTPUT, OpAmpAt, Part, PartKind, Topology
from eda.filters.series import nearest, values
from eda.filters.spec import ActiveLimits

_TWO_PI: Final = 2 * math.pi


@dataclass(frozen=True, slots=True)
class Target:
    """What a section is sized for.

    Attributes:
        f0_hz: Its natural frequency.
        q: Its quality.
        gain: In its pass band, as a ratio without sign.
        real_hz: Frequency of the real pole of a section of third order.
        depth: Which side of the notch: above 1 the zero lies above the pole.
        scale: How much larger than usual the capacitors of a notch are.
    """

    f0_hz: float
    q: float = 0.7071
    gain: float = 1.0
    real_hz: float = 0.0
    depth: float = 1.0
    scale: float = 1.0


Sizes = dict[str, float]


@dataclass(frozen=True)
class Section:
    """A section of one to three op-amps.

    Attributes:
        name: As ``sk_lp2``.
        parts: Local name, and the two local nodes; names begin with ``R`` or ``C``.
        opamps: Local nodes of plus, minus and output.
        size: Sizes it; None where that is not possible.
        has_gain: Whether its gain can be chosen.
    """

    name: str
    parts: tuple[tuple[str, str, str], ...]
    opamps: tuple[tuple[str, str, str], ...]
    size: Callable[[Target, ActiveLimits], Sizes | None]
    has_gain: bool = False


def _scale(target_hz: float, limits: ActiveLimits) -> float:
    """Return a capacitor of the series with which resistors come out well within their range."""
    low, high = limits.resistor.low, limits.resistor.high
    # Well above the op-amp's output resistance, well below what noise and leakage dislike.
    wanted = min(max(10e3, 4 * low, 30 * limits.opamp.rout_ohm), high / 10)
    value = 1 / (_TWO_PI * target_hz * wanted)
    value = min(max(value, 2 * limits.capacitor.low), limits.capacitor.high / 4)
    return nearest(limits.capacitor, value)


def _at_least(limits: ActiveLimits, value: float) -> float:
    allowed = values(limits.capacitor)
    above = allowed[allowed >= value * (1 - 1e-9)]
    return float(above[0]) if len(above) else float(allowed[-1])


def _pair(total: float, product: float) -> tuple[float, float]:
    """Return two resistors of a sum and a product, equal where they would be complex."""
    root = math.sqrt(max(total**2 / 4 - product, 0.0))
    return total / 2 + root, total / 2 - root if root < total / 2 else product / total


def _sk_lp2(at: Target, limits: ActiveLimits) -> Sizes:
    w0 = _TWO_PI * at.f0_hz
    c2 = nearest(
        limits.capacitor, max(_scale(at.f0_hz, limits) / max(2 * at.q, 1.0), limits.capacitor.low)
    )
    c1 = _at_least(limits, 4 * at.q**2 * c2 * 1.05)
    r1, r2 = _pair(1 / (w0 * at.q * c2), 1 / (w0**2 * c1 * c2))
    return {"R1": r1, "R2": r2, "C1": c1, "C2": c2}


def _sk_lp2g(at: Target, limits: ActiveLimits) -> Sizes | None:
    if at.gain < 1.02:
        return None
    w0, c = _TWO_PI * at.f0_hz, _scale(at.f0_hz, limits)
    # With C1 = C2 = C, w0 C (1/Q - 1/(R1 w0 C)) = (2 - K)/R2 and R1 R2 (w0 C)^2 = 1, which is
    # (2 - K) x^2 - x/Q + 1 = 0 for x = R1 w0 C.
    first, second = 2 - at.gain, 1 / at.q
    square = second**2 - 4 * first
    root = math.sqrt(max(square, 0.0))
    x = at.q if abs(first) < 1e-9 else (second - root) / (2 * first)
    if x <= 0:
        return None
    r1 = x / (w0 * c)
    r2 = 1 / (r1 * (w0 * c) ** 2)
    return {"R1": r1, "R2": r2, "C1": c, "C2": c, "R3": (at.gain - 1) * 10e3, "R4": 10e3}


def _sk_lp3(at: Target, limits: ActiveLimits) -> Sizes:
    made = _sk_lp2(at, limits)
    # The first pole stands before the others with a lower resistance, which loads it little.
    c0 = nearest(limits.capacitor, min(3 * made["C1"], limits.capacitor.high))
    return {**made, "R0": 1 / (_TWO_PI * at.real_hz * c0), "C0": c0}


def _sk_hp2(at: Target, limits: ActiveLimits) -> Sizes:
    w0, c = _TWO_PI * at.f0_hz, _scale(at.f0_hz, limits)
    return {"R1": 1 / (2 * at.q * w0 * c), "R2": 2 * at.q / (w0 * c), "C1": c, "C2": c}


def _sk_hp3(at: Target, limits: ActiveLimits) -> Sizes:
    made = _sk_hp2(at, limits)
    c0 = nearest(limits.capacitor, min(3 * made["C1"], limits.capacitor.high))
    return {**made, "C0": c0, "R0": 1 / (_TWO_PI * at.real_hz * c0)}


def _mfb_lp2(at: Target, limits: ActiveLimits) -> Sizes:
    w0, h = _TWO_PI * at.f0_hz, at.gain
    spread = 4 * at.q**2 * (1 + h)
    c2 = nearest(
        limits.capacitor,
        max(_scale(at.f0_hz, limits) / math.sqrt(spread), limits.capacitor.low),
    )
    c1 = _at_least(limits, spread * c2 * 1.05)
    a, b = w0**2 * c1 * c2, w0 * c1 / at.q
    r3 = (b - math.sqrt(max(b * b - 4 * (1 + h) * a, 0.0))) / (2 * a)
    return {"R1": r3 / h, "R2": 1 / (w0**2 * c1 * c2 * r3), "R3": r3, "C1": c1, "C2": c2}


def _mfb_lp3(at: Target, limits: ActiveLimits) -> Sizes:
    made = _mfb_lp2(at, limits)
    half = made["R1"] / 2
    # The input resistor in two halves, with a capacitor between.
    c0 = nearest(limits.capacitor, 2 / (_TWO_PI * at.real_hz * half))
    return {**made, "R1": half, "R0": half, "C0": c0}


def _mfb_hp2(at: Target, limits: ActiveLimits) -> Sizes:
    w0 = _TWO_PI * at.f0_hz
    c = _scale(at.f0_hz / at.scale, limits)
    c3 = nearest(limits.capacitor, max(c / at.gain, limits.capacitor.low))
    r2 = at.q * (2 * c + c3) / (w0 * c * c3)
    return {"R1": 1 / (w0**2 * r2 * c * c3), "R2": r2, "C1": c, "C2": c, "C3": c3}


def _mfb_bp(at: Target, limits: ActiveLimits) -> Sizes | None:
    w0, h = _TWO_PI * at.f0_hz, at.gain
    c = _scale(at.f0_hz * max(1.0, 1 / (2 * at.q)), limits)
    if at.q > 2:
        c = nearest(
            limits.capacitor, min(max(c * at.q / 2, limits.capacitor.low), limits.capacitor.high)
        )
    if h >= 1.9 * at.q**2:
        return None
    return {
        "R1": at.q / (h * w0 * c),
        "R2": at.q / ((2 * at.q**2 - h) * w0 * c),
        "R3": 2 * at.q / (w0 * c),
        "C1": c,
        "C2": c,
    }


def _lp1(at: Target, limits: ActiveLimits) -> Sizes:
    c = _scale(at.f0_hz, limits)
    r = 1 / (_TWO_PI * at.f0_hz * c)
    return {"R1": r / at.gain, "R2": r, "C1": c}


def _hp1(at: Target, limits: ActiveLimits) -> Sizes:
    c = _scale(at.f0_hz, limits)
    r = 1 / (_TWO_PI * at.f0_hz * c)
    return {"R1": r, "R2": r * at.gain, "C1": c}


def _wide_bp(at: Target, limits: ActiveLimits) -> Sizes:
    # A high-pass of real_hz and a low-pass of f0_hz about one op-amp.
    c1 = _scale(at.real_hz, limits)
    r1 = 1 / (_TWO_PI * at.real_hz * c1)
    r2 = r1 * at.gain
    c2 = nearest(limits.capacitor, 1 / (_TWO_PI * at.f0_hz * r2))
    return {"R1": r1, "R2": r2, "C1": c1, "C2": c2}


def _tow_thomas(at: Target, limits: ActiveLimits) -> Sizes:
    w0, c = _TWO_PI * at.f0_hz, _scale(at.f0_hz, limits)
    r = 1 / (w0 * c)
    return {
        **{"R1": r / at.gain, "R2": at.q * r, "R3": r, "R4": r, "R5": r, "R6": r},
        **{"C1": c, "C2": c},
    }


def _tow_thomas_bp(at: Target, limits: ActiveLimits) -> Sizes:
    made = _tow_thomas(at, limits)
    return {**made, "R1": made["R2"] / at.gain}


def _twin_t(at: Target, limits: ActiveLimits) -> Sizes:
    w0 = _TWO_PI * at.f0_hz
    c = _scale(at.f0_hz / at.scale, limits)
    c3 = nearest(limits.capacitor, min(2 * c, limits.capacitor.high))
    # The bridge is balanced whatever c3 is: w0^2 = 2/(c c3 R^2), and 1 = 2 w0^2 c^2 R R3.
    r = math.sqrt(2 / (c * c3)) / w0
    return {"R1": r, "R2": r, "R3": 1 / (2 * w0**2 * c**2 * r), "C1": c, "C2": c, "C3": c3}


def _notch1(at: Target, limits: ActiveLimits) -> Sizes:
    k = 2 - 1 / (2 * max(at.q, 0.3))
    return {**_twin_t(at, limits), "R4": max(k - 1, 0.02) * 10e3, "R5": 10e3}


def _notch2(at: Target, limits: ActiveLimits) -> Sizes:
    k = 1 - 1 / (4 * max(at.q, 0.3))
    return {**_twin_t(at, limits), "R4": (1 - k) * 20e3, "R5": k * 20e3}


def _lp_notch(at: Target, limits: ActiveLimits) -> Sizes:
    made = _notch1(at, limits)
    share = max(at.depth**2 - 1, 0.02)
    c4 = max(made["C1"] * share, limits.capacitor.low)
    return {**made, "C4": nearest(limits.capacitor, c4)}


def _hp_notch(at: Target, limits: ActiveLimits) -> Sizes:
    made = _notch1(at, limits)
    return {**made, "R6": made["R1"] / max(1 / at.depth**2 - 1, 0.02)}


_SK_LP: Final = (("R1", "i", "a"), ("R2", "a", "p"), ("C1", "a", "o"), ("C2", "p", "0"))
_SK_HP: Final = (("C1", "i", "a"), ("C2", "a", "p"), ("R1", "a", "o"), ("R2", "p", "0"))
_MFB_LP: Final = (
    *(("R1", "i", "a"), ("C1", "a", "0"), ("R2", "a", "m")),
    *(("R3", "a", "o"), ("C2", "m", "o")),
)
_TOW_THOMAS: Final = (
    *(("R1", "i", "x"), ("R2", "x", "b"), ("C1", "x", "b"), ("R3", "z", "x")),
    *(("R4", "b", "y"), ("C2", "y", "l"), ("R5", "l", "k"), ("R6", "k", "z")),
)
_TWIN_T: Final = (
    *(("R1", "i", "a"), ("R2", "a", "p"), ("C1", "i", "b"), ("C2", "b", "p")),
    *(("C3", "a", "t"), ("R3", "b", "t")),
)


def _renamed(
    parts: tuple[tuple[str, str, str], ...], **names: str
) -> tuple[tuple[str, str, str], ...]:
    return tuple((name, names.get(a, a), names.get(b, b)) for name, a, b in parts)


_FOLLOWER: Final = (("p", "o", "o"),)
_INVERTING: Final = (("0", "m", "o"),)
_TWIN_T_FED: Final = (*_TWIN_T[:4], ("C3", "a", "0"), ("R3", "b", "o"))
"""The bridge whose resistive leg alone is fed from the output, which sharpens it."""

_GAIN: Final = (("R4", "o", "m"), ("R5", "m", "0"))

SECTIONS: Final[dict[str, Section]] = {
    section.name: section
    for section in (
        Section("sk_lp2", _SK_LP, _FOLLOWER, _sk_lp2),
        Section(
            "sk_lp2g",
            (*_SK_LP, ("R3", "o", "m"), ("R4", "m", "0")),
            (("p", "m", "o"),),
            _sk_lp2g,
            has_gain=True,
        ),
        Section(
            "sk_lp3",
            (("R0", "i", "f"), ("C0", "f", "0"), *_renamed(_SK_LP, i="f")),
            _FOLLOWER,
            _sk_lp3,
        ),
        Section("sk_hp2", _SK_HP, _FOLLOWER, _sk_hp2),
        Section(
            "sk_hp3",
            (("C0", "i", "f"), ("R0", "f", "0"), *_renamed(_SK_HP, i="f")),
            _FOLLOWER,
            _sk_hp3,
        ),
        Section("mfb_lp2", _MFB_LP, _INVERTING, _mfb_lp2, has_gain=True),
        Section(
            "mfb_lp3",
            (("R0", "i", "f"), ("C0", "f", "0"), *_renamed(_MFB_LP, i="f")),
            _INVERTING,
            _mfb_lp3,
            has_gain=True,
        ),
        Section(
            "mfb_hp2",
            (
                *(("C1", "i", "a"), ("R1", "a", "0"), ("C2", "a", "m")),
                *(("C3", "a", "o"), ("R2", "m", "o")),
            ),
            _INVERTING,
            _mfb_hp2,
            has_gain=True,
        ),
        Section(
            "mfb_bp",
            (
                *(("R1", "i", "a"), ("R2", "a", "0"), ("C1", "a", "o")),
                *(("C2", "a", "m"), ("R3", "m", "o")),
            ),
            _INVERTING,
            _mfb_bp,
            has_gain=True,
        ),
        Section(
            "lp1",
            (("R1", "i", "m"), ("R2", "m", "o"), ("C1", "m", "o")),
            _INVERTING,
            _lp1,
            has_gain=True,
        ),
        Section(
            "hp1",
            (("C1", "i", "a"), ("R1", "a", "m"), ("R2", "m", "o")),
            _INVERTING,
            _hp1,
            has_gain=True,
        ),
        Section(
            "wide_bp",
            (("C1", "i", "a"), ("R1", "a", "m"), ("R2", "m", "o"), ("C2", "m", "o")),
            _INVERTING,
            _wide_bp,
            has_gain=True,
        ),
        Section(
            "tt_lp",
            _renamed(_TOW_THOMAS, l="o"),
            (("0", "x", "b"), ("0", "y", "o"), ("0", "k", "z")),
            _tow_thomas,
            has_gain=True,
        ),
        Section(
            "tt_bp",
            _renamed(_TOW_THOMAS, b="o"),
            (("0", "x", "o"), ("0", "y", "l"), ("0", "k", "z")),
            _tow_thomas_bp,
            has_gain=True,
        ),
        Section("notch1", (*_TWIN_T_FED, *_GAIN), (("p", "m", "o"),), _notch1),
        Section(
            "notch2",
            (*_TWIN_T, ("R4", "o", "d"), ("R5", "d", "0")),
            (("p", "o", "o"), ("d", "t", "t")),
            _notch2,
        ),
        Section(
            "lp_notch",
            (*_TWIN_T_FED, *_GAIN, ("C4", "p", "0")),
            (("p", "m", "o"),),
            _lp_notch,
        ),
        Section(
            "hp_notch",
            (*_TWIN_T_FED, *_GAIN, ("R6", "p", "0")),
            (("p", "m", "o"),),
            _hp_notch,
        ),
    )
}
"""Every section by its name."""


def cascade(names: tuple[str, ...]) -> Topology:
    """Return sections one behind the other.

    Example:
        >>> made = cascade(("sk_lp2", "mfb_bp"))
        >>> made.name, made.size, len(made.opamps)
        ('sk_lp2+mfb_bp', 9, 2)
    """
    parts: list[Part] = []
    opamps: list[OpAmpAt] = []
    nodes, node = 3, INPUT
    counts = {"R": 0, "C": 0}
    for at, name in enumerate(names):
        section = SECTIONS[name]
        local = {"0": 0, "i": node}
        if at == len(names) - 1:
            local["o"] = OUTPUT
        for item in (*section.parts, *(("", *pins) for pins in section.opamps)):
            for pin in item[1:]:
                if pin not in local:
                    local[pin] = nodes
                    nodes += 1
        for item_name, a, b in section.parts:
            letter = item_name[0]
            counts[letter] += 1
            kind: PartKind = "resistor" if letter == "R" else "capacitor"
            parts.append(Part(f"{letter}{counts[letter]}", kind, local[a], local[b]))
        opamps += [OpAmpAt(*(local[pin] for pin in pins)) for pins in section.opamps]
        node = local["o"]
    return Topology("+".join(names), tuple(parts), nodes, tuple(opamps))


def sized(name: str, target: Target, limits: ActiveLimits) -> list[float] | None:
    """Return the values of a section in the order of its parts, or None."""
    section = SECTIONS[name]
    found = section.size(target, limits)
    return None if found is None else [found[part] for part, _, _ in section.parts]
