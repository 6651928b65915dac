"""The one gate for coordinate reference systems, datums and zones."""
