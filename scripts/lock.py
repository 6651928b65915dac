"""Resolve the lock files: versions with hashes for every Python from 3.11, no registry address."""

import subprocess
import sys
from pathlib import Path

LOCKS = {
    "requirements-uv.lock": ["--group", "uv"],
    "requirements.lock": ["pyproject.toml", "--group", "build"],
    "requirements-dev.lock": ["pyproject.toml", "--group", "dev", "--constraints", "requirements.lock"],
    "requirements-npm.lock": ["--group", "npm"],
}
OPTIONS = ["--universal", "--generate-hashes", "--no-header", "--quiet", "--python-version", "3.11"]

if __name__ == "__main__":
    uv = Path(sys.executable).parent / "uv"
    for name, sources in LOCKS.items():
        subprocess.run([uv, "pip", "compile", *sources, *OPTIONS, "--output-file", name], check=True)
        print(name)
