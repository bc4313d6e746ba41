"""Fine-tuned models as files: numbers and text in safetensors, nothing that could run."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import WeightsError
from eda.surrogate.case_model import CaseModel, Fitted
from eda.surrogate.data import fingerprint
from eda.surrogate.gp import Process, assemble
from eda.surrogate.heads import Classifier, Head
from eda.tensors import replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT: Final = "eda.surrogate.case/1"
MAX_BYTES: Final = 512 * 1024 * 1024
_PARTS: Final = ("sizes", "guesses", "guess_scale", "noise", "target")


def save_model(model: CaseModel, path: Path) -> None:
    """Write a fine-tuned model.

    Raises:
        WeightsError: It was not fine-tuned, so there is nothing to write.
    """
    from safetensors.numpy import save

    fitted = model.fitted
    if fitted is None:
        raise WeightsError("the model is not fine-tuned; there is nothing to write")
    arrays: dict[str, NDArray[Any]] = {"designs": fitted.designs}
    about = {
        "format": FORMAT,
        "case": model.case.name,
        "fingerprint": fingerprint(model.case),
        "networks": networks_of(model),
        "count": fitted.count,
        "alive": _classifier(fitted.alive, "alive", arrays),
        "defined": [
            None if item is None else _classifier(item, f"defined{at}", arrays)
            for at, item in enumerate(fitted.defined)
        ],
        "live": [_head(item, f"live{at}", arrays) for at, item in enumerate(fitted.live)],
        "dead": [
            None if item is None else _head(item, f"dead{at}", arrays)
            for at, item in enumerate(fitted.dead)
        ],
    }
    stored = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    replace_file(path, save(stored, metadata={"eda": json.dumps(about, sort_keys=True)}))


def load_model(model: CaseModel, path: Path) -> CaseModel:
    """Return a model of a case with what a file learned of it.

    Args:
        model: The model of the case before fine-tuning, from `Surrogate.for_case`.
        path: What `save_model` wrote.

    Raises:
        WeightsError: The file cannot be read, or is of another case or other networks.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        if path.stat().st_size > MAX_BYTES:
            raise WeightsError(f"{path} is larger than {MAX_BYTES >> 20} MB; no model of a case")
        data = path.read_bytes()
        arrays = load(data)
        size = int.from_bytes(data[:8], "little")
        about = json.loads(json.loads(data[8 : 8 + size]).get("__metadata__", {}).get("eda", "{}"))
        if about.get("format") != FORMAT:
            raise WeightsError(f"{path} is no model of a case; make one with: eda surrogate train")
        if about["fingerprint"] != fingerprint(model.case):
            raise WeightsError(
                f"{path} is a model of {about['case']}, or of another version of it, and does not "
                f"fit {model.case.name}; make one with: eda surrogate train"
            )
        if about["networks"] != networks_of(model):
            raise WeightsError(
                f"{path} was made with other networks than these; make it anew with: "
                "eda surrogate train"
            )
        fitted = Fitted(
            _read_classifier(about["alive"], "alive", arrays),
            tuple(
                None if item is None else _read_classifier(item, f"defined{at}", arrays)
                for at, item in enumerate(about["defined"])
            ),
            tuple(_read_head(item, f"live{at}", arrays) for at, item in enumerate(about["live"])),
            tuple(
                None if item is None else _read_head(item, f"dead{at}", arrays)
                for at, item in enumerate(about["dead"])
            ),
            int(about["count"]),
            arrays["designs"],
        )
        many = len(model.metrics)
        if not len(fitted.defined) == len(fitted.live) == len(fitted.dead) == many:
            raise ValueError("it has not as many metrics as the case")
    except OSError as problem:
        raise WeightsError(f"{path} cannot be read: {problem.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, SafetensorError) as problem:
        raise WeightsError(f"{path} is no model of a case ({problem})") from None
    except np.linalg.LinAlgError:
        raise WeightsError(f"{path} is damaged: its covariances have no root") from None
    return replace(model, fitted=fitted)


def networks_of(model: CaseModel) -> str:
    """Return a hash of the networks that a model uses; empty where it uses none."""
    if model.ensemble is None or model.reader is None:
        return ""
    digest = sha256()
    for item in model.ensemble.members:
        for name in sorted(item.arrays):
            digest.update(np.ascontiguousarray(item.arrays[name]).tobytes())
    return digest.hexdigest()[:16]


def _head(head: Head, name: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "choice": list(head.choice),
        "margin": head.margin,
        "constant": head.constant,
        "spread": head.spread,
    }
    process = head.process
    if process is not None:
        made |= {"centre": process.centre, "scale": process.scale}
        for part in _PARTS:
            arrays[f"{name}:{part}"] = getattr(process, part)
        for at, ((centre, length), points) in enumerate(
            zip(process.blocks, process.points, strict=True)
        ):
            arrays[f"{name}:centre{at}"] = centre
            arrays[f"{name}:length{at}"] = length
            arrays[f"{name}:points{at}"] = points
    return made


def _read_head(about: dict[str, Any], name: str, arrays: dict[str, NDArray[Any]]) -> Head:
    process: Process | None = None
    if f"{name}:sizes" in arrays:
        blocks: list[tuple[Any, Any]] = []
        points: list[Any] = []
        while f"{name}:points{len(points)}" in arrays:
            at = len(points)
            blocks.append((arrays[f"{name}:centre{at}"], arrays[f"{name}:length{at}"]))
            points.append(arrays[f"{name}:points{at}"])
        process = assemble(
            blocks=tuple(blocks),
            points=tuple(points),
            centre=float(about["centre"]),
            scale=float(about["scale"]),
            **{part: arrays[f"{name}:{part}"] for part in _PARTS},
        )
    return Head(
        process,
        tuple(map(str, about["choice"])),
        float(about["margin"]),
        float(about["constant"]),
        float(about["spread"]),
    )


def _classifier(given: Classifier, name: str, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    head = None if given.head is None else _head(given.head, name, arrays)
    return {"head": head, "slope": given.slope, "offset": given.offset}


def _read_classifier(
    about: dict[str, Any], name: str, arrays: dict[str, NDArray[Any]]
) -> Classifier:
    head = None if about["head"] is None else _read_head(about["head"], name, arrays)
    return Classifier(head, float(about["slope"]), float(about["offset"]))
