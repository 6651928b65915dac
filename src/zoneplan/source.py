"""YAML text → plain data and the line of every value.

Every scalar stays text, so that a code such as ``0101`` is never 65 and never 101; who needs a
number converts it. Duplicate keys are faults, not silently overwritten.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.resources import PACKAGE

MAX_NODES = 200_000


@dataclass
class Source:
    """A YAML file as read.

    ``data`` holds dictionaries, lists, text and None; ``lines`` the line of each path
    (``groups[0].extent.north``); ``faults`` what is wrong with it so far.
    """

    path: Path
    sha256: str
    data: Any = None
    lines: dict[str, int] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)

    def place(self, path: str) -> str:
        """``plan.yaml:47: groups[0].extent`` with the line of the nearest path that is there."""
        known = path
        while known and known not in self.lines:
            known = known[: max(known.rfind("."), known.rfind("["), 0)]
        return f"{self.path.name}:{self.lines.get(known, 1)}: {path}"


def line_of(finding: Finding) -> int:
    """The line that a finding's place names, 0 if none: to sort by."""
    found = re.search(r":(\d+)(?::|$)", finding.place)
    return int(found[1]) if found else 0


def read_source(path: Path) -> Source:
    """Read a YAML file; `InputError` when it is no YAML at all, duplicate keys are kept as faults.

    What was read of the project's own documents is kept beside them, as Python keeps compiled modules, for as long as they say
    the same: reading the text takes some 70 ms each.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(
            fault("plan.unreadable", path, f"无法读取:{error.strerror}", f"cannot be read: {error.strerror}")
        ) from error
    source = Source(path, hashlib.sha256(raw).hexdigest())
    own = PACKAGE in path.parents
    if own and _kept(source):
        return source
    _fill(source, raw)
    if own and not source.faults and not sys.dont_write_bytecode:
        _keep(source)
    return source


def _beside(path: Path) -> Path:
    return path.parent / "__pycache__" / f"{path.name}.json"


def _kept(source: Source) -> bool:
    """Take what was kept of the same text, if anything was."""
    try:
        kept = json.loads(_beside(source.path).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # nothing is kept, or not all of it was written: the text is read
        return False
    if kept["sha256"] != source.sha256:
        return False
    source.data, source.lines = kept["data"], kept["lines"]
    return True


def _keep(source: Source) -> None:
    kept = {"sha256": source.sha256, "data": source.data, "lines": source.lines}
    target = _beside(source.path)
    try:
        target.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as file:
            json.dump(kept, file, ensure_ascii=False)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(target)
    except OSError:  # installed where one may not write: the text is read again the next time
        return


def _fill(source: Source, raw: bytes) -> None:
    """Put data, lines and faults into a source; `InputError` where it is no YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    name = source.path.name
    try:
        root = YAML(typ="safe", pure=True).compose(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        zh, en = (
            f"第 {error.start} 字节起不是 UTF-8;请另存为 UTF-8",
            f"not UTF-8 from byte {error.start}; save it as UTF-8",
        )
        raise InputError(fault("plan.encoding", source.path, zh, en)) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        zh, en = f"YAML 语法错误:{error.problem}", f"YAML syntax error: {error.problem}"
        raise InputError(fault("plan.yaml", f"{name}:{line}", zh, en)) from error
    except YAMLError as error:
        text = " ".join(str(error).split())
        zh, en = f"YAML 语法错误:{text}", f"YAML syntax error: {text}"
        raise InputError(fault("plan.yaml", name, zh, en)) from error
    if root is None:
        raise InputError(fault("plan.no_content", name, "文件是空的", "the file is empty"))
    source.data = _plain(root, "", source, ())


def _plain(node: Any, path: str, source: Source, above: tuple[int, ...]) -> Any:
    """Plain data of a node of ruamel.yaml; notes the line of each path and refuses duplicate keys."""
    source.lines.setdefault(path, node.start_mark.line + 1)
    if id(node) in above or len(source.lines) > MAX_NODES:
        source.faults.append(
            fault(
                "plan.yaml",
                source.place(path),
                "YAML 锚点引用自身或展开过大",
                "YAML anchors refer to themselves or expand too far",
            )
        )
        return None
    above = (*above, id(node))
    if node.id == "scalar":
        return None if not node.style and node.value in ("", "~", "null") else node.value
    if node.id == "sequence":
        return [_plain(item, f"{path}[{index}]", source, above) for index, item in enumerate(node.value)]
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        at = f"{path}.{key}" if path else key
        if key in data:
            place = f"{source.path.name}:{key_node.start_mark.line + 1}: {at}"
            first = source.lines[at]
            source.faults.append(
                fault(
                    "plan.duplicate_key",
                    place,
                    f"键“{key}”重复,第 {first} 行已有",
                    f"duplicate key '{key}', first on line {first}",
                )
            )
            continue
        source.lines[at] = key_node.start_mark.line + 1
        data[key] = _plain(value_node, at, source, above)
    return data
