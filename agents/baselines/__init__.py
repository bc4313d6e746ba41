"""What the sizing agent is compared with: each searches with ngspice alone, at equal budget."""

from eda.agents.baselines.race import BASELINES, Outcome, run_baseline

__all__ = ["BASELINES", "Outcome", "run_baseline"]
