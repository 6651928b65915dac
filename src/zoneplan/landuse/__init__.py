"""Land-use codes, crosswalks, and tables of land use that close."""
