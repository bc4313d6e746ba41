"""Patterns of switching circuits: inverters, gates of two inputs, transmission gates."""

from __future__ import annotations

from typing import Final

from eda.structures.pattern import Pattern

_RAILS = {"r": "own", "v": "far", "y": "!rail", "a": "!rail"}


def _gate(rule: str, about: str, text: str, rank: int, **more: str) -> Pattern:
    where = {**_RAILS, **{net: facts for net, facts in more.items() if net != "differ"}}
    nets = Pattern(rule, about, text, rank).nets
    return Pattern(
        rule,
        about,
        text,
        rank,
        where={net: facts for net, facts in where.items() if net in nets},
        differ=more.get("differ", "a!=y"),
        family="mosfet",
        polarity="n",
    )


LOGIC: Final = (
    _gate(
        "inverter/cmos",
        "An n and a p transistor with one gate net and one drain net, each on its rail.",
        """
        X n: d=y g=a s=r
        Y p: d=y g=a s=v
        """,
        54,
    ),
    _gate(
        "starved_inverter/both",
        "An inverter between two transistors whose gates are at a bias.",
        """
        X n: d=y g=a s=sn
        Y p: d=y g=a s=sp
        X sink: d=sn g=gn s=r
        Y source: d=sp g=gp s=v
        """,
        74,
        sn="!rail",
        sp="!rail",
        gn="!logic",
        gp="!logic",
        differ="a!=y gn!=a gp!=a gn!=gp",
    ),
    _gate(
        "starved_inverter/sink",
        "An inverter above a transistor whose gate is at a bias or a clock.",
        """
        X n: d=y g=a s=sn
        Y p: d=y g=a s=v
        X sink: d=sn g=gn s=r
        """,
        73,
        sn="!rail",
        gn="!logic",
        differ="a!=y gn!=a",
    ),
    _gate(
        "starved_inverter/source",
        "An inverter below a transistor whose gate is at a bias or a clock.",
        """
        X n: d=y g=a s=r
        Y p: d=y g=a s=sp
        Y source: d=sp g=gp s=v
        """,
        73,
        sp="!rail",
        gp="!logic",
        differ="a!=y gp!=a",
    ),
    _gate(
        "nand/two_inputs",
        "Two n transistors in series, two p side by side.",
        """
        X upper: d=y g=a s=m
        X lower: d=m g=b s=r
        Y a: d=y g=a s=v
        Y b: d=y g=b s=v
        """,
        76,
        m="!rail",
        b="!rail",
        differ="a!=b a!=y b!=y m!=y",
    ),
    _gate(
        "nor/two_inputs",
        "Two n transistors side by side, two p in series.",
        """
        X a: d=y g=a s=r
        X b: d=y g=b s=r
        Y upper: d=m g=b s=v
        Y lower: d=y g=a s=m
        """,
        76,
        m="!rail",
        b="!rail",
        differ="a!=b a!=y b!=y m!=y",
    ),
    *(
        Pattern(
            f"transmission_gate/{name}",
            "An n and a p transistor side by side between two nets that are no rails.",
            f"""
            X n: d=a g=gn s=b
            Y p: {ends} g=gp
            """,
            rank=53,
            where={"a": "!rail", "b": "!rail"},
            differ="gn!=gp",
            family="mosfet",
            polarity="n",
            passgates=True,
        )
        for name, ends in (("same_ends", "d=a s=b"), ("other_ends", "d=b s=a"))
    ),
)
