"""Gymnasium environments in which a circuit is sized step by step.

`eda.agents.register` has the names under which gymnasium knows them.
"""
