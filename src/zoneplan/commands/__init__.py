"""The command line: options in two languages, what is printed."""
