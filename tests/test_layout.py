"""The top-level folders are sub-packages of ``eda`` and claim no top-level name."""

from importlib.util import find_spec
from pathlib import Path

import pytest

import eda

ROOT = Path(__file__).parents[1]
PACKAGE = Path(eda.__file__).parent


@pytest.mark.parametrize("folder", ["agents", "cli", "datasets", "spice"])
def test_folder_is_a_subpackage_and_claims_no_top_level_name(folder: str) -> None:
    spec = find_spec(f"eda.{folder}")
    assert spec is not None
    assert spec.origin is not None
    home = Path(spec.origin).resolve().parent
    assert home in {ROOT / folder, PACKAGE / folder}
    top = find_spec(folder)
    assert top is None or top.origin is None or ROOT not in Path(top.origin).parents
