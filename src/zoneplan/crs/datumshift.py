"""Parameters of a local datum transformation, as an office holds them, and what they do.

Seven parameters (Bursa-Wolf) act between the geocentric axes of two ellipsoids, through PROJ; their signs follow
one of two conventions, which must be stated. Four parameters (plane similarity) act between two plane CRS:

    E' = dE + (1 + s) (E cos a − N sin a),   N' = dN + (1 + s) (E sin a + N cos a)

with `a` counter-clockwise (east to the right, north up). Ellipsoidal heights are taken as 0: a height of 1 km moves
a point by some centimetres at shifts of a hundred metres.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field
from pyproj import CRS, Transformer

from zoneplan.crs.datum import datum_of
from zoneplan.crs.zones import GEOGRAPHIC, Bounds, horizontal, transformed
from zoneplan.extent import Model

Floats = npt.NDArray[np.float64]
Number = Annotated[float, Field(allow_inf_nan=False)]
Pair = tuple[Number, Number]
Triple = tuple[Number, Number, Number]


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


def residuals(stated: BursaWolf | Similarity) -> tuple[float, ...]:
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
