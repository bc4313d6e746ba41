"""Model cards of the generated circuits: generic level-1 transistors and simple diodes.

The values are the toolkit's own; they describe no process. Black boxes get a behavioural
definition of their own for the simulator only: a netlist that uses a library part stays a
netlist with a black box.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.datasets.generator.sheet import THRESHOLD_V, TRANSCONDUCTANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

NAMES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "mosfet": (
        *(("nch", "pch"), ("nmos", "pmos"), ("n", "p"), ("NMOS_VTL", "PMOS_VTL")),
        *(("nfet", "pfet"), ("n18", "p18"), ("NM", "PM"), ("modn", "modp"), ("cmosn", "cmosp")),
        *(("nch_lvt", "pch_lvt"), ("nmos_1p8", "pmos_1p8"), ("nmos4", "pmos4")),
    ),
    "bipolar": (
        *(("qn", "qp"), ("npn", "pnp"), ("2N3904", "2N3906"), ("BC547B", "BC557B")),
        *(("vertn", "latp"), ("QNPN", "QPNP"), ("2N2222", "2N2907"), ("bjtn", "bjtp")),
    ),
    "jfet": (("nj", "pj"), ("2N3819", "2N5460"), ("J201", "J175")),
}
DIODES: Final = ("dd", "1N4148", "D1N4148", "dmod", "BAT54", "ndio", "diode")
RECTIFIERS: Final = ("1N4007", "1N5819", "MBRS340", "1N4001", "SS14", "ES1D")


def model_names(rng: np.random.Generator) -> dict[str, str]:
    """Choose how the models are called: (kind + polarity) to name."""
    table: dict[str, str] = {}
    for kind, choices in NAMES.items():
        low, high = choices[int(rng.integers(len(choices)))]
        table[f"{kind}n"], table[f"{kind}p"] = low, high
    table["diode"] = DIODES[int(rng.integers(len(DIODES)))]
    table["rectifier"] = RECTIFIERS[int(rng.integers(len(RECTIFIERS)))]
    return table


def model_cards(names: dict[str, str], used: Sequence[str]) -> list[str]:
    """Return the ``.model`` lines of the models that are used, by key of `model_names`."""
    cards = []
    for key in sorted(set(used)):
        kind, polarity = key[:-1], key[-1]
        name = names.get(key, key)
        if kind == "mosfet":
            sign, lam = ("", 0.06) if polarity == "n" else ("-", 0.08)
            cards.append(
                f".model {name} {polarity}mos (level=1 vto={sign}{THRESHOLD_V} "
                f"kp={TRANSCONDUCTANCE[polarity] * 1e6:g}u lambda={lam} gamma=0.2 phi=0.7 "
                "cgso=0.2n cgdo=0.2n tox=4n)"
            )
        elif kind == "bipolar":
            cards.append(
                f".model {name} {'npn' if polarity == 'n' else 'pnp'} "
                f"(is=1e-16 bf={150 if polarity == 'n' else 60} "
                f"vaf=60 cje=0.5p cjc=0.3p tf=20p)"
            )
        elif kind == "jfet":
            cards.append(f".model {name} {polarity}jf (vto=-2 beta=1m lambda=0.01)")
        elif key == "rectifier":
            cards.append(f".model {name} d (is=1e-9 n=1.2 rs=20m cjo=40p)")
        elif key in ("zener", "led"):
            text = "is=1e-14 bv=5.1 ibv=1m" if key == "zener" else "is=1e-20 n=1.6 rs=2"
            cards.append(f".model {name} d ({text})")
        else:
            cards.append(f".model {name} d (is=1e-15 n=1.05 rs=5 cjo=0.5p)")
    return cards
