"""Drawings as files of other schematic editors, from the same grid as the SVG."""

from eda.schematic.exports.export import EXPORTS, Export, export, why_flat

__all__ = ["EXPORTS", "Export", "export", "why_flat"]
