"""The Word report of a check."""
