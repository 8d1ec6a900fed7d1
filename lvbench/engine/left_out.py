"""Report the files of a folder that were not scored: in a line, in the log, in run.json."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lvbench.results.files import storage_error
from lvbench.results.schema import LeftOutRecord
from lvbench.video import intake

_NAMED, _KEPT = 5, 100  # names in a line, and in a record


def by_reason(found: Iterable[intake.LeftOut], *, real: bool = False) -> list[LeftOutRecord]:
    """Return the files that were left out, one record for each reason.

    Args:
        found: The files that were left out.
        real: Whether they were with the real videos.
    """
    reasons: dict[str, list[str]] = {}
    for one in found:
        reasons.setdefault(one.why, []).append(_printable(one.path))
    return [
        LeftOutRecord(why=why, count=len(paths), paths=sorted(paths)[:_KEPT], real=real)
        for why, paths in sorted(reasons.items())
    ]


def lines(left_out: Sequence[LeftOutRecord]) -> list[str]:
    """Return a line for the videos and a line for the real videos, where any were left out."""
    found = []
    for real, title in ((False, "left out"), (True, "left out of the real set")):
        parts = [_part(one) for one in left_out if one.real == real]
        if parts:
            found.append(f"{title}: {'; '.join(parts)}")
    return found


def log(folder: Path, left_out: Sequence[LeftOutRecord]) -> None:
    """Write the lines into a run folder's log.

    Raises:
        StorageError: The log cannot be written.
    """
    found = lines(left_out)
    if not found:
        return
    try:
        with (folder / "log.txt").open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(f"{line}\n" for line in found)
    except OSError as error:
        raise storage_error(folder / "log.txt", error) from error


def merged(shards: Iterable[Sequence[LeftOutRecord]]) -> list[LeftOutRecord]:
    """Return what the shards of a run left out: all of them read the same folder."""
    largest: dict[tuple[bool, str], LeftOutRecord] = {}
    for one in (one for shard in shards for one in shard):
        known = largest.get((one.real, one.why))
        if known is None or one.count > known.count:
            largest[one.real, one.why] = one
    return [largest[key] for key in sorted(largest)]


def _printable(path: str) -> str:
    """Return a path with control characters and broken bytes as escapes."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path)


def _part(one: LeftOutRecord) -> str:
    more = f" and {one.count - _NAMED} more" if one.count > _NAMED else ""
    return f"{', '.join(one.paths[:_NAMED])}{more} ({one.why})"
