"""Run by the system's Python beside QGIS: opens a project, draws it, reads styles, and says as JSON what QGIS made of them.

python3 qgis_client.py FOLDER PROJECT.qgz [LAYERS.gpkg TABLE=STYLE.sld …]
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")

from qgis.core import (
    QgsApplication,
    QgsLayoutExporter,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

WIDTH = 1200


def layer_facts(layer):
    renderer, labels = layer.renderer(), layer.labeling()
    found = {
        "name": layer.name(),
        "valid": layer.isValid(),
        "features": layer.featureCount(),
        "source": layer.publicSource() if hasattr(layer, "publicSource") else layer.source(),
        "renderer": type(renderer).__name__,
        "labels": bool(labels) and layer.labelsEnabled(),
        "aliases": sorted(filter(None, (field.alias() for field in layer.fields()))),
    }
    if hasattr(renderer, "categories"):
        field = renderer.classAttribute()
        found["field"] = field
        found["categories"] = {one.value(): one.label() for one in renderer.categories()}
        found["values"] = sorted({feature[field] for feature in layer.getFeatures()})
        found["symbols"] = {
            one.value(): [part.layerType() for part in one.symbol().symbolLayers()]
            for one in renderer.categories()
        }
    return found


def drawn(layers, project, extent, path):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(project.crs())
    settings.setBackgroundColor(QColor("white"))
    settings.setExtent(extent)
    settings.setOutputSize(QSize(WIDTH, round(WIDTH * extent.height() / extent.width())))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(str(path))
    return [error.message for error in job.errors()]


def project_facts(folder, path):
    project = QgsProject.instance()
    read = project.read(str(path))
    root = project.layerTreeRoot()
    ordered = root.layerOrder()
    shown = [layer for layer in ordered if root.findLayer(layer.id()).isVisible()]
    extent = project.viewSettings().defaultViewExtent()
    found = {
        "read": read,
        "error": project.error(),
        "title": project.title(),
        "crs": project.crs().authid(),
        "order": [layer.id() for layer in ordered],
        "groups": {group.name(): [one.name() for one in group.findLayers()] for group in root.findGroups()},
        "layers": {layer.id(): layer_facts(layer) for layer in project.mapLayers().values()},
        "themes": {
            name: sorted(project.mapThemeCollection().mapThemeVisibleLayerIds(name))
            for name in project.mapThemeCollection().mapThemes()
        },
        "layouts": {},
        "saved": [],
    }
    zone = next((layer for layer in ordered if "boundary" in layer.id()), ordered[0])
    found["errors"] = drawn(
        shown, project, extent if not extent.isEmpty() else zone.extent(), folder / "map.png"
    )
    for number, layout in enumerate(project.layoutManager().printLayouts()):
        image = folder / f"layout{number}.png"
        settings = QgsLayoutExporter.ImageExportSettings()
        settings.dpi = 75
        code = QgsLayoutExporter(layout).exportToImage(str(image), settings)
        items = {
            item.id(): type(item).__name__
            for item in layout.items()
            if getattr(item, "id", None) and item.id()
        }
        found["layouts"][layout.name()] = {"code": code, "image": image.name, "items": items}
    project.write(str(folder / "written.qgs"))
    return found


def style_facts(geopackage, table, sld):
    layer = QgsVectorLayer(f"{geopackage}|layername={table}", table, "ogr")
    opened = type(layer.renderer()).__name__
    message, read = layer.loadSldStyle(str(sld))
    rules = []
    if read and hasattr(layer.renderer(), "rootRule"):
        rules = [
            {"filter": rule.filterExpression(), "label": rule.label(), "parts": [
                {"type": part.layerType(), **{key: part.properties().get(key) for key in ("style", "color", "outline_color", "line_color")}}
                for part in rule.symbol().symbolLayers()]}
            for rule in layer.renderer().rootRule().descendants() if rule.symbol()
        ]  # fmt: skip
    return {
        "opened": opened,
        "read": read,
        "message": message,
        "rules": rules,
        "labels": layer.labeling() is not None,
    }


def main(folder, project, *styles):
    QgsApplication.setPrefixPath("/usr", True)
    running = QgsApplication([], False)
    running.initQgis()
    folder = Path(folder)
    found = project_facts(folder, Path(project).resolve())
    if styles:
        found["styles"] = {
            table: style_facts(styles[0], table, sld)
            for table, _, sld in (one.partition("=") for one in styles[1:])
        }
    (folder / "facts.json").write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
    running.exitQgis()


if __name__ == "__main__":
    main(*sys.argv[1:])
