"""Structural Verilog: modules that only place cells and wire them, read and written."""
