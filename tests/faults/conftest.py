"""What the tests of faults share with those of the rooms."""

from __future__ import annotations

from tests.service.conftest import found

__all__ = ["found"]
