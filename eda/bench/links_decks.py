"""Decks of any size for the speed of predictions: a chain, random logic, a tiled memory."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

CELLS: Final = """\
.subckt inv a y vdd vss
MP y a vdd vdd pch w=2u l=0.1u
MN y a vss vss nch w=1u l=0.1u
.ends
.subckt nand2 a b y vdd vss
MPA y a vdd vdd pch w=2u l=0.1u
MPB y b vdd vdd pch w=2u l=0.1u
MNA y a m vss nch w=2u l=0.1u
MNB m b vss vss nch w=2u l=0.1u
.ends
.subckt nor2 a b y vdd vss
MPA m a vdd vdd pch w=4u l=0.1u
MPB y b m vdd pch w=4u l=0.1u
MNA y a vss vss nch w=1u l=0.1u
MNB y b vss vss nch w=1u l=0.1u
.ends
.subckt latch d g gn q vdd vss
MPT d gn x vdd pch w=1u l=0.1u
MNT d g x vss nch w=1u l=0.1u
XI1 x q vdd vss inv
XI2 q y vdd vss inv
MPK y g x vdd pch w=1u l=0.1u
MNK y gn x vss nch w=1u l=0.1u
.ends
"""
_PER_GATE: Final = 2 * 0.3 + 4 * 0.5 + 8 * 0.2
REACH: Final = 40
"""How far back a gate of the random logic looks for its inputs."""
_SUBCKT: Final = re.compile(r"^\.subckt\s+(\S+)((?:\s+[^\s=]+)*)\s*$", re.IGNORECASE)


def chain_text(stages: int) -> str:
    """Return a chain of differential stages, one gate of the last of them on a loose net."""
    lines = ["* chain of differential stages"]
    for k in range(stages):
        load = "loose" if k == stages - 1 else f"x{k}"
        lines += [
            f"MA{k} x{k} in{k} t{k} vss nch w=2u l=1u",
            f"MB{k} in{k + 1} ref t{k} vss nch w=2u l=1u",
            f"MC{k} x{k} x{k} vdd vdd pch w=4u l=1u",
            f"MD{k} in{k + 1} {load} vdd vdd pch w=4u l=1u",
        ]
        lines.append(f"MT{k} t{k} vb vss vss nch w=2u l=1u")
    return "\n".join([*lines, "VDD vdd 0 1.8", "VSS vss 0 0", "VIN in0 0 0.9", ".end", ""])


def logic_text(devices: int, *, seed: int = 0) -> str:
    """Return random logic of about so many transistors, gate by gate, hierarchical.

    Each gate takes its inputs from the outputs of the last `REACH` gates; every 64th net is an
    input of the chip. Nothing repeats but the cells themselves: the worst case for whoever
    counts on repetition.
    """
    rng = np.random.default_rng(seed)
    gates = max(1, round(devices / _PER_GATE))
    kinds = rng.choice(4, gates, p=(0.3, 0.3, 0.2, 0.2))
    back = rng.integers(1, REACH + 1, (gates, 2))
    lines = ["* random logic", CELLS.rstrip("\n")]
    for at in range(gates):
        one, two = (
            f"n{source}" if source >= 0 and source % 64 else f"in{abs(source) // 64}"
            for source in (at - back[at]).tolist()
        )
        kind = kinds[at]
        if kind == 0:
            lines.append(f"X{at} {one} n{at} vdd 0 inv")
        elif kind == 3:
            lines.append(f"X{at} {one} ck{at // 400} ckn{at // 400} n{at} vdd 0 latch")
        else:
            lines.append(f"X{at} {one} {two} n{at} vdd 0 {('nand2', 'nor2')[kind - 1]}")
    lines += [f"XC{k} ck{k} ckn{k} vdd 0 inv" for k in range(-(-gates // 400))]
    lines += [f"XB{k} clk ck{k} vdd 0 inv" for k in range(-(-gates // 400))]
    return "\n".join([*lines, "VDD vdd 0 1.8", "VCK clk 0 pulse(0 1.8 0 1n 1n 5n 10n)", ".end", ""])


def tiled_text(text: str, copies: int) -> str:
    """Return a netlist of subcircuits with its last one instantiated several times.

    Supplies are common (ports named like supplies); every other port is a net of its own copy.

    Args:
        text: A netlist whose top is its last subcircuit.
        copies: How many.
    """
    joined = re.sub(r"\n\+", " ", text)
    tops = [match for line in joined.splitlines() if (match := _SUBCKT.match(line))]
    name, ports = tops[-1][1], tops[-1][2].split()
    lines = ["* tiled", text.rstrip("\n")]
    for copy in range(copies):
        nets = [
            port if re.fullmatch(r"v\w*|gnd\w*", port, re.IGNORECASE) else f"t{copy}_{at}"
            for at, port in enumerate(ports)
        ]
        lines.append(f"XT{copy} {' '.join(nets)} {name}")
    return "\n".join([*lines, ".end", ""])
