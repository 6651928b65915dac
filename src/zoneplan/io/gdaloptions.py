"""GDAL's options for a while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pyogrio

READING: Mapping[str, str] = {
    "GDAL_HTTP_PROXY": "127.0.0.1:9",  # whatever a file refers to, nothing is fetched
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "OGR_ARC_STEPSIZE": "0.25",  # degrees: areas of arcs drawn as lines are right to some 3e-6
}


@contextmanager
def gdal_options(options: Mapping[str, str | None]) -> Iterator[None]:
    """Options set meanwhile, and as they were afterwards."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(dict(options))
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)
