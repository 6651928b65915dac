"""Parameters of a local datum transformation, as an office holds them: read, checked, applied.

Seven parameters (Bursa-Wolf) act between the geocentric axes of two ellipsoids, through PROJ; their signs follow
one of two conventions, which must be stated. Four parameters (plane similarity) act between two plane CRS:

    E' = dE + (1 + s) (E cos a − N sin a),   N' = dN + (1 + s) (E sin a + N cos a)

with `a` counter-clockwise (east to the right, north up). Ellipsoidal heights are taken as 0: a height of 1 km moves
a point by some centimetres at shifts of a hundred metres.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from zoneplan.datum import LEGACY, MODERN, datum_of
from zoneplan.errors import InputError, fault
from zoneplan.extent import Model
from zoneplan.finding import Finding
from zoneplan.schema import as_model
from zoneplan.source import Source, read_source
from zoneplan.zones import GEOGRAPHIC, Bounds, horizontal, transformed, within_china, zone_of

Floats = npt.NDArray[np.float64]
Number = Annotated[float, Field(allow_inf_nan=False)]
Pair = tuple[Number, Number]
Triple = tuple[Number, Number, Number]

CODE = "datum.parameters"
CONVENTIONS = ("position_vector", "coordinate_frame")
_TIMES = 3.0  # control points may miss by this many times the accuracy stated


class Control(Model):
    """A point known in both CRS, east before north (longitude before latitude)."""

    name: str
    before: Pair = Field(alias="from")
    after: Pair = Field(alias="to")


class Stated(Model):
    """What both methods state: the CRS, where from, how good, where valid (degrees), and points to check by."""

    from_crs: str
    to_crs: str
    source: str = Field(min_length=1)
    accuracy_m: float = Field(gt=0, allow_inf_nan=False)
    area: tuple[Number, Number, Number, Number]
    controls: tuple[Control, ...] = ()


class BursaWolf(Stated):
    """Seven parameters and their sign convention."""

    method: Literal["bursa_wolf"]
    convention: Literal["position_vector", "coordinate_frame"]
    translation_m: Triple
    rotation_arcsec: Triple
    scale_ppm: Number


class Similarity(Stated):
    """Four parameters in the plane; the rotation is counter-clockwise or clockwise as stated."""

    method: Literal["similarity"]
    rotation: Literal["counter_clockwise", "clockwise"]
    shift_m: Pair
    rotation_arcsec: Number
    scale_ppm: Number


@dataclass(frozen=True)
class Parameters:
    """A transformation ready to apply.

    Parameters
    ----------
    file, sha256 : str
    stated : BursaWolf or Similarity
    residuals_m : tuple of float
        Of the control points, in their order.
    """

    file: str
    sha256: str
    stated: BursaWolf | Similarity
    residuals_m: tuple[float, ...] = ()

    @property
    def datum(self) -> str:
        return str(datum_of(CRS.from_user_input(self.stated.from_crs)))

    @property
    def area(self) -> Bounds:
        return self.stated.area

    @property
    def crs(self) -> CRS:
        """What comes out."""
        return CRS.from_user_input(self.stated.to_crs)

    def moved(self, xy: Floats, crs: CRS) -> Floats:
        """Coordinates of a CRS of the old datum in `crs` of this object (x east, y north), shape (n, 2)."""
        return _moved(self.stated, xy, crs)

    def words(self) -> tuple[str, str]:
        """Method, parameters, source, accuracy and residuals, in both languages."""
        said = self.stated
        if isinstance(said, BursaWolf):
            numbers = f"T={_list(said.translation_m)} m, R={_list(said.rotation_arcsec)}″, s={said.scale_ppm:g} ppm, {said.convention}"
            zh, en = "七参数(布尔莎)", "seven parameters (Bursa-Wolf)"
        else:
            numbers = f"T={_list(said.shift_m)} m, R={said.rotation_arcsec:g}″ {said.rotation}, s={said.scale_ppm:g} ppm"
            zh, en = "四参数(平面相似变换)", "four parameters (plane similarity)"
        left = self.residuals_m
        rest_zh = f"{len(left)} 个控制点残差最大 {max(left):.3f} 米" if left else "没有控制点,残差未检验"
        rest_en = (
            f"{len(left)} control points, largest residual {max(left):.3f} m"
            if left
            else "no control points: not checked"
        )
        return (
            f"{zh} {numbers};{said.from_crs} → {said.to_crs};来源:{said.source};标称精度 {said.accuracy_m:g} 米;{rest_zh}",
            f"{en} {numbers}; {said.from_crs} → {said.to_crs}; source: {said.source}; stated accuracy {said.accuracy_m:g} m; {rest_en}",
        )

    def record(self) -> dict[str, Any]:
        """For a receipt."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            **self.stated.model_dump(mode="json", by_alias=True),
        }


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
    residuals = _residuals(stated)
    limit = _TIMES * stated.accuracy_m
    if faults := [
        _miss(control, residual, limit, stated, source.place(f"controls[{number}]"))
        for number, (control, residual) in enumerate(zip(stated.controls, residuals, strict=True))
        if not residual <= limit
    ]:
        raise InputError(faults)
    return Parameters(path.name, source.sha256, stated, residuals)


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


