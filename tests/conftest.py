"""Settings of the property tests: new examples for developers, the same ones in CI, no deadline on busy machines."""

import os

from hypothesis import settings

from browsing import chromium, open_page  # noqa: F401 - fixtures of the browser tests

settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")


def pytest_addoption(parser):
    parser.addoption(
        "--renew-pictures", action="store_true", help="store the pictures of the map that tests compare with"
    )
