"""Spectre's own language: its lines, statements, expressions, instances, and how it is written."""
