"""Reading in a process of its own: what comes back is what was read, and nothing ends ours."""

import os
import signal
import time

import numpy as np
import pytest

from zoneplan.errors import InputError, fault
from zoneplan.io.sandbox import sandboxed

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def run(work, tmp_path, seconds=20.0):
    file = tmp_path / "地块.gpkg"
    file.write_bytes(b"x")
    return sandboxed(work, file, place="地块.gpkg", seconds=seconds)


def test_what_was_read_comes_back(tmp_path):
    big = np.arange(3_000_000.0)
    np.testing.assert_array_equal(run(lambda: big, tmp_path), big)


def test_faults_and_errors_come_back_as_they_are(tmp_path):
    def faulty():
        raise InputError([fault("a.b", "x", "甲", "one"), fault("a.c", "y", "乙", "two")])

    with pytest.raises(InputError, match="one") as caught:
        run(faulty, tmp_path)
    assert [finding.code for finding in caught.value.faults] == ["a.b", "a.c"]
    with pytest.raises(
        InputError,
        match=r"地块\.gpkg: cannot be read, it may be damaged: ZeroDivisionError: division by zero",
    ):
        run(lambda: 1 / 0, tmp_path)


@pytest.mark.parametrize("sign", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_crash_is_a_fault_of_the_file(tmp_path, sign):
    with pytest.raises(InputError, match=rf"地块.gpkg: .*crashed on this file \({sign.name}\)"):
        run(lambda: os.kill(os.getpid(), sign), tmp_path)


def test_what_takes_too_long_or_too_much_is_stopped(tmp_path):
    started = time.monotonic()
    with pytest.raises(InputError, match="took more than 0 s and was stopped"):
        run(lambda: time.sleep(60), tmp_path, seconds=0.3)
    assert time.monotonic() - started < 20
    with pytest.raises(InputError, match="needs more than 4 GB of memory"):
        run(lambda: np.ones(900_000_000).sum(), tmp_path)


def test_no_child_is_left_behind(tmp_path, monkeypatch):
    forked, fork = [], os.fork

    def watched():
        child = fork()
        forked.append(child)
        return child

    monkeypatch.setattr(os, "fork", watched)
    run(lambda: 1, tmp_path)
    assert len(forked) == 1
    with pytest.raises(ChildProcessError, match="No child"):
        os.waitpid(forked[0], os.WNOHANG)
