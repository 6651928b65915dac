"""What if: a base plan and an ordered ledger of named edits, replayed, measured and compared."""
