"""What an operator sees: the Textual console (`tui`) and the command line (`cli`)."""
