"""Patterns of currents: mirrors of every sort, banks, bias loops, diode connections."""

from __future__ import annotations

import re
from typing import Final

from eda.structures.pattern import Pattern

_OUT = ("output",)
_CASCODED = ("output", "output_cascode")

MIRRORS: Final = (
    Pattern(
        "current_mirror/simple",
        "A diode-connected transistor, and others on the same gate and source.",
        """
        X reference: d=b g=b s=s
        X output: d=o g=b s=s
        """,
        rank=50,
        where={"b": "!rail"},
        differ="o!=b",
        many=_OUT,
        by="b s",
    ),
    Pattern(
        "current_mirror/degenerated",
        "A mirror with a resistor from each source to the rail.",
        """
        X reference: d=b g=b s=sr
        R reference_resistor: p=sr n=r
        X output: d=o g=b s=so
        R output_resistor: p=so n=r
        """,
        rank=66,
        where={"b": "!rail", "r": "own"},
        differ="o!=b sr!=so",
        many=("output", "output_resistor"),
        by="b sr r",
    ),
    Pattern(
        "current_mirror/widlar",
        "A mirror with a resistor at the source of the output only.",
        """
        X reference: d=b g=b s=r
        X output: d=o g=b s=so
        R output_resistor: p=so n=r
        """,
        rank=64,
        where={"b": "!rail", "r": "own", "so": "!rail"},
        differ="o!=b",
        many=("output", "output_resistor"),
        by="b r",
    ),
    Pattern(
        "current_mirror/peaking",
        "A resistor between drain and gate of the reference; the output's gate is on the drain.",
        """
        X reference: d=x g=b s=s
        R resistor: p=b n=x
        X output: d=o g=x s=s
        """,
        rank=63,
        differ="x!=b o!=x o!=b",
        many=_OUT,
        by="b x s",
    ),
    Pattern(
        "current_mirror/gate_resistor",
        "A mirror whose reference is diode-connected through a resistor.",
        """
        X reference: d=x g=b s=s
        R resistor: p=b n=x
        X output: d=o g=b s=s
        """,
        rank=63,
        where={"b": "!rail !logic !held", "s": "own"},
        differ="x!=b o!=x o!=b",
        many=_OUT,
        by="b x s",
        unless=("common_mode_load/resistors",),
    ),
    Pattern(
        "common_mode_load/resistors",
        "Two loads whose common gate net two resistors from their drains drive.",
        """
        X a: d=da g=b s=s
        R resistor_a: p=da n=b
        R resistor_b: p=db n=b
        X b: d=db g=b s=s
        """,
        rank=71,
        where={"b": "!rail"},
        differ="da!=db da!=b db!=b",
    ),
    Pattern(
        "current_mirror/helper",
        "A mirror whose gates, or bases, a follower drives: less current is lost to them.",
        """
        X reference: d=i g=b s=s
        X helper: d=v g=i s=b
        X output: d=o g=b s=s
        """,
        rank=67,
        where={"v": "far", "b": "!rail"},
        differ="o!=i i!=b",
        many=_OUT,
        by="b i s",
    ),
    Pattern(
        "current_mirror/cascoded_reference",
        "A mirror whose reference has a cascode inside its diode connection.",
        """
        X reference: d=x g=i s=s
        X reference_cascode: d=i g=v s=x
        X output: d=o g=i s=s
        """,
        rank=58,
        where={"x": "lone !rail !wide", "i": "!rail"},
        differ="o!=x x!=i o!=i",
        many=_OUT,
        by="i x s",
    ),
    Pattern(
        "cascode_mirror/stacked",
        "Two mirrors on top of each other.",
        """
        X reference: d=x g=x s=s
        X reference_cascode: d=i g=i s=x
        X output: d=jo g=x s=s
        X output_cascode: d=o g=i s=jo
        """,
        rank=82,
        where={"x": "!rail", "i": "!rail", "jo": "!rail"},
        differ="x!=jo o!=i",
        many=_CASCODED,
        by="x i s",
    ),
    Pattern(
        "cascode_mirror/low_voltage",
        "A mirror with cascodes, the gates of the mirror on the drain of the reference's cascode.",
        """
        X reference: d=x g=i s=s
        X reference_cascode: d=i g=vb s=x
        X output: d=jo g=i s=s
        X output_cascode: d=o g=vb s=jo
        """,
        rank=83,
        where={"x": "!rail", "i": "!rail", "jo": "!rail"},
        differ="x!=jo o!=i x!=i jo!=i",
        many=_CASCODED,
        by="x i vb s",
    ),
    Pattern(
        "wilson_mirror/simple",
        "Three transistors: the output's source current is mirrored back to the input.",
        """
        X output: d=o g=i s=m
        X reference: d=m g=m s=s
        X input: d=i g=m s=s
        """,
        rank=78,
        where={"m": "!rail", "i": "!rail"},
        differ="o!=i o!=m i!=m",
    ),
    Pattern(
        "wilson_mirror/improved",
        "A Wilson mirror with a diode above the input, so that both branches see one voltage.",
        """
        X output: d=o g=i s=m
        X reference: d=m g=m s=s
        X input: d=x g=m s=s
        X diode: d=i g=i s=x
        """,
        rank=84,
        where={"m": "!rail", "i": "!rail", "x": "!rail"},
        differ="o!=i o!=m x!=m",
    ),
    *(
        Pattern(
            f"{kind}/one_gate_net",
            about,
            "X output: d=o g=g s=r",
            rank=45,
            where={"r": "own", "g": f"{signal} !rail !held !logic !crossed", "o": "!rail"},
            differ="o!=g",
            many=_OUT,
            by="g r",
            least=2,
            unless=("current_mirror/gate_resistor", "current_mirror/helper"),
        )
        for kind, signal, about in (
            (
                "current_source_bank",
                "!signal",
                "Transistors on one rail and one gate net without a diode: equal currents.",
            ),
            (
                "common_source_bank",
                "signal",
                "The same, where the gate net carries a signal, or a common-mode feedback.",
            ),
        )
    ),
    Pattern(
        "current_source/single",
        "A transistor on its rail, its gate held at a bias that nothing here mirrors.",
        "X output: d=o g=b s=r",
        rank=20,
        where={"r": "own", "b": "biased !held !shared !logic", "o": "!rail"},
        differ="o!=b",
    ),
    Pattern(
        "diode_connected/transistor",
        "Gate and drain are one net: a load, a reference or a diode.",
        "X diode: d=g g=g s=s",
        rank=15,
    ),
    Pattern(
        "self_cascode/composite",
        "Two transistors in series with one gate: a longer one.",
        """
        X lower: d=m g=g s=s
        X upper: d=o g=g s=m
        """,
        rank=55,
        where={"m": "!rail lone", "g": "!logic !rail"},
        differ="o!=m m!=g",
    ),
    Pattern(
        "beta_multiplier/source_resistor",
        "A mirror with a resistor under its output, closed by a mirror: it biases itself.",
        """
        X reference: d=n g=n s=r
        X output: d=p g=n s=x
        R resistor: p=x n=r
        (Y loop_reference: d=p g=p s=v)
        (Y loop_output: d=n g=p s=v)
        """,
        rank=90,
        where={"r": "own"},
        differ="n!=p",
    ),
    Pattern(
        "beta_multiplier/cascoded_loop",
        "The same, where cascodes stand between the two mirrors.",
        """
        X reference: d=n g=n s=r
        X output: d=p g=n s=x
        R resistor: p=x n=r
        (X cascode: d=k g=c s=p)
        (Y loop_reference: d=k g=k s=v)
        """,
        rank=89,
        where={"r": "own", "p": "!rail", "k": "!rail"},
        differ="n!=p",
    ),
    *(
        Pattern(
            f"ptat_core/{junction}_{held}",
            "Two junctions, one behind a resistor, whose voltages something holds equal.",
            f"""
            X small: {small}
            X large: {large}
            R resistor: p=b n=c
            {context}
            """,
            rank=88,
            where={"r": "rail", "a": "!rail", "b": "!rail"},
            differ="a!=b a!=c b!=c",
            many=tuple(re.findall(r"\(\w (\w+)", context)),
            by="a b c r",
            family="bipolar",
        )
        for junction, small, large in (
            ("pnp", "d=r g=r s=a", "d=r g=r s=c"),
            ("npn", "d=a g=a s=r", "d=c g=c s=r"),
        )
        for held, context in (
            ("amplifier", "(E amplifier: p=a n=b)"),
            ("pair", "(U hold_a: d=ka g=a s=t)\n(U hold_b: d=kb g=b s=t)"),
            ("gates", "(U hold_a: d=ka g=k s=a)\n(U hold_b: d=kb g=k s=b)"),
        )
    ),
)
