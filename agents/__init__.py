"""Agents: gymnasium environments, sizing and filter-design agents, their baselines and training.

Nothing lives here yet. Sizing a circuit to a specification and designing filters come first;
both will take a circuit, a specification and a seed, and leave the verdict to ngspice.
"""
