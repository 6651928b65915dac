"""Rounding and apportioning: parts add up, whatever the numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoneplan.units import apportion, round_above, round_below, round_half_up, rounded, shares, to_unit

amounts = st.lists(st.floats(0, 1e9, allow_subnormal=False), min_size=1, max_size=12)


def exact(values):
    return sum((Decimal(repr(value)) for value in values), Decimal(0))


@given(amounts, st.integers(0, 6))
def test_parts_add_up_to_the_rounded_total(values, places):
    total = float(exact(values))
    parts = apportion(values, total, places)
    assert exact(parts) == Decimal(repr(round_half_up(total, places)))


@given(amounts, st.integers(0, 4))
def test_no_part_is_a_whole_step_from_its_value(values, places):
    step = Decimal(1).scaleb(-places)
    for part, value in zip(apportion(values, float(exact(values)), places), values, strict=True):
        assert abs(Decimal(repr(part)) - Decimal(repr(value))) <= step


@given(amounts)
def test_moved_is_the_difference_from_plain_rounding(values):
    made = shares(values, float(exact(values)), 2)
    for part, moved, value in zip(made.parts, made.moved, values, strict=True):
        assert exact([part]) - exact([round_half_up(value, 2)]) == exact([moved])


def test_ties_go_to_the_first_and_zero_stays_zero():
    assert apportion([0.5, 0.5, 0.5, 0.5], 2.0, 0) == [1.0, 1.0, 0.0, 0.0]
    assert apportion([0.0, 1 / 3, 2 / 3], 1.0, 2) == [0.0, 0.33, 0.67]
    assert shares([1 / 3] * 3, 1.0, 2).moved == (0.01, 0.0, 0.0)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [(2.675, 2, 2.68), (0.5, 0, 1.0), (1.5, 0, 2.0), (2.5, 0, 3.0), (-0.5, 0, -1.0), (1.005, 2, 1.01)],
)
def test_half_goes_up_as_written(value, places, expected):
    assert round_half_up(value, places) == expected
    assert rounded([value, value], places) == [expected, expected]


def test_units():
    assert to_unit(1_000_000.0, "mu") == 1500.0
    assert to_unit(1_000_000.0, "ha") == 100.0
    assert to_unit(1_000_000.0, "km2") == 1.0
    assert to_unit(1e8, "wan_mu") == 15.0


def test_refusals():
    with pytest.raises(ValueError, match="unit 'acre' is unknown"):
        to_unit(1.0, "acre")
    with pytest.raises(ValueError, match="cannot be rounded to the total 9"):
        apportion([1.0, 2.0], 9.0, 0)
    with pytest.raises(ValueError, match="not negative; found -1"):
        apportion([-1.0], 1.0, 0)


@given(st.floats(1e-6, 1e12))
def test_round_numbers_enclose(value):
    below, above = round_below(value), round_above(value)
    assert below <= value <= above <= 2.5 * below * (1 + 1e-12)
    assert f"{below:e}"[0] in "125"


def test_a_round_number_is_itself():
    assert [round_below(value) for value in (0.5, 1, 200, 4300)] == [0.5, 1, 200, 2000]
    assert [round_above(value) for value in (0.5, 1, 200, 4300)] == [0.5, 1, 200, 5000]
