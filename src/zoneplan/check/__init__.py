"""Parcels against control lines: states, verdicts, rules, outcomes."""
