"""Make the sample coordinate TXT (GBK) from the invented sample parcels.

usage: make_sample_text.py PARCELS.geojson OUT.txt
"""

import sys
from pathlib import Path

from zoneplan.io.anyfile import read_any
from zoneplan.io.writer import write_any

SECTIONS = {"项目信息": {"项目名称": "虚构示例 invented sample"}, "属性描述": {"数据产生单位": "zoneplan"}}


def main(source: Path, out: Path) -> None:
    """Write the parcels, their use as 地块用途 and what they show as 地块名称."""
    frame = read_any(source).frame.rename(columns={"note": "DKMC", "use": "DKYT"})
    frame.attrs["sections"] = SECTIONS
    write_any(out, frame)
    print(f"{len(frame)} → {out}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
