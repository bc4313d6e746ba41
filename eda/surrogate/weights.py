"""Weights of the network: safetensors and a JSON card, as those of the link model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from eda.errors import WeightsError
from eda.surrogate.curves import EMBEDDING
from eda.surrogate.graphs import DEVICE_WIDTH, METRICS, NET_WIDTH, ROLES, STAGES, TYPES
from eda.tensors import replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FORMAT: Final = "eda.surrogate/1"
FOLDER: Final = Path(__file__).parent / "weights"
CALIBRATION: Final = "calibration.json"
MAX_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the network.

    Attributes:
        width: Length of the state of a device or a net.
        hidden: Width of the heads.
        rounds: Rounds of messages: devices to nets and back.
    """

    width: int = 32
    hidden: int = 64
    rounds: int = 3


@dataclass(frozen=True, eq=False)
class Weights:
    """A trained network.

    Attributes:
        shape: Its sizes.
        arrays: Its parameters, float32, by name.
        card: What the card beside the file says; ``unseen`` names the cases it was not trained on.
        name: Of the file.
    """

    shape: Shape
    arrays: Mapping[str, NDArray[np.float32]]
    card: Mapping[str, Any]
    name: str = ""

    def saw(self, case: str, topology: str = "") -> bool:
        """Return whether a case, or one of its topology, was trained on."""
        seen = self.card.get("cases", {})
        return case in seen or (bool(topology) and topology in seen.values())


def tables_hash() -> str:
    """Return a hash of the tables that the numbers in a file are indexed by."""
    text = json.dumps([TYPES, ROLES, METRICS, STAGES, DEVICE_WIDTH, NET_WIDTH, EMBEDDING])
    return sha256(text.encode()).hexdigest()[:16]


def save_weights(
    path: Path, arrays: Mapping[str, NDArray[Any]], *, shape: Shape, card: Mapping[str, Any]
) -> None:
    """Write ``path`` (safetensors, half precision) and the card ``path`` with suffix ``.json``."""
    from safetensors.numpy import save

    about = {"format": FORMAT, "tables": tables_hash(), "shape": asdict(shape)}
    halves = {name: np.ascontiguousarray(a, dtype=np.float16) for name, a in arrays.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, save(halves, metadata={"eda": json.dumps(about, sort_keys=True)}))
    replace_file(path.with_suffix(".json"), (json.dumps(card, indent=2) + "\n").encode())


def load_weights(path: Path) -> Weights:
    """Read a weights file and its card.

    Raises:
        WeightsError: It is absent, damaged, or made for another version of the network.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        if path.stat().st_size > MAX_BYTES:
            raise WeightsError(f"{path}: larger than {MAX_BYTES} bytes; no surrogate's weights")
        data = path.read_bytes()
        stored = load(data)
        size = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + size])
        about = json.loads(header.get("__metadata__", {}).get("eda", "{}"))
        if about.get("format") != FORMAT or about.get("tables") != tables_hash():
            raise WeightsError(
                f"{path}: made for another version of the surrogate; "
                "make new ones with: eda train surrogate"
            )
        shape = Shape(**about["shape"])
        card = json.loads(path.with_suffix(".json").read_text("utf-8"))
        arrays = {name: array.astype(np.float32) for name, array in stored.items()}
    except FileNotFoundError:
        raise WeightsError(
            f"{path}: no such weights; make them with: eda train surrogate"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise WeightsError(f"{path}: no weights of a surrogate ({error})") from error
    return Weights(shape, arrays, card, path.stem)


def weights_in(folder: Path) -> tuple[list[Weights], dict[str, Any]]:
    """Return the networks of a folder in the order of their names, and their calibration.

    Raises:
        WeightsError: There are none, or one is damaged.
    """
    files = sorted(
        path
        for path in folder.glob("surrogate-*.safetensors")
        if path.with_suffix(".json").is_file()
    )
    if not files:
        raise WeightsError(f"{folder}: holds no weights; make some with: eda train surrogate")
    try:
        calibration = json.loads((folder / CALIBRATION).read_text("utf-8"))
        if not isinstance(calibration, dict) or not isinstance(calibration.get("margins"), dict):
            raise ValueError("it has no margins")
    except FileNotFoundError:
        calibration = {"margins": {}}
    except (OSError, ValueError) as error:
        raise WeightsError(f"{folder / CALIBRATION}: cannot be read ({error})") from None
    return [load_weights(path) for path in files], calibration
