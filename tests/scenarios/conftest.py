"""The desk of the training office, as tests/desk plays at it."""

from __future__ import annotations

from tests.desk.conftest import book, desk

__all__ = ["book", "desk"]
