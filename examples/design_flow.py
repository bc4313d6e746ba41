"""A design flow with the library: a netlist with open pins, completed, checked, simulated.

Run it from anywhere:

    python examples/design_flow.py [netlist]

It asks where each open pin belongs and why, refuses an answer that breaks an electrical rule,
connects the rest, lets ngspice judge the circuit, and writes the netlist and a report.
"""

from __future__ import annotations

import sys
from pathlib import Path

import eda
from eda.links import complete_circuit
from eda.links.html_report import html_report
from eda.links.verify import verify_links
from eda.spice import write_source

LEAST = 0.5
"""An answer less likely than this is left to the designer."""


def choose(answer):
    """Return the net for a pin, or None where a person should look."""
    best = next((item for item in answer.candidates if item.net == answer.joint), None)
    if best is None or best.probability < LEAST:
        return None
    if any(finding.severity == "error" for finding in best.findings):
        return None
    return best


def main(netlist: Path, out: Path) -> int:
    """Complete one netlist; 0 where the completed circuit solves and everything conducts."""
    circuit = eda.read_netlist(netlist)
    answers = eda.predict_links(circuit, explain=True)
    settled = []
    for answer in answers:
        best = choose(answer)
        if best is None:
            print(f"{answer.device}.{answer.pin}: left to the designer")
            continue
        settled.append(answer)
        print(f"{answer.device}.{answer.pin} on {best.net} ({best.probability:.0%}), {best.like}")

    done = complete_circuit(circuit, settled)
    errors = [finding for finding in eda.check(done) if finding.severity == "error"]
    for finding in errors:
        print(f"error: {finding.message}")

    verdict = verify_links(circuit, settled)
    print(f"before: {verdict.before}")
    print(f"after: {verdict.after}")

    out.mkdir(parents=True, exist_ok=True)
    write_source(done, out / netlist.name)
    page = html_report(circuit, answers, title=netlist.name, verification=verdict)
    (out / "report.html").write_text(page, encoding="utf-8")
    print(f"wrote {out / netlist.name} and {out / 'report.html'}")
    return int(bool(errors) or not verdict.after.solved or bool(verdict.after.off))


if __name__ == "__main__":
    default = Path(__file__).parent / "pair_question_marks.sp"
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    raise SystemExit(main(given, Path("runs") / "design_flow"))
