"""Layouts and waves that the tests of full wave share."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest

from eda.filters.fullwave.waves import Signals
from eda.filters.microstrip.layout import Layout, Strip
from eda.filters.microstrip.line import static_line
from eda.filters.microstrip.substrate import LIGHT_M_PER_S, Substrate

BOARD = Substrate(er=3.66, height_m=0.508e-3, tan_delta=0.0037)


@pytest.fixture
def board() -> Substrate:
    return BOARD


@pytest.fixture
def coupled() -> Layout:
    """Return two half-wave resonators side by side, fed by coupled strips; half a turn maps it."""
    sections = [(0.88, 0.13, 8.78), (1.08, 0.58, 8.73), (0.88, 0.13, 8.78)]
    strips, pairs, x, y, before = [], [], 0.0, 0.0, 0.88
    for k, (width, gap, length) in enumerate(sections):
        y += abs(width - before) / 2
        lower = ("p1", "f1") if k == 0 else (f"r{k}", f"o{k}b")
        upper = ("f2", "p2") if k == 2 else (f"o{k + 1}a", f"r{k + 1}")
        strips.append(Strip(f"a{k}", (x, y), (x + length, y), width, lower))
        y += width + gap
        strips.append(Strip(f"b{k}", (x, y), (x + length, y), width, upper))
        pairs.append((f"a{k}", f"b{k}"))
        x, before = x + length, width
    return Layout("edge_coupled", 2, tuple(strips), tuple(pairs), ("p1", "p2"))


@pytest.fixture
def stubbed() -> Layout:
    """Return a line with one stub in its middle; a mirror maps it."""
    strips = (
        Strip("m1", (0.0, 0.0), (6.0, 0.0), 0.57, ("p1", "n")),
        Strip("m2", (6.0, 0.0), (12.0, 0.0), 0.57, ("n", "p2")),
        Strip("s", (6.0, 0.285), (6.0, 5.285), 0.9, ("n", "o")),
    )
    return Layout("stub", 1, strips, (), ("p1", "p2"))


def line_signals(xml: str) -> Signals:
    """Return what probes of a matched, lossless line of the problem's length would see.

    A wave of the speed and impedance that the closed forms give travels from the driven port to
    the other; an oracle that knows nothing of the code that reads probes but their places.
    """
    top = ElementTree.fromstring(xml)
    boxes = {
        item.attrib["Name"]: next(iter(item.iter("P1"))).attrib for item in top.iter("ProbeBox")
    }
    width = 1.1
    ohm, ee = (float(value[0]) for value in static_line(np.array([1e-3 * width]), BOARD))
    speed = LIGHT_M_PER_S / np.sqrt(ee)
    time = np.arange(0.0, 3e-9, 5e-12)
    reverse = any(item.get("Name") == "e2" for item in top.iter("Excitation"))

    def wave(delay: float) -> np.ndarray:
        t = time - 0.8e-9 - delay
        return np.cos(2 * np.pi * 5e9 * t) * np.exp(-((t / 0.15e-9) ** 2))

    made = {}
    for name, at in boxes.items():
        x = 1e-3 * float(at["X"])
        value = wave(-x / speed if reverse else x / speed)
        if name[0] == "i":
            # Currents count towards the filter: into port 1 along x, into port 2 against it.
            into = 1.0 if (name[1] == "1") != reverse else -1.0
            value = into * value / ohm
        made[name] = (time, value)
    return made


@pytest.fixture
def line_run() -> Callable[[str], Signals]:
    return line_signals
