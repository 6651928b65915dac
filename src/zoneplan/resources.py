"""Where the data that travels with the package lies: inside the wheel, or beside ``src/`` in a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
PLANS = PACKAGE / "plans"
RULES = PACKAGE / "rulebook" / "rules.csv"
OUTCOMES = PACKAGE / "rulebook" / "outcomes.yaml"
LANDUSE = PACKAGE / "landuse"
STANDARD = PACKAGE / "standard"


def data_dir() -> Path:
    """The folder that holds ``boundaries/`` and ``samples/``."""
    packaged = PACKAGE / "data"
    return packaged if packaged.is_dir() else PACKAGE.parents[1] / "data"
