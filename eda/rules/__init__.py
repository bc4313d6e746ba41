"""Electrical rules: what is wrong with a circuit before anybody simulates it."""

from eda.rules.candidate import candidate_findings
from eda.rules.check import check
from eda.rules.electrical import Electrical
from eda.rules.finding import Finding, Rule
from eda.rules.table import RULES

__all__ = ["RULES", "Electrical", "Finding", "Rule", "candidate_findings", "check"]
