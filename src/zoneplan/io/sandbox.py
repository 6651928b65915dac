"""Reading in a process of its own: a file that makes a library crash, hang or swell ends that process, not ours."""

from __future__ import annotations

import faulthandler
import os
import pickle
import select
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

T = TypeVar("T")

SECONDS = 30.0
SECONDS_PER_MB = 1.0
MEMORY_GB = 4.0
MEMORY_PER_BYTE = 40  # features of a file in memory, and once more on their way
_CHUNK = 1 << 20


def sandboxed(work: Callable[[], T], path: Path, *, place: str, seconds: float | None = None) -> T:
    """What `work` returns, done in a child process with limits of time and memory.

    Parameters
    ----------
    work : callable
        Reads `path`. What it returns, or the faults of the `InputError` that it raises, are handed over.
    path : Path
        The file; the limits grow with its size.
    place : str
        How messages name it.
    seconds : float, optional
        Default 30, and 1 more for each MB.

    Raises
    ------
    InputError
        As `work`; ``file.unreadable`` for any other exception; ``file.crash``, ``file.slow``, ``file.memory`` if it
        did not come back.

    Notes
    -----
    The child is forked: where a system cannot fork (Windows), `work` runs in this process, unlimited.
    """
    if not hasattr(os, "fork"):
        return work()
    size = path.stat().st_size if path.is_file() else sum(p.stat().st_size for p in path.rglob("*"))
    limit = seconds if seconds is not None else SECONDS + SECONDS_PER_MB * size / 1e6
    memory = int(MEMORY_GB * 2**30) + MEMORY_PER_BYTE * size
    out, into = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads of numerical libraries are asleep
        child = os.fork()
    if child == 0:
        os.close(out)
        _in_the_child(work, into, place, memory)
    os.close(into)
    try:
        raw = _received(out, limit)
    finally:
        os.close(out)
        os.kill(child, signal.SIGKILL)  # nothing is lost: it has answered, or it never will
        _, status = os.waitpid(child, 0)
    if raw is None:
        raise InputError(_too_slow(place, limit))
    if not raw:
        raise InputError(_crashed(place, status))
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", RuntimeWarning
        )  # coordinates that are no numbers; whoever uses them looks
        answered, answer = pickle.loads(raw)  # written by our own child
    if not answered:
        raise InputError(answer)
    made: T = answer
    return made


def _in_the_child(work: Callable[[], object], into: int, place: str, memory: int) -> None:
    """Do the work, write what came of it, and end."""
    code = 1
    try:
        faulthandler.disable()
        _limit(memory)
        try:
            answer: tuple[bool, object] = (True, work())
        except InputError as error:
            answer = (False, error.faults)
        except MemoryError:
            answer = (False, [_too_large(place, memory)])
        except Exception as error:  # noqa: BLE001 - whatever a file makes a library raise is a fault of the file
            answer = (False, [_unreadable(place, error)])
        with os.fdopen(into, "wb") as file:
            pickle.dump(answer, file, protocol=5)
        code = 0
    finally:
        os._exit(code)


def _limit(memory: int) -> None:
    """Let this process grow by so many bytes and no more, and leave no core dump."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sizes = Path("/proc/self/statm")
    if sizes.exists():
        now = int(sizes.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + memory, resource.RLIM_INFINITY))


def _received(out: int, seconds: float) -> bytes | None:
    """All that comes through a pipe until it is closed; None if that takes too long."""
    parts: list[bytes] = []
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if not select.select([out], [], [], left)[0]:
            break
        part = os.read(out, _CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return None


def _too_slow(place: str, seconds: float) -> Finding:
    return fault(
        "file.slow", place,
        f"读取超过 {seconds:.0f} 秒,已中止;文件可能已损坏,请用 QGIS 或 ArcGIS 打开核对后另存",
        f"reading took more than {seconds:.0f} s and was stopped; the file may be damaged: open it in QGIS or ArcGIS and save it again",
    )  # fmt: skip


def _too_large(place: str, memory: int) -> Finding:
    return fault(
        "file.memory", place,
        f"读取需要的内存超过 {memory / 2**30:.0f} GB,已中止;文件可能已损坏,或请分块给出",
        f"reading needs more than {memory / 2**30:.0f} GB of memory and was stopped; the file may be damaged, or give it in parts",
    )  # fmt: skip


def _unreadable(place: str, error: Exception) -> Finding:
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return fault(
        "file.unreadable", place,
        f"无法读取,文件可能已损坏:{said}", f"cannot be read, it may be damaged: {said}",
    )  # fmt: skip


def _crashed(place: str, status: int) -> Finding:
    how = (
        signal.Signals(os.WTERMSIG(status)).name
        if os.WIFSIGNALED(status)
        else f"exit {os.waitstatus_to_exitcode(status)}"
    )
    return fault(
        "file.crash", place,
        f"读取程序在此文件上崩溃({how});文件可能已损坏,请用 QGIS 或 ArcGIS 打开核对后另存",
        f"the library that reads it crashed on this file ({how}); it may be damaged: open it in QGIS or ArcGIS and save it again",
    )  # fmt: skip
