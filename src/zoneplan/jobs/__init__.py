"""Files in, papers out: what a command does from beginning to end."""
