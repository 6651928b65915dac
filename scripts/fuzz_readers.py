"""Damage files of every format in thousands of ways and read them: none may crash, hang, or fail without a name.

python scripts/fuzz_readers.py [--count 10000] [--seed 0]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from mutants import SUFFIXES, make_samples, mutant, try_to_read


def main() -> None:
    """Run; exit 1 if any file came out otherwise than read or refused."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=10_000, help="damaged files, all formats together")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    outcomes: Counter[tuple[str, str]] = Counter()
    slowest, failed = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        samples = make_samples(Path(folder))
        for number in range(asked.count):
            suffix, seed = SUFFIXES[number % len(SUFFIXES)], asked.seed + number
            path = mutant(samples[suffix], Path(folder), seed)
            start = time.monotonic()
            try:
                outcomes[suffix, try_to_read(path)] += 1
            except Exception:  # noqa: BLE001 - each is counted and shown
                failed += 1
                print(f"\n{suffix} seed {seed}", file=sys.stderr)
                traceback.print_exc(limit=-3)
            slowest = max(slowest, time.monotonic() - start)
            shutil.rmtree(Path(folder) / str(seed))
            if number % 100 == 99:
                print(
                    f"\r{number + 1:,} of {asked.count:,}, {failed} failed",
                    end="",
                    file=sys.stderr,
                    flush=True,
                )
    print(file=sys.stderr)
    for suffix in SUFFIXES:
        print(f"{suffix:9} read {outcomes[suffix, 'read']:6,}  refused {outcomes[suffix, 'refused']:6,}")
    print(f"failed {failed}; slowest {slowest:.1f} s")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
