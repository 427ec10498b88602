"""What is in a text: pure functions from a text and the rulebook to findings. No input or output, no clock."""
