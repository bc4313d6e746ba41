"""Patterns of pairs: differential, cross-coupled, switching quads, and their tails."""

from __future__ import annotations

from typing import Final

from eda.structures.pattern import Pattern

# A foot that digital gates share is no tail.
_DIGITAL = ("ga:logic", "gb:logic", "t:foot")
# Of three on a tail, a diode-connected one makes a bias; of two, it is half of a buffer.
_BIAS_DIODE = (("ga=da", "t:crowded"), ("gb=db", "t:crowded"))
_CROSSED = ("ga=db", "gb=da")
_TAIL = "!rail !wide !input !output !crossed sunk"

PAIRS: Final = (
    Pattern(
        "diff_pair/common_source",
        "Two transistors share a source that a current flows out of; their gates differ.",
        """
        X a: d=da g=ga s=t
        X b: d=db g=gb s=t
        """,
        rank=60,
        where={"t": _TAIL},
        differ="ga!=gb da!=db",
        never=(_CROSSED, _DIGITAL, *_BIAS_DIODE),
        unless=("cross_coupled/common_source",),
    ),
    Pattern(
        "diff_pair/degenerated",
        "A pair with a resistor from each source to the tail.",
        """
        X a: d=da g=ga s=sa
        R degeneration_a: p=sa n=t
        R degeneration_b: p=sb n=t
        X b: d=db g=gb s=sb
        """,
        rank=70,
        where={"t": _TAIL, "sa": "!rail lone", "sb": "!rail lone"},
        differ="ga!=gb da!=db sa!=sb",
    ),
    Pattern(
        "diff_pair/coupled",
        "Two transistors with a tail each, their sources joined by a resistor.",
        """
        X a: d=da g=ga s=sa
        R degeneration: p=sa n=sb
        X b: d=db g=gb s=sb
        """,
        rank=65,
        where={"sa": "!rail lone sunk", "sb": "!rail lone sunk"},
        differ="ga!=gb da!=db",
    ),
    Pattern(
        "cross_coupled/common_source",
        "Each gate is on the other's drain: negative resistance, or half a latch.",
        """
        X a: d=p g=q s=s
        X b: d=q g=p s=s
        """,
        rank=62,
        differ="p!=q",
    ),
    Pattern(
        "cross_coupled_cascode/latch",
        "Cross-coupled gates on top of two different branches, as in a StrongARM comparator.",
        """
        X a: d=p g=q s=sa
        X b: d=q g=p s=sb
        """,
        rank=64,
        where={"sa": "!rail lone", "sb": "!rail lone"},
        differ="p!=q sa!=sb",
    ),
    Pattern(
        "latch/cross_coupled_inverters",
        "Cross-coupled transistors of both polarities on the same two nets.",
        """
        X a: d=p g=q s=sa
        X b: d=q g=p s=sb
        Y c: d=p g=q s=sc
        Y e: d=q g=p s=se
        """,
        rank=80,
        differ="p!=q",
        polarity="n",
    ),
    Pattern(
        "switching_quad/double_balanced",
        "Two pairs with the same gates, their drains crossed: the upper half of a Gilbert cell.",
        """
        X a: d=o1 g=lp s=t1
        X b: d=o2 g=ln s=t1
        X c: d=o1 g=ln s=t2
        X e: d=o2 g=lp s=t2
        """,
        rank=85,
        where={"t1": "!rail !wide !crossed", "t2": "!rail !wide !crossed"},
        differ="o1!=o2 lp!=ln t1!=t2",
    ),
    Pattern(
        "gilbert_cell/double_balanced",
        "A switching quad whose tails are the drains of a differential pair.",
        """
        X rf_a: d=t1 g=rp s=t
        X rf_b: d=t2 g=rn s=t
        X a: d=o1 g=lp s=t1
        X b: d=o2 g=ln s=t1
        X c: d=o1 g=ln s=t2
        X e: d=o2 g=lp s=t2
        """,
        rank=95,
        where={"t1": "!rail !wide !crossed", "t2": "!rail !wide !crossed", "t": "!wide"},
        differ="o1!=o2 lp!=ln t1!=t2 rp!=rn",
    ),
    Pattern(
        "mirror_loaded_pair/simple",
        "A differential pair into a current mirror: both currents at one output.",
        """
        X a: d=da g=ga s=t
        X b: d=db g=gb s=t
        Y reference: d=da g=da s=v
        Y output: d=db g=da s=v
        """,
        rank=75,
        where={"t": _TAIL},
        differ="ga!=gb da!=db",
        never=_BIAS_DIODE,
    ),
    Pattern(
        "tail/transistor",
        "The current source of a differential pair.",
        "X tail: d=t g=g s=r",
        rank=40,
        where={"t": "tail", "r": "own"},
        stage=2,
    ),
    Pattern(
        "tail/cascoded",
        "The upper transistor of a cascoded current source of a pair.",
        """
        (X current: d=r g=gc s=v)
        X tail: d=t g=g s=r
        """,
        rank=41,
        where={"t": "tail", "r": "!rail !tail lone", "v": "own"},
        stage=2,
    ),
    Pattern(
        "tail/resistor",
        "A resistor in place of the current source of a differential pair.",
        """
        (X pair: d=d g=g s=t)
        R tail: p=t n=r
        """,
        rank=40,
        where={"t": "tail", "r": "own"},
        many=("pair", "tail"),
        by="t r",
        stage=2,
    ),
    Pattern(
        "tail/sink",
        "An ideal current source below a differential pair of n transistors.",
        """
        (X pair: d=d g=g s=t)
        I tail: p=t n=r
        """,
        rank=40,
        where={"t": "tail"},
        many=("pair", "tail"),
        by="t r",
        stage=2,
        polarity="n",
    ),
    Pattern(
        "tail/source",
        "An ideal current source above a differential pair of p transistors.",
        """
        (X pair: d=d g=g s=t)
        I tail: p=r n=t
        """,
        rank=40,
        where={"t": "tail"},
        many=("pair", "tail"),
        by="t r",
        stage=2,
        polarity="p",
    ),
)
