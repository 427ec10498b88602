"""What was promised: the office's `rules.toml` and the policies, read into one immutable `Rulebook`."""
