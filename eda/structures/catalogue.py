"""Every pattern in one table."""

from __future__ import annotations

from typing import Final

from eda.structures.pattern import Pattern
from eda.structures.patterns_logic import LOGIC
from eda.structures.patterns_mirrors import MIRRORS
from eda.structures.patterns_pairs import PAIRS
from eda.structures.patterns_stages import STAGES

PATTERNS: Final[dict[str, Pattern]] = {
    pattern.rule: pattern
    for pattern in sorted((*PAIRS, *MIRRORS, *STAGES, *LOGIC), key=lambda item: item.stage)
}
"""The patterns by rule."""
