"""SLD: a rule for every class, hatches as graphic fills, in the elements and order that SLD 1.0 lays down."""

from xml.etree import ElementTree as ET

from synthetic import layers
from zoneplan.cli import main
from zoneplan.render.sld import MARKS, OGC, SLD, plan_slds
from zoneplan.render.style import read_style
from zoneplan.render.themes import by_table, plan_themes

ORDER = {
    "StyledLayerDescriptor": ["NamedLayer"],
    "NamedLayer": ["Name", "UserStyle"],
    "UserStyle": ["Title", "FeatureTypeStyle"],
    "FeatureTypeStyle": ["Rule"],
    "Rule": [
        "Name",
        "Title",
        "Filter",
        "PolygonSymbolizer",
        "LineSymbolizer",
        "PointSymbolizer",
        "TextSymbolizer",
    ],
    "PolygonSymbolizer": ["Fill", "Stroke"],
    "LineSymbolizer": ["Stroke"],
    "PointSymbolizer": ["Graphic"],
    "Fill": ["GraphicFill", "CssParameter"],
    "Stroke": ["CssParameter"],
    "GraphicFill": ["Graphic"],
    "Graphic": ["Mark", "Size"],
    "Mark": ["WellKnownName", "Fill", "Stroke"],
    "TextSymbolizer": ["Label", "Font", "LabelPlacement", "Halo", "Fill"],
    "Font": ["CssParameter"],
    "Halo": ["Radius", "Fill"],
    "LabelPlacement": ["LinePlacement", "PointPlacement"],
    "PointPlacement": ["AnchorPoint"],
    "AnchorPoint": ["AnchorPointX", "AnchorPointY"],
}
"""The children of each element that are used, in the order of the schema."""


def local(element):
    return element.tag.rpartition("}")[2]


def test_elements_stand_where_the_schema_has_them():
    for text in plan_slds(layers(), read_style()).values():
        root = ET.fromstring(text.encode("utf-8"))
        assert root.tag == f"{{{SLD}}}StyledLayerDescriptor"
        assert root.get("version") == "1.0.0"
        for element in root.iter():
            if element.tag.startswith(f"{{{SLD}}}") and local(element) in ORDER:
                places = [ORDER[local(element)].index(local(child)) for child in element]
                assert places == sorted(places), local(element)


def test_every_class_has_its_rule_and_every_hatch_its_marks():
    made, style = layers(), read_style()
    texts = plan_slds(made, style)
    for table, themes in by_table(plan_themes(made, style)).items():
        root = ET.fromstring(texts[table].encode("utf-8"))
        assert root.findtext(f"{{{SLD}}}NamedLayer/{{{SLD}}}Name") == table
        rules = list(root.iter(f"{{{SLD}}}Rule"))
        signs = [sign for theme in themes for sign in theme.signs]
        assert [rule.findtext(f".//{{{OGC}}}Literal") for rule in rules] == [sign.value for sign in signs]
        assert [rule.findtext(f"{{{SLD}}}Title") for rule in rules] == [sign.words for sign in signs]
        for rule, sign in zip(rules, signs, strict=True):
            marks = [mark.text for mark in rule.findall(f".//{{{SLD}}}GraphicFill//{{{SLD}}}WellKnownName")]
            assert marks == list(MARKS.get(sign.symbol.hatch, ()))


def test_build_writes_a_file_for_each_layer_on_request_and_notices_stale_ones(tmp_path):
    def run(*args):
        try:
            main([*map(str, args), "--lang", "en"])
        except SystemExit as done:
            return done.code
        raise AssertionError("the command did not end")

    assert run("build", "-o", tmp_path, "--sld") == 0
    names = {path.stem for path in tmp_path.glob("*.sld")}
    assert {"axis", "control_line", "reference"} <= names
    assert run("build", "-o", tmp_path, "--check") == 0
    (tmp_path / "old.sld").write_text("", encoding="utf-8")
    assert run("build", "-o", tmp_path, "--check") == 1
