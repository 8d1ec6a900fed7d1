"""Boards that differ in the length of their videos alone: lvb-30s, lvb-60s, lvb-180s."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lvbench.leaderboard.board import Section
from lvbench.leaderboard.collect import Entry

_NAME = re.compile(r"^lvb-(\d+)s$")


def seconds_of(protocol: str) -> float | None:
    """Return the length that a protocol's name states; None where it is not of the family."""
    match = _NAME.match(protocol)
    return float(match[1]) if match else None


def by_length(found: Mapping[str, Sequence[Section]]) -> dict[float, list[Entry]]:
    """Return the rows of the family's newest released versions, by seconds."""
    boards: dict[float, list[Entry]] = {}
    for protocol, sections in found.items():
        seconds = seconds_of(protocol)
        entries = [e for section in sections for e in section.entries if not e.row.draft]
        if seconds is None or not entries:
            continue
        newest = max(entry.record.protocol.version for entry in entries)
        boards[seconds] = [e for e in entries if e.record.protocol.version == newest]
    return boards
