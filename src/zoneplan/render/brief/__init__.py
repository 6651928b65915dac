"""A scenario in brief: charts, small maps, two pages of Word; and the pictures of a sweep."""
