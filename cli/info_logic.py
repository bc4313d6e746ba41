"""``eda info`` of a logic file: its interface, its ANDs, levels and fanouts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eda.cli.logic_input import read_logic_file
from eda.cli.output import put, put_json, waiting

if TYPE_CHECKING:
    from eda.aig import Aig

SCHEMA = "eda.info.logic/1"


def put_logic(file: str, format: str, *, json: bool) -> None:
    """Print what there is to say of a logic file."""
    aig = read_logic_file(file, format=format)
    with waiting("counting"):
        answer = {"file": file, "format": format, **describe(aig)}
    if json:
        put_json(SCHEMA, answer)
    else:
        _show(answer)


def describe(aig: Aig) -> dict[str, Any]:
    """Return what there is to say of an AIG."""
    import numpy as np

    from eda.aig import fanouts, strash, structural_hash, support

    resets = np.bincount(aig.resets, minlength=3).tolist()
    read = fanouts(aig)
    reached = [len(item) for item in support(aig)]
    hashed = strash(aig)
    return {
        "inputs": aig.num_inputs,
        "outputs": aig.num_outputs,
        "latches": aig.num_latches,
        "latch_resets": {"0": resets[0], "1": resets[1], "undefined": resets[2]},
        "bad": len(aig.bad),
        "constraints": len(aig.constraints),
        "justice": len(aig.justice),
        "fairness": len(aig.fairness),
        "ands": aig.num_ands,
        "ands_hashed": hashed.num_ands,
        "levels": aig.depth,
        "inverted_edges": int((aig.fanins & 1).sum() + (aig.roots & 1).sum()),
        "largest_fanout": int(read[1:].max(initial=0)),
        "largest_support": max(reached, default=0),
        "mean_support": round(sum(reached) / len(reached), 1) if reached else 0.0,
        "unread_inputs": int((read[1 : 1 + aig.num_inputs] == 0).sum()),
        "names": {"inputs": list(aig.input_names), "outputs": list(aig.output_names)},
        "comment": aig.comment,
        "structural_hash": structural_hash(aig),
    }


def _show(answer: dict[str, Any]) -> None:
    resets = ", ".join(f"{n} reset {name}" for name, n in answer["latch_resets"].items() if n)
    hashed, ands = answer["ands_hashed"], answer["ands"]
    sections = [
        f"{answer[name]} {name}"
        for name in ("bad", "constraints", "justice", "fairness")
        if answer[name]
    ]
    unread = answer["unread_inputs"]
    lines = {
        "format": answer["format"],
        "inputs": f"{answer['inputs']}{_some(answer['names']['inputs'])}"
        + (f", {unread} not read" if unread else ""),
        "outputs": f"{answer['outputs']}{_some(answer['names']['outputs'])}",
        "latches": f"{answer['latches']} ({resets})" if answer["latches"] else "",
        "properties": ", ".join(sections),
        "ANDs": f"{ands}" + (f" ({hashed} once equal ones are merged)" if hashed != ands else ""),
        "levels": str(answer["levels"]),
        "inverters": f"{answer['inverted_edges']} edges invert",
        "fanout": f"at most {answer['largest_fanout']}",
        "support": f"at most {answer['largest_support']} inputs, {answer['mean_support']} on "
        "average",
        "structure": answer["structural_hash"],
        "comment": answer["comment"].strip().partition("\n")[0][:60],
    }
    width = max(map(len, lines)) + 2
    put("\n".join(f"{name:<{width}}{text}" for name, text in lines.items() if text))


def _some(names: list[str], most: int = 6) -> str:
    named = [name for name in names if name]
    if not named:
        return ""
    return f" ({', '.join(named[:most])}{', ...' if len(named) > most else ''})"
