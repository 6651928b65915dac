"""Tables that add up both ways: every total holds exactly, and no cell moves further than it must."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoneplan.areas.margins import two_way
from zoneplan.units import round_half_up


def exact(values):
    return sum((Decimal(repr(value)) for value in values), Decimal(0))


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10_000), places=st.sampled_from([0, 2, 6]), free=st.sampled_from([0.0, 0.3]))
def test_rows_and_columns_add_up_as_printed(seed, places, free):
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(1, 9, 2))
    cells = random.lognormal(8, 3, shape) * (random.random(shape) < 0.6)
    rows = cells.sum(axis=1)
    own = cells.sum(axis=0) * (1 + random.normal(0, 1e-9, shape[1]))
    columns = [None if random.random() < free else float(total) for total in own]
    made = two_way(cells.tolist(), rows.tolist(), columns, places)
    for line, total, wanted in zip(made.cells, made.rows, rows, strict=True):
        assert exact(line) == exact([total]) == exact([round_half_up(float(wanted), places)])
    for j, total in enumerate(columns):
        assert exact([line[j] for line in made.cells]) + exact([made.closing[j]]) == exact([made.columns[j]])
        assert made.closing[j] == 0 if total is None else made.columns[j] == round_half_up(total, places)
    got = np.array(made.cells).reshape(shape)
    assert (got[cells == 0] == 0).all()
    assert (got >= 0).all()
    assert np.abs(got - cells).max() <= 10.0**-places * (1 + sum(shape)) + 1e-8 * cells.max()


def test_totals_that_agree_leave_nothing_to_close():
    made = two_way([[1.004, 2.004], [3.004, 4.004]], [3.008, 7.008], [4.008, 6.008], 2)
    assert made.columns == [4.01, 6.01]
    assert made.closing == [0, 0]
    assert made.rows == [3.01, 7.01]


def test_totals_that_disagree_are_kept_and_the_difference_shown():
    made = two_way([[100.0, 100.0], [100.0, 100.0]], [200, 200], [200.1, 200.3], 2)
    assert made.rows == [200, 200]
    assert made.columns == [200.1, 200.3]
    assert sum(made.closing) == pytest.approx(0.4)
    assert min(made.closing) > 0.15  # in proportion, not all in one


def test_a_free_column_takes_it_up():
    made = two_way([[100.0, 100.0], [100.0, 900.0]], [200, 1000], [200.1, None], 2)
    assert made.closing == [0, 0]
    assert made.columns == [200.1, 999.9]


def test_what_is_no_table_is_refused():
    with pytest.raises(ValueError, match="finite and not negative"):
        two_way([[-1.0]], [-1.0], [None], 2)
    with pytest.raises(ValueError, match="a total and no cells"):
        two_way([[0.0]], [5.0], [None], 2)
