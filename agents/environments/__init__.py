"""Gymnasium environments in which a circuit is sized step by step.

`eda.agents.ids` has the names under which gymnasium knows them.
"""
