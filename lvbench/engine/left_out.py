"""Say what a folder held that was not judged: in one line, in the log and in the run's record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lvbench.results.files import storage_error
from lvbench.results.schema import LeftOutRecord
from lvbench.video import intake

_NAMED, _KEPT = 5, 100  # names in a line, and in a record


def by_reason(found: Iterable[intake.LeftOut], *, real: bool = False) -> list[LeftOutRecord]:
    """Return what was left out, one record for each reason.

    Args:
        found: What was left out.
        real: Whether it lay with the real videos.
    """
    reasons: dict[str, list[str]] = {}
    for one in found:
        reasons.setdefault(one.why, []).append(_printable(one.path))
    return [
        LeftOutRecord(why=why, count=len(paths), paths=sorted(paths)[:_KEPT], real=real)
        for why, paths in sorted(reasons.items())
    ]


def lines(left_out: Sequence[LeftOutRecord]) -> list[str]:
    """Return one line for the videos and one for the real videos, each where there is need."""
    said = []
    for real, title in ((False, "left out"), (True, "left out of the real set")):
        parts = [_part(one) for one in left_out if one.real == real]
        if parts:
            said.append(f"{title}: {'; '.join(parts)}")
    return said


def log(folder: Path, left_out: Sequence[LeftOutRecord]) -> None:
    """Write the lines into a run folder's log.

    Raises:
        StorageError: The log cannot be written.
    """
    said = lines(left_out)
    if not said:
        return
    try:
        with (folder / "log.txt").open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(f"{line}\n" for line in said)
    except OSError as error:
        raise storage_error(folder / "log.txt", error) from error


def united(parts: Iterable[Sequence[LeftOutRecord]]) -> list[LeftOutRecord]:
    """Return what the parts of a run left out: they looked at the same folder."""
    largest: dict[tuple[bool, str], LeftOutRecord] = {}
    for one in (one for part in parts for one in part):
        known = largest.get((one.real, one.why))
        if known is None or one.count > known.count:
            largest[one.real, one.why] = one
    return [largest[key] for key in sorted(largest)]


def _printable(path: str) -> str:
    """Return a path whose control characters and broken bytes are written as escapes."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path)


def _part(one: LeftOutRecord) -> str:
    more = f" and {one.count - _NAMED} more" if one.count > _NAMED else ""
    return f"{', '.join(one.paths[:_NAMED])}{more} ({one.why})"