def _residuals(stated: BursaWolf | Similarity) -> tuple[float, ...]:
    """Metres between where the parameters take each control point and where it is."""
    if not stated.controls:
        return ()
    before, after = (
        np.array([getattr(c, name) for c in stated.controls], float) for name in ("before", "after")
    )
    found = _moved(stated, before, CRS.from_user_input(stated.from_crs))
    miss = found - after
    if CRS.from_user_input(stated.to_crs).is_geographic:
        miss = miss * 111_320.0 * np.stack([np.cos(np.radians(after[:, 1])), np.ones(len(after))], axis=1)
    return tuple(np.hypot(miss[:, 0], miss[:, 1]).tolist())


def _miss(
    control: Control, residual: float, limit: float, stated: BursaWolf | Similarity, place: str
) -> Finding:
    """A control point that is missed, and whether the other sign convention would meet it."""
    hint_zh, hint_en = "", ""
    for update in _otherwise(stated):
        other = stated.model_copy(update=update | {"controls": (control,)})
        if _residuals(other)[0] <= limit:
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


def _moved(stated: BursaWolf | Similarity, xy: Floats, crs: CRS) -> Floats:
    """Coordinates of a CRS of the old datum in ``to_crs``."""
    origin, target = CRS.from_user_input(stated.from_crs), CRS.from_user_input(stated.to_crs)
    if isinstance(stated, Similarity):
        east, north = transformed(xy, horizontal(crs), origin).T
        turn = math.radians(stated.rotation_arcsec / 3600) * (-1 if stated.rotation == "clockwise" else 1)
        grow = 1 + stated.scale_ppm * 1e-6
        cos, sin = grow * math.cos(turn), grow * math.sin(turn)
        shift = stated.shift_m
        return np.stack([shift[0] + cos * east - sin * north, shift[1] + sin * east + cos * north], axis=1)
    inner = horizontal(crs)
    geographic = inner if inner.is_geographic else inner.geodetic_crs
    assert geographic is not None
    assert geographic.ellipsoid is not None
    at = transformed(xy, inner, geographic)
    lon, lat = Transformer.from_pipeline(_pipeline(stated, geographic)).transform(at[:, 0], at[:, 1])
    return transformed(np.stack([lon, lat], axis=1), CRS.from_user_input(GEOGRAPHIC), target)


def _pipeline(stated: BursaWolf, geographic: CRS) -> str:
    """Seven parameters as PROJ takes them, degrees in and out."""
    assert geographic.ellipsoid is not None
    (x, y, z), (rx, ry, rz) = stated.translation_m, stated.rotation_arcsec
    a, rf = geographic.ellipsoid.semi_major_metre, geographic.ellipsoid.inverse_flattening
    return (
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart +a={a!r} +rf={rf!r} "
        f"+step +proj=helmert +x={x!r} +y={y!r} +z={z!r} +rx={rx!r} +ry={ry!r} +rz={rz!r} "
        f"+s={stated.scale_ppm!r} +convention={stated.convention} "
        "+step +inv +proj=cart +a=6378137 +rf=298.257222101 "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )


def _list(values: tuple[float, ...]) -> str:
    return "(" + ", ".join(f"{value:g}" for value in values) + ")"
