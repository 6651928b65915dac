"""Balancing to a control area and field ridges: sums exact, order irrelevant, the rule as laid down."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoneplan.areas.balance import balance, ridge

CENTS = st.integers(min_value=100, max_value=10**9)


def exact(values):
    return sum((Decimal(repr(value)) for value in values), Decimal(0))


def test_the_rule_by_hand():
    # 0.11 m² to add to three patches: f = 3, r = 2, so the two largest get 0.04, the last 0.03
    made = balance([100.0, 300.0, 200.0], 600.11)
    assert made.areas == (100.03, 300.04, 200.04)
    assert made.changes == (0.03, 0.04, 0.04)
    assert (made.residual, made.largest) == (0.11, 0.04)
    assert balance([100.0, 300.0, 200.0], 599.98).changes == (0.0, -0.01, -0.01)


@given(st.lists(CENTS, min_size=1, max_size=40), st.integers(min_value=-99, max_value=5000))
def test_sums_are_exact_and_no_two_changes_differ_by_more_than_a_step(cents, missing):
    areas = [cent / 100 for cent in cents]
    control = (sum(cents) + missing) / 100
    made = balance(areas, control)
    assert exact(made.areas) == Decimal(repr(control)).quantize(Decimal("0.01"))
    assert exact(made.changes) == Decimal(missing) / 100
    steps = [round(abs(change) * 100) for change in made.changes]
    assert max(steps) - min(steps) <= 1
    assert made.largest == max(abs(change) for change in made.changes)


@given(st.lists(CENTS, min_size=1, max_size=12), st.integers(-50, 50), st.randoms(use_true_random=False))
def test_with_keys_the_order_is_irrelevant(cents, missing, random):
    keys = [f"p{number}" for number in range(len(cents))]
    control = (sum(cents) + missing) / 100
    one = dict(zip(keys, balance([c / 100 for c in cents], control, keys=keys).areas, strict=True))
    pairs = list(zip(keys, cents, strict=True))
    random.shuffle(pairs)
    other = balance([c / 100 for _, c in pairs], control, keys=[key for key, _ in pairs])
    assert dict(zip([key for key, _ in pairs], other.areas, strict=True)) == one


def test_equal_areas_are_told_apart_by_their_keys():
    assert balance([1.0, 1.0], 2.01, keys=["b", "a"]).areas == (1.0, 1.01)
    with pytest.raises(ValueError, match="one key for two equal areas"):
        balance([1.0, 1.0], 2.01, keys=["a", "a"])


def test_balancing_twice_changes_nothing():
    once = balance([5.5, 7.25, 9.0], 22.0)
    assert balance(once.areas, 22.0).largest == 0


@pytest.mark.parametrize(
    ("areas", "control", "match"),
    [
        ([1.0, -1.0], 1.0, "area 1 is -1.0; expected at least 0.01"),
        ([0.02, 0.02], 0.01, "would become"),
        ([float("nan")], 1.0, "area 0 is nan; expected a number"),
        ([1.0], float("inf"), "control area is inf"),
        ([], 1.0, "control area is 1.0 for 0 areas"),
    ],
)
def test_what_cannot_be_balanced(areas, control, match):
    with pytest.raises(ValueError, match=match):
        balance(areas, control)


@given(CENTS, st.integers(0, 9999))
def test_ridge_and_net_area_add_up(cents, coefficient):
    made = ridge(cents / 100, coefficient / 10000, "0102")
    assert exact([made.ridge_m2, made.net_m2]) == Decimal(cents) / 100
    # half up: 0.005 m² at most from the product
    assert abs(Decimal(repr(made.ridge_m2)) - Decimal(cents) * coefficient / 10**6) <= Decimal("0.005")


def test_ridges_by_hand_and_on_cropland_only():
    assert ridge(1000.05, 0.1035, "0103").ridge_m2 == 103.51  # 103.505175
    assert ridge(2.5, 0.002, "01").ridge_m2 == 0.01  # 0.005, half up
    assert ridge(500.0, 0.0, "0701").net_m2 == 500.0
    with pytest.raises(ValueError, match=r"KCXS is 0\.1 on DLBM '0201'"):
        ridge(500.0, 0.1, "0201")
    with pytest.raises(ValueError, match=r"KCXS is 1\.0; expected from 0"):
        ridge(500.0, 1.0, "0101")
