"""T2 of the project: copper of a layout in full wave, by the method of moments."""
