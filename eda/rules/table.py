"""The table of rules. To add one: write its function and `Rule`, and name it here."""

from __future__ import annotations

from typing import Final

from eda.rules.bulks import BULK_FLOATING, BULK_NOT_RAIL, BULK_WRONG_RAIL
from eda.rules.dc_paths import ISOURCE_CUTSET, NO_DC_PATH
from eda.rules.domains import VOLTAGE_DOMAIN
from eda.rules.finding import Rule
from eda.rules.floating import DANGLING_NET, FLOATING_GATE
from eda.rules.gates import ALWAYS_OFF, ALWAYS_ON
from eda.rules.loops import VSOURCE_LOOP
from eda.rules.pairs import ASYMMETRIC_PAIR, MIRROR_LENGTH_MISMATCH
from eda.rules.parts import SPLIT_CIRCUIT
from eda.rules.ports import MISSING_OUTPUT, UNCONNECTED_PORT, UNDRIVEN_OUTPUT
from eda.rules.reader import READER_RULES
from eda.rules.references import DUPLICATE_NAME, PIN_COUNT, UNDEFINED_REFERENCE
from eda.rules.shorted import PARALLEL_IDENTICAL, SHORTED_DEVICE
from eda.rules.sizes import SIZE_OUT_OF_RANGE
from eda.rules.spelling import CASE_COLLISION, UNUSED_SUBCKT
from eda.rules.supplies import MISSING_GROUND, SUPPLY_SHORT
from eda.rules.waivers import WAIVER

RULES: Final[dict[str, Rule]] = {
    rule.id: rule
    for rule in (
        *READER_RULES,
        UNDEFINED_REFERENCE,
        DUPLICATE_NAME,
        PIN_COUNT,
        MISSING_GROUND,
        SUPPLY_SHORT,
        VSOURCE_LOOP,
        ISOURCE_CUTSET,
        NO_DC_PATH,
        FLOATING_GATE,
        BULK_WRONG_RAIL,
        BULK_FLOATING,
        SIZE_OUT_OF_RANGE,
        SHORTED_DEVICE,
        DANGLING_NET,
        UNCONNECTED_PORT,
        UNDRIVEN_OUTPUT,
        ALWAYS_OFF,
        ALWAYS_ON,
        ASYMMETRIC_PAIR,
        MIRROR_LENGTH_MISMATCH,
        VOLTAGE_DOMAIN,
        CASE_COLLISION,
        WAIVER,
        BULK_NOT_RAIL,
        PARALLEL_IDENTICAL,
        UNUSED_SUBCKT,
        MISSING_OUTPUT,
        SPLIT_CIRCUIT,
    )
}
"""Every rule by id, in the order in which they run."""
