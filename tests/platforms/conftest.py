"""The fakes, for their own tests."""

from tests.platforms.at_hand import fake_line, fake_x, line_document, x_document

__all__ = ["fake_line", "fake_x", "line_document", "x_document"]
