"""The table of rules. To add one: write its function and `Rule`, and name it here."""

from __future__ import annotations

from typing import Final

from eda.rules.finding import Rule
from eda.rules.floating import DANGLING_NET, FLOATING_GATE, NO_DC_PATH
from eda.rules.reader import READER_RULES
from eda.rules.references import DUPLICATE_NAME, PIN_COUNT, UNDEFINED_REFERENCE
from eda.rules.supplies import MISSING_GROUND, SUPPLY_SHORT

RULES: Final[dict[str, Rule]] = {
    rule.id: rule
    for rule in (
        *READER_RULES,
        UNDEFINED_REFERENCE,
        DUPLICATE_NAME,
        PIN_COUNT,
        MISSING_GROUND,
        SUPPLY_SHORT,
        FLOATING_GATE,
        DANGLING_NET,
        NO_DC_PATH,
    )
}
"""Every rule by id, in the order in which they run."""
