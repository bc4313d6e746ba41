"""Electrical rules: what is wrong with a circuit before anybody simulates it."""

from eda.rules.candidate import candidate_findings
from eda.rules.check import Report, check, check_report, known_rule
from eda.rules.config import find_config, read_severities
from eda.rules.electrical import Electrical
from eda.rules.finding import Finding, Rule
from eda.rules.partial import PARTIAL_RULES, PartialCircuit
from eda.rules.partial_open import Obligation
from eda.rules.table import RULES

__all__ = [
    "PARTIAL_RULES",
    "RULES",
    "Electrical",
    "Finding",
    "Obligation",
    "PartialCircuit",
    "Report",
    "Rule",
    "candidate_findings",
    "check",
    "check_report",
    "find_config",
    "known_rule",
    "read_severities",
]
