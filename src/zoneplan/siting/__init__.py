"""Where a target of new ground can go: feasibility, what stops it, and the best choice of units."""
