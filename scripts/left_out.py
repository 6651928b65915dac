"""Say which tests the machine cannot run, and how to get what they need. `.ci/run` installs all of it."""

import shutil
import subprocess
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QGIS_PYTHON = "/usr/bin/python3"  # the one that Debian's QGIS is for


def has_qgis() -> bool:
    """Whether the system's Python has QGIS."""
    call = [QGIS_PYTHON, "-c", "import qgis.core"]
    return (
        Path(QGIS_PYTHON).exists() and subprocess.run(call, capture_output=True, check=False).returncode == 0
    )


if __name__ == "__main__":
    if not any(map(shutil.which, BROWSERS)):
        print(
            "left out: the map's browser tests (no Chromium found). "
            "On Debian or Ubuntu: apt-get install chromium fonts-noto-cjk"
        )
    if not has_qgis():
        print(
            "left out: the tests in QGIS (no QGIS found). "
            "On Debian or Ubuntu: apt-get install --no-install-recommends qgis python3-qgis qgis-providers"
        )
