"""Print sheets: a plan's maps on paper, at a stated scale."""
