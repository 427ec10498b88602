"""Every figure that the README claims, one script each. Nothing here asserts; it prints, with spread and the machine."""
