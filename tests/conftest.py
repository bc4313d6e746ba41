"""Shared by every test: the path, and the folder of outside corpora."""

import os
import sys
from pathlib import Path

import hypothesis
import pytest

import eda  # noqa: F401  # found before the path changes, so an uninstalled checkout works too

# How long an example takes says how busy the machine is, and nothing of what is tested. A run that
# decides whether a change is good draws the same examples each time; others look for new ones.
hypothesis.settings.register_profile("eda", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("eda")

ROOT = Path(__file__).parents[1]
# `python -m pytest` puts the checkout first on sys.path, where our folder `datasets/`
# would shadow any installed package of that name.
sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != ROOT]


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of corpora that EDA_DATA names; skips where there is none."""
    given = os.environ.get("EDA_DATA", "")
    if not given:
        pytest.skip("EDA_DATA is not set: no corpora")
    folder = Path(given)
    if not folder.is_dir():
        pytest.skip(f"EDA_DATA is {given}, which is no folder")
    return folder
