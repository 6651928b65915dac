"""Files of local datum parameters: YAML or CSV, checked against their own control points."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from zoneplan.crs.datum import LEGACY, MODERN, datum_of
from zoneplan.crs.datumshift import BursaWolf, Control, Parameters, Similarity, residuals
from zoneplan.crs.zones import within_china, zone_of
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.schema import as_model
from zoneplan.source import Source, read_source

CODE = "datum.parameters"
CONVENTIONS = ("position_vector", "coordinate_frame")
_TIMES = 3.0  # control points may miss by this many times the accuracy stated


def read_parameters(path: Path) -> Parameters:
    """Read parameters from YAML, or from a CSV of ``key,value[,value…]`` rows (docs/crs.md).

    Raises
    ------
    InputError
        With every fault: keys unknown, missing or malformed; CRS that are not an old datum and CGCS2000; control
        points that the parameters miss by more than three times their stated accuracy.
    """
    source = _read_csv(path) if path.suffix.lower() == ".csv" else read_source(path)
    method = source.data.get("method") if isinstance(source.data, dict) else None
    models: dict[str, type[BursaWolf] | type[Similarity]] = {
        "bursa_wolf": BursaWolf,
        "similarity": Similarity,
    }
    if method not in models:
        raise InputError(
            [*source.faults, fault(CODE, source.place("method"), f"method 应为 bursa_wolf(七参数)或 similarity(四参数);实为 {method!r}", f"method should be bursa_wolf (seven parameters) or similarity (four); found {method!r}")]
        )  # fmt: skip
    stated = as_model(models[method], source, code=CODE)
    if faults := _crs_faults(stated, source):
        raise InputError(faults)
    missed = residuals(stated)
    limit = _TIMES * stated.accuracy_m
    if faults := [
        _miss(control, residual, limit, stated, source.place(f"controls[{number}]"))
        for number, (control, residual) in enumerate(zip(stated.controls, missed, strict=True))
        if not residual <= limit
    ]:
        raise InputError(faults)
    return Parameters(path.name, source.sha256, stated, missed)


def _read_csv(path: Path) -> Source:
    """``key,value…`` rows as the same data that the YAML form gives; ``control,name,x,y,x,y`` repeats."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            fault(CODE, path, f"无法读取:{error.strerror}", f"cannot be read: {error.strerror}")
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            fault(CODE, path.name, "不是 UTF-8;请另存为 UTF-8", "not UTF-8; save it as UTF-8")
        ) from error
    source = Source(path, hashlib.sha256(raw).hexdigest(), data={})
    for number, row in enumerate(csv.reader(io.StringIO(text)), 1):
        key, *values = [cell.strip() for cell in row] or [""]
        while values and not values[-1]:
            values.pop()
        if not key or key.startswith("#"):
            continue
        if key == "control":
            made = source.data.setdefault("controls", [])
            source.lines[f"controls[{len(made)}]"] = number
            made.append({"name": values[0] if values else None, "from": values[1:3], "to": values[3:]})
        elif key in source.data:
            place = f"{path.name}:{number}: {key}"
            source.faults.append(fault(CODE, place, f"键“{key}”重复", f"the key '{key}' is repeated"))
        else:
            source.lines[key] = number
            source.data[key] = values if len(values) > 1 else (values[0] if values else None)
    return source


def _crs_faults(stated: BursaWolf | Similarity, source: Source) -> list[Finding]:
    """CRS that do not exist or are not what they should be, and an area that is none."""
    faults = []
    for key, wanted in (("from_crs", LEGACY), ("to_crs", (MODERN,))):
        text = str(getattr(stated, key))
        try:
            crs = CRS.from_user_input(text)
        except CRSError:
            faults.append(fault(CODE, source.place(key), f"没有坐标系 {text};请写 EPSG:代码", f"there is no CRS {text}; write EPSG:code"))  # fmt: skip
            continue
        if datum_of(crs) not in wanted:
            words = ", ".join(wanted)
            faults.append(fault(CODE, source.place(key), f"{text} 的基准应为 {words};实为 {crs.name}", f"the datum of {text} should be {words}; found {crs.name}"))  # fmt: skip
        elif isinstance(stated, Similarity) and zone_of(crs) is None:
            faults.append(fault(CODE, source.place(key), f"四参数用于平面坐标;{text} 不是高斯投影", f"four parameters are for plane coordinates; {text} is no Gauss projection"))  # fmt: skip
    west, south, east, north = stated.area
    if not (west < east and south < north and within_china(stated.area)):
        faults.append(fault(CODE, source.place("area"), "area 应为 [西, 南, 东, 北],经纬度,在中国范围内", "area should be [west, south, east, north] in degrees, in China"))  # fmt: skip
    return faults


def _miss(
    control: Control, residual: float, limit: float, stated: BursaWolf | Similarity, place: str
) -> Finding:
    """A control point that is missed, and whether the other sign convention would meet it."""
    hint_zh, hint_en = "", ""
    for update in _otherwise(stated):
        other = stated.model_copy(update=update | {"controls": (control,)})
        if residuals(other)[0] <= limit:
            key, value = next(iter(update.items()))
            hint_zh, hint_en = (
                f";若 {key} 为 {value} 则相符,请核对",
                f"; with {key}: {value} it would be met: check that",
            )
    return fault(
        CODE, place,
        f"控制点 {control.name} 残差 {residual:.3f} 米,超过标称精度的 3 倍({limit:g} 米){hint_zh}",
        f"control point {control.name} is missed by {residual:.3f} m, more than 3 times the stated accuracy ({limit:g} m){hint_en}",
    )  # fmt: skip


def _otherwise(stated: BursaWolf | Similarity) -> list[dict[str, Any]]:
    if isinstance(stated, BursaWolf):
        return [{"convention": other} for other in CONVENTIONS if other != stated.convention]
    return [{"rotation": "clockwise" if stated.rotation == "counter_clockwise" else "counter_clockwise"}]
