"""Areas and overlaps: measured without geometry, cut exactly where geometry is asked for."""
