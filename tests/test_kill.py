"""A writer killed at any moment leaves the old output or the new; full and read-only disks leave the old one."""

import errno
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mutants import FRAME
from zoneplan.errors import InputError
from zoneplan.io.anyfile import read_any
from zoneplan.io.store import staged
from zoneplan.io.writer import write_any

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
ROUNDS = 3
WRITER = """
import sys
from pathlib import Path
from mutants import FRAME
from zoneplan.io.writer import write_any
target = Path(sys.argv[1])
print("ready", flush=True)
while True:
    for size in (3, 2):
        write_any(target, FRAME.iloc[:size])
"""


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".txt", ".csv", ".fgb"])
def test_killed_at_any_moment(tmp_path, suffix):
    target = tmp_path / f"出{suffix}"
    dice = random.Random(suffix)
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    for _ in range(ROUNDS):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(target)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
        )
        child.stdout.readline()
        time.sleep(dice.uniform(0.0, 0.25))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        if target.exists():
            made = read_any(target, assume_crs=FRAME.crs if suffix == ".csv" else None).frame
            assert len(made) in (2, 3)
    write_any(target, FRAME)
    assert sorted(item.name for item in tmp_path.iterdir()) == [target.name]


def test_complete_files_of_a_killed_process_are_put_in_place(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    ready, half = tmp_path / f".zoneplan-ready-{gone.pid}-x", tmp_path / f".zoneplan-{gone.pid}-y"
    for folder in (ready, half):
        folder.mkdir()
        (folder / f"{folder.name[-1]}.txt").write_text("whole")
    mine = tmp_path / f".zoneplan-{os.getpid()}-z"
    mine.mkdir()
    with staged(tmp_path) as stage:
        (stage / "new.txt").write_text("new")
    assert sorted(item.name for item in tmp_path.iterdir()) == [mine.name, "new.txt", "x.txt"]


def test_a_full_disk_leaves_the_old_output(tmp_path):
    target = tmp_path / "出.geojson"
    write_any(target, FRAME)
    before = target.read_bytes()
    script = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom mutants import FRAME\nfrom zoneplan.io.writer import write_any\n"
        "import pandas as pd\nbig = pd.concat([FRAME] * 500, ignore_index=True)\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\nwrite_any(Path(sys.argv[1]), big)\n"
    )
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", script, str(target)], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert target.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == [target.name]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 20_000


def fails(folder, error):
    with staged(folder) as stage:
        (stage / "half").write_text("x")
        raise error


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EDQUOT])
def test_a_full_disk_is_named_and_other_faults_are_not_taken_for_one(tmp_path, number):
    with pytest.raises(InputError, match="the disk is full or over its quota: nothing was written"):
        fails(tmp_path, OSError(number, os.strerror(number)))
    with pytest.raises(OSError, match="Permission denied"):
        fails(tmp_path, OSError(errno.EACCES, os.strerror(errno.EACCES)))
    with pytest.raises(RuntimeError, match="other"):
        fails(tmp_path, RuntimeError("other"))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "文件").write_text("x")
    with pytest.raises(InputError, match="the output folder cannot be written"):
        write_any(tmp_path / "文件" / "出.gpkg", FRAME)
