"""The media (媒体): what people call them, and which kinds of act they do not have."""

from __future__ import annotations

from collections.abc import Mapping

from daemon.rulebook.item import Kind
from daemon.rulebook.model import Platform

NAMES: Mapping[Platform, str] = {
    "x": "X",
    "facebook": "Facebook",
    "line": "LINE",
    "instagram": "Instagram",
    "threads": "Threads",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "bluesky": "Bluesky",
    "other": "その他の媒体",
}
"""The name of each medium, the same in both languages but for the last."""

CANNOT: Mapping[Platform, frozenset[Kind]] = {
    # Messaging API: messages to friends, nothing else; an official account neither follows nor quotes anybody.
    "line": frozenset({"follow", "repost", "quote", "like"}),
}
"""Kinds of act that a platform does not have."""
