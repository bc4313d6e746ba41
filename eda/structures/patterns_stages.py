"""Patterns of stages: cascodes, common source, gate and drain, output stages, loads, passives."""

from __future__ import annotations

from typing import Final

from eda.structures.pattern import Pattern

# The net between a cascode and what it stands on: nobody else's source is there, and it is no
# node of a logic gate.
_JOINT = "!rail !wide lone !logic"
_CASCODE_GATE = "!logic !input"

STAGES: Final = (
    Pattern(
        "cascode/stacked",
        "A transistor whose current enters at its source, from the drain of another one.",
        """
        X lower: d=m g=gl s=s
        X upper: d=o g=gu s=m
        """,
        rank=48,
        where={"m": _JOINT, "gu": _CASCODE_GATE, "o": "!far joined", "s": "!far"},
        differ="gl!=gu gl!=m gu!=o gu!=m o!=gl",
    ),
    Pattern(
        "folded_cascode/transistor",
        "A signal current of the other polarity is folded into a cascode over a current source.",
        """
        X current: d=m g=gl s=r
        Y input: d=m g=gi s=t
        X cascode: d=o g=gu s=m
        """,
        rank=72,
        where={"m": _JOINT, "gu": _CASCODE_GATE, "r": "own", "o": "!far joined"},
        differ="gl!=gu gl!=m gu!=o gi!=gu",
    ),
    Pattern(
        "cascode_pair/common_gates",
        "Cascodes with one gate net, on transistors with one gate net and one source net.",
        """
        (X lower: d=m g=gl s=s)
        X cascode: d=o g=gu s=m
        """,
        rank=57,
        where={"m": _JOINT, "gu": "!logic !rail", "o": "!far joined", "s": "!far"},
        differ="gl!=gu gl!=m gu!=o gu!=m",
        many=("lower", "cascode"),
        by="gu gl s",
        least=2,
    ),
    Pattern(
        "cascode_pair/telescopic",
        "Cascodes with one gate net on the drains of a differential pair.",
        """
        (X lower: d=m g=gl s=t)
        X cascode: d=o g=gu s=m
        """,
        rank=57,
        where={"m": _JOINT, "gu": "!logic !rail", "t": "tail", "o": "!far joined"},
        differ="gl!=gu gl!=m gu!=o gu!=m",
        many=("lower", "cascode"),
        by="gu t",
        least=2,
        stage=2,
    ),
    Pattern(
        "regulated_cascode/transistor",
        "The gate of a cascode is driven by a stage that watches its source.",
        """
        X cascode: d=o g=gu s=m
        X amplifier: d=gu g=m s=r
        """,
        rank=68,
        where={"r": "own", "m": "!rail !logic", "o": "!far joined", "gu": "!rail"},
        differ="o!=gu gu!=m o!=m",
        unless=("wilson_mirror/simple", "wilson_mirror/improved"),
    ),
    Pattern(
        "common_source/plain",
        "An input at the gate (base), the source (emitter) on its rail, the output at the drain.",
        "X transistor: d=o g=i s=r",
        rank=30,
        where={"r": "own", "o": "!rail", "i": "signal !rail !held !shared !logic"},
        differ="o!=i",
        unless=("cross_coupled/common_source",),
    ),
    Pattern(
        "common_source/degenerated",
        "A common-source stage with a resistor between source and rail.",
        """
        X transistor: d=o g=i s=x
        R degeneration: p=x n=r
        """,
        rank=33,
        where={"r": "own", "x": "!rail lone", "o": "!rail", "i": "signal !rail !held !logic"},
        differ="o!=i x!=i",
        unless=("diff_pair/degenerated", "diff_pair/coupled"),
    ),
    Pattern(
        "common_gate/plain",
        "The input at the source (emitter), the gate (base) at a fixed voltage.",
        "X transistor: d=o g=v s=i",
        rank=30,
        where={"i": "!rail signal lone !drained", "v": "!signal !logic", "o": "!rail"},
        differ="o!=v",
    ),
    Pattern(
        "source_follower/plain",
        "The output at the source (emitter), the drain (collector) on the other rail.",
        "X transistor: d=v g=i s=o",
        rank=32,
        where={"v": "far", "o": "!rail lone", "i": "!rail !logic"},
    ),
    Pattern(
        "flipped_voltage_follower/transistor",
        "A follower whose drain drives the current source at its output.",
        """
        X follower: d=x g=i s=o
        X current: d=o g=x s=r
        """,
        rank=69,
        where={"r": "own", "o": "!rail lone", "x": "!rail !shared", "i": "!biased"},
        differ="x!=i i!=o",
    ),
    Pattern(
        "push_pull/common_source",
        "Two transistors of either polarity on one output, both gates driven.",
        """
        X n: d=o g=a s=r
        Y p: d=o g=b s=v
        """,
        rank=52,
        where={"r": "own", "v": "far", "o": "!rail", "a": "!rail !biased", "b": "!rail !biased"},
        differ="a!=b a!=o b!=o",
        never=(("a:held",), ("a:logic", "b:logic")),
        polarity="n",
    ),
    Pattern(
        "push_pull/followers",
        "Two followers of either polarity on one output: class B or AB.",
        """
        X n: d=v g=a s=o
        Y p: d=r g=b s=o
        """,
        rank=56,
        where={"v": "far", "r": "own", "o": "!rail"},
        polarity="n",
    ),
    Pattern(
        "darlington/common_collector",
        "The emitter of one bipolar transistor drives the base of the next; collectors joined.",
        """
        X driver: d=c g=i s=m
        X output: d=c g=m s=e
        """,
        rank=61,
        where={"m": "!rail lone sole"},
        differ="m!=c i!=c e!=i",
        family="bipolar",
    ),
    Pattern(
        "darlington/collector_on_rail",
        "The emitter of one bipolar transistor drives the base of the next.",
        """
        X driver: d=v g=i s=m
        X output: d=o g=m s=e
        """,
        rank=61,
        where={"m": "!rail lone sole", "v": "far", "o": "!far joined"},
        differ="m!=o i!=v i!=o",
        family="bipolar",
    ),
    Pattern(
        "sziklai/pair",
        "The collector of one bipolar transistor drives the base of one of the other polarity.",
        """
        X driver: d=m g=i s=o
        Y output: d=o g=m s=v
        """,
        rank=61,
        where={"m": "!rail", "o": "!rail"},
        differ="m!=o i!=m i!=o",
        family="bipolar",
    ),
    Pattern(
        "resistor_load/drain",
        "A resistor from the drain (collector) of a signal's transistor to the other rail.",
        """
        (X transistor: d=o g=i s=s)
        R load: p=o n=v
        """,
        rank=25,
        where={"v": "far", "o": "!rail", "i": "signal"},
        differ="o!=i",
        many=("transistor", "load"),
        by="o v",
    ),
    Pattern(
        "miller_compensation/capacitor",
        "A capacitor from the output of a common-source stage back to its gate.",
        """
        (X stage: d=o g=i s=r)
        C capacitor: p=i n=o
        """,
        rank=59,
        where={"r": "own", "o": "!rail", "i": "!rail !crossed"},
        differ="i!=o",
        many=("stage", "capacitor"),
        by="i o",
    ),
    *(
        Pattern(
            f"miller_compensation/{name}",
            "The same with a resistor in series.",
            f"""
            (X stage: d=o g=i s=r)
            R resistor: p={end} n=z
            C capacitor: p=z n={other}
            """,
            rank=59,
            where={"r": "own", "o": "!rail", "i": "!rail !crossed", "z": "series"},
            differ="i!=o",
        )
        for name, end, other in (
            ("resistor_at_gate", "i", "o"),
            ("resistor_at_drain", "o", "i"),
        )
    ),
    Pattern(
        "series_rc/two_terminals",
        "A resistor and a capacitor in series, nothing else between them.",
        """
        R resistor: p=a n=m
        C capacitor: p=m n=b
        """,
        rank=35,
        where={"m": "series"},
        differ="a!=b",
    ),
    Pattern(
        "lc_tank/parallel",
        "An inductor and a capacitor side by side.",
        """
        L inductor: p=a n=b
        C capacitor: p=a n=b
        """,
        rank=36,
    ),
)
