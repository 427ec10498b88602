"""The Textual console: what an operator sees and does. `main.run` is the way in."""
