"""What goes out: sealed jobs, the releaser's hand, the channels."""
