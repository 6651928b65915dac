"""QGIS: symbols, styles inside GeoPackages, project files with print layouts. Written as XML; no QGIS is needed."""
