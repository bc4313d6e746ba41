"""Copper of a layout in full wave, by a planar method of moments."""
