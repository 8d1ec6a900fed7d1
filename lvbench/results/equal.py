"""Find the videos of a run with equal content, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable

from lvbench.results.schema import ItemRecord

_NAMED, _LINES = 5, 5


def equal_videos(items: Iterable[ItemRecord]) -> list[list[str]]:
    """Return the ids of videos of equal content (sha256), a list for each content, sorted."""
    found: dict[str, list[str]] = {}
    for item in items:
        if item.video.sha256 is not None:
            found.setdefault(item.video.sha256, []).append(item.video.id)
    return sorted(sorted(ids) for ids in found.values() if len(ids) > 1)


def equal_lines(items: Iterable[ItemRecord]) -> list[str]:
    """Return a sentence for each group of videos with equal content."""
    groups = equal_videos(items)
    lines = [
        f"{len(ids)} videos have the same content, byte for byte, and count as {len(ids)}: "
        f"{', '.join(ids[:_NAMED])}{' ...' if len(ids) > _NAMED else ''}"
        for ids in groups[:_LINES]
    ]
    if len(groups) > _LINES:
        lines.append(f"{len(groups) - _LINES} more groups of videos have the same content")
    return lines
