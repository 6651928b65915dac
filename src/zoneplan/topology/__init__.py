"""Faults of polygons, within a layer and between layers, and their repair."""
