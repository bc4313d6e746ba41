"""``eda predict-links`` of a logic file: which signal is missing at each AND?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.cli.logic_input import read_logic_file
from eda.cli.output import put, put_json, put_table, waiting

if TYPE_CHECKING:
    from pathlib import Path

    from eda.aig import Aig

LOGIC_SCHEMA = "eda.predict-links.logic/1"
SHOWN = 5


def predict_logic(
    file: str, *, format: str, weights: Path | None, top: int | None, seed: int, json: bool
) -> None:
    """Rank the signals for every AND of which one fanin is the constant 1, and print them.

    Args:
        file: The logic file.
        format: Its format.
        weights: Folder of the network, or None for the shipped one.
        top: How many signals of each AND.
        seed: Draws the patterns that are simulated.
        json: Print JSON.
    """
    from eda.logic.fanin_model import load_fanin_model, predict_fanins

    aig = read_logic_file(file, format=format)
    model = load_fanin_model() if weights is None else load_fanin_model(weights)
    with waiting("ranking signals"):
        found = predict_fanins(aig, top=top or SHOWN, model=model, seed=seed)
    if json:
        answer = [
            {
                "gate": item.gate,
                "sibling": item.sibling,
                "legal": item.legal,
                "candidates": [
                    {"literal": one.literal, "probability": round(one.probability, 4)}
                    for one in item.candidates
                ],
            }
            for item in found
        ]
        put_json(LOGIC_SCHEMA, {"file": file, "open_fanins": answer})
        return
    if not found:
        put(
            f"{file}: no open fanin among {aig.num_ands} ANDs; an open fanin is written as the "
            "constant 1"
        )
        return
    rows = [
        (
            _name(aig, item.gate) if not place else "",
            _name(aig, item.sibling) if not place else "",
            _name(aig, one.literal),
            f"{100 * one.probability:.1f}",
        )
        for item in found
        for place, one in enumerate(item.candidates)
    ]
    put_table(rows, headers=("AND", "reads", "and perhaps", "%"), right=("%",))


def _name(aig: Aig, literal: int) -> str:
    """Return an input or latch by its name, an AND by its literal."""
    variable = literal >> 1
    if variable >= aig.first_and:
        name = str(literal & ~1)
    elif variable > aig.num_inputs:
        name = aig.name_of("latches", variable - 1 - aig.num_inputs)
    else:
        name = aig.name_of("inputs", variable - 1) if variable else "constant"
    return f"not {name}" if literal & 1 else name
