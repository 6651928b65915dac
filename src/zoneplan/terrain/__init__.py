"""Terrain: slope, relief and aspect of a raster of heights; statistics of rasters by zone; first estimates of suitability."""
