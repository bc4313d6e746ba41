"""Weights of the generator: sizes of the model, its numbers as safetensors, a JSON card beside.

A weights file is read by safetensors alone: it holds numbers and text, nothing that could run.
The text says which tables (kinds, ports, types, conditions) the numbers belong to; weights made
for other tables are refused.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import WeightsError
from eda.tensors import parse_tensors, replace_file
from eda.topology.conditions import BINS
from eda.topology.features import NET_FEATURES, STEP_FEATURES
from eda.topology.parts import KINDS, PORTS
from eda.topology.shape import Shape
from eda.topology.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FORMAT: Final = "eda.topology-weights/1"
MAX_BYTES: Final = 32 * 1024 * 1024
FOLDER: Final = Path(__file__).parent / "weights"
NAME: Final = "topology"


@dataclass(frozen=True)
class Weights:
    """A model that can be used.

    Attributes:
        shape: Its sizes.
        arrays: Its numbers by name, float32.
        card: What is known of it.
        digest: Of the file it was read from; empty where it was read from none.
    """

    shape: Shape
    arrays: Mapping[str, NDArray[np.float32]]
    card: Mapping[str, Any]
    digest: str = ""


def tables_hash() -> str:
    """Return a hash of the tables that the numbers in a weights file are indexed by."""
    names = [
        [kind.name for kind in KINDS],
        PORTS,
        [*TYPES, "untyped"],
        {k: list(v) for k, v in BINS.items()},
    ]
    text = json.dumps([*names, NET_FEATURES, STEP_FEATURES])
    return sha256(text.encode()).hexdigest()[:16]


def save_weights(
    path: Path, arrays: Mapping[str, NDArray[Any]], *, shape: Shape, card: Mapping[str, Any]
) -> None:
    """Write ``path`` (safetensors, half precision) and the card ``path`` with suffix ``.json``."""
    from safetensors.numpy import save

    about = {"format": FORMAT, "tables": tables_hash(), "shape": asdict(shape)}
    metadata = {"eda": json.dumps(about, sort_keys=True)}
    halves = {name: np.ascontiguousarray(a, dtype=np.float16) for name, a in arrays.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, save(halves, metadata=metadata))
    replace_file(path.with_suffix(".json"), (json.dumps(card, indent=2) + "\n").encode())


def load_weights(path: Path) -> Weights:
    """Read a weights file and its card.

    Raises:
        WeightsError: It is absent, damaged, or made for another version of the model.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise WeightsError(
                f"{path}: larger than {MAX_BYTES} bytes; no weights of the generator"
            )
        data = path.read_bytes()
        metadata, stored = parse_tensors(data)
        about = json.loads(metadata.get("eda", "{}"))
        if about.get("format") != FORMAT or about.get("tables") != tables_hash():
            raise WeightsError(
                f"{path}: made for another version of the generator; "
                "make new ones with: eda train topology"
            )
        shape = Shape(**about["shape"])
        card_path = path.with_suffix(".json")
        card = json.loads(card_path.read_text("utf-8")) if card_path.exists() else {}
        arrays = {name: array.astype(np.float32) for name, array in stored.items()}
    except FileNotFoundError:
        raise WeightsError(f"{path}: no such weights; make them with: eda train topology") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path}: not a weights file ({error})") from error
    return Weights(shape, arrays, card, sha256(data).hexdigest()[:12])


@lru_cache(maxsize=2)
def shipped_weights() -> Weights:
    """Return the weights that came with the toolkit."""
    return load_weights(FOLDER / f"{NAME}.safetensors")


def weights_at(path: Path | None) -> Weights:
    """Return the weights of a file or of a folder of a training run; None for those shipped.

    Raises:
        WeightsError: There are none.
    """
    if path is None:
        return shipped_weights()
    return load_weights(path / f"{NAME}.safetensors" if path.is_dir() else path)
