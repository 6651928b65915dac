"""Damaged files of every format are read or refused with a fault that names them; nothing else ever comes out.

The long run is ``make fuzz``.
"""

import pytest

from mutants import SUFFIXES, make_samples, mutant, try_to_read

EACH = 12


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    return make_samples(tmp_path_factory.mktemp("samples"))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # what GDAL says of a damaged file
def test_damaged_files_are_read_or_refused(samples, suffix, tmp_path):
    assert try_to_read(samples[suffix]) == "read"
    outcomes = {try_to_read(mutant(samples[suffix], tmp_path, seed)) for seed in range(EACH)}
    assert outcomes <= {"read", "refused"}
