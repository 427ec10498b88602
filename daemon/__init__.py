"""Kohoban's daemon: the policy at work, a room for each thing it does (see `docs/house.md`)."""
