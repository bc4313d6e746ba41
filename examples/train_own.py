"""Training the link predictor on one's own netlists, and using what came of it.

    python examples/train_own.py FOLDER [minutes]

FOLDER holds netlists in any dialect that is read, at least eight distinct circuits. The shell
does the same with `eda train links --data FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from eda.datasets import read_own, train_own_links
from eda.links import predict_links
from eda.links.weights import weights_in


def main(folder: Path, out: Path, *, minutes=10.0, start="shipped", plan=None) -> None:
    """Train, compare before with after on circuits held out, ask both for one pin."""
    own = read_own(folder)
    print(f"{len(own.circuits)} circuits in {own.files} netlists")
    made = train_own_links(folder, out=out, start=start, minutes=minutes, plan=plan, log=print)
    for when in ("before", "after"):
        figures = made[when]
        print(f"{when}: Hits@1 {figures['hits_at_1']:.3f}, MRR {figures['mrr']:.3f}")

    circuit = max((item.circuit for item in own.circuits), key=lambda item: len(item.devices))
    device = circuit.devices[0]
    pin = (device.name, device.roles[0])
    for name, models in (("shipped", None), ("own", weights_in(out))):
        (answer,) = predict_links(circuit, pins=[pin], models=models, top=1)
        best = answer.candidates[0]
        print(f"{name}: {pin[0]}.{pin[1]} on {best.net} ({best.probability:.0%})")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main(
        Path(sys.argv[1]),
        Path("runs") / "own-links",
        minutes=float(sys.argv[2]) if len(sys.argv) > 2 else 10.0,
    )
