"""Check the fragments of an mp4 or mov: content, place and time of each.

FFmpeg skips a fragment that it does not recognise, and trusts the times of the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np

from lvbench.video.containers.iso_index import (
    BrokenIndexError,
    Table,
    all_boxes,
    check_order,
    find_box,
    number_at,
    top_boxes,
    track_number,
)

_MOST_BYTES = 1 << 28  # of a box that is read
_MOST_SAMPLES = 1 << 24
# Of a fragment's head (tfhd).
_BASE, _DESCRIBED, _DURATION, _SIZE = 0x01, 0x02, 0x08, 0x10
# Of a run of samples (trun), and of each sample in it.
_PLACE, _FIRST_FLAGS = 0x01, 0x04
_EACH_DURATION, _EACH_SIZE, _EACH_FLAGS, _EACH_SHIFT = 0x100, 0x200, 0x400, 0x800


@dataclass(slots=True)
class _Listed:
    """Content of the fragments: the places of all tracks, the samples of one."""

    places: list[tuple[int, int]] = field(default_factory=list)
    starts: list[tuple[int, int]] = field(default_factory=list)
    durations: list[Table] = field(default_factory=list)
    shifts: list[Table] = field(default_factory=list)
    count: int = 0


def fragments_fault(path: Path, track: int) -> tuple[str, int | None]:
    """Return what is wrong with the fragments of an mp4 or mov, and the number of pictures in them.

    Args:
        path: The file.
        track: Number of the picture track.

    Returns:
        The fault, or an empty string; and the number of pictures, None where there is no fragment.
    """
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            return "", _check(file, size, track)
    except BrokenIndexError as fault:
        return str(fault), None
    except (IndexError, ValueError, OverflowError):
        return "a list of its fragments ends too early", None


def _check(file: BinaryIO, size: int, track: int) -> int | None:
    movie, places, listed, held = b"", set(), _Listed(), 0
    for name, at, begin, end in top_boxes(file, size):
        if name in ("moov", "moof", "mfra"):
            if end - begin > _MOST_BYTES:
                raise BrokenIndexError(f"a box of its index has {end - begin} bytes")
            file.seek(begin)
            data = file.read(end - begin)
        if name == "moov":
            movie = data
        elif name == "moof":
            places.add(at)
            _take(data, at, movie, track, listed)
        elif name == "mdat" and places:
            held += end - begin
        elif name == "mfra":
            _check_directory(data, places)
    if not places or not find_box(movie, "mvex"):
        return None
    ends = sorted(listed.places)
    unlisted = held - sum(end - begin for begin, end in ends)
    if unlisted > 0:
        raise BrokenIndexError(f"its fragments list all but {unlisted} of the {held} bytes in them")
    overlap = any(a[1] > b[0] for a, b in pairwise(ends))
    if overlap or (ends and (ends[0][0] < 8 or max(end for _, end in ends) > size)):
        raise BrokenIndexError("its fragments list places that overlap or lie outside of the file")
    _check_times(listed)
    return listed.count


def _take(fragment: bytes, at: int, movie: bytes, track: int, listed: _Listed) -> None:
    """Take one fragment (moof) that begins at a place of the file."""
    end = at
    for part in all_boxes(fragment, "traf"):
        head = find_box(part, "tfhd")
        flags, number, place = number_at(head, 1, 3), number_at(head, 4), 8
        base = end
        if flags & _BASE:
            base, place = number_at(head, place, 8), place + 8
        elif flags & 0x020000:
            base = at
        place += 4 * bool(flags & _DESCRIBED)
        usual = _defaults(movie, number)
        for bit, index in ((_DURATION, 0), (_SIZE, 1)):
            if flags & bit:
                usual[index], place = number_at(head, place), place + 4
        start, own = find_box(part, "tfdt"), number == track
        if own and start:
            listed.starts.append((listed.count, number_at(start, 4, 8 if start[0] else 4)))
        end = base
        for run in all_boxes(part, "trun"):
            count, begin, end = _run(run, base, end, usual, listed if own else None)
            listed.places.append((begin, end))
            listed.count += count if own else 0
            if listed.count > _MOST_SAMPLES:
                raise BrokenIndexError(f"its fragments list {listed.count} frames")


def _defaults(movie: bytes, track: int) -> list[int]:
    """Return the duration and size of a track's samples where a fragment states none."""
    for box in all_boxes(find_box(movie, "mvex"), "trex"):
        if number_at(box, 4) == track:
            return [number_at(box, 12), number_at(box, 16)]
    known = [track_number(find_box(box, "tkhd")) for box in all_boxes(movie, "trak")]
    raise BrokenIndexError(f"a fragment is of track {track}, and the file has {known}")


def _run(
    run: bytes, base: int, end: int, usual: list[int], listed: _Listed | None
) -> tuple[int, int, int]:
    """Take a run of samples; return their number and where they begin and end."""
    flags, count, at, begin = number_at(run, 1, 3), number_at(run, 4), 8, end
    if flags & _PLACE:
        shift = number_at(run, at)
        begin, at = base + shift - (shift >> 31 << 32), at + 4
    at += 4 * bool(flags & _FIRST_FLAGS)
    columns = [bit for bit in (_EACH_DURATION, _EACH_SIZE, _EACH_FLAGS, _EACH_SHIFT) if flags & bit]
    if at + 4 * count * len(columns) != len(run) or count > _MOST_SAMPLES:
        raise BrokenIndexError(f"a fragment lists {count} frames, and its table has another length")
    rows = np.frombuffer(run, ">u4", count * len(columns), at).reshape(count, len(columns))
    table = {bit: rows[:, k].astype(np.int64) for k, bit in enumerate(columns)}
    sizes = table.get(_EACH_SIZE, np.full(count, usual[1], np.int64))
    if listed is not None:
        listed.durations.append(table.get(_EACH_DURATION, np.full(count, usual[0], np.int64)))
        shifts = table.get(_EACH_SHIFT, np.zeros(count, np.int64))
        listed.shifts.append(np.where(shifts >> 31, shifts - (1 << 32), shifts))
    return count, begin, begin + int(sizes.sum())


def _check_times(listed: _Listed) -> None:
    """Compare the time at which each fragment begins with the end of the one before.

    Recorders guess the duration of the last frame of a fragment, so one frame is allowed.
    """
    if not listed.count:
        return
    durations, shifts = np.concatenate(listed.durations), np.concatenate(listed.shifts)
    check_order(durations, shifts)
    ends, near = np.concatenate([[0], np.cumsum(durations)]), float(np.median(durations))
    for (first, start), (after, then) in pairwise(listed.starts):
        gap = then - start - int(ends[after] - ends[first])
        if abs(gap) > near:
            found = f"{abs(gap) / max(near, 1.0):.1f} frames {'after' if gap > 0 else 'before'}"
            raise BrokenIndexError(f"a fragment begins {found} the end of the one before it")


def _check_directory(directory: bytes, places: set[int]) -> None:
    """Check that the list at the end of the file names existing fragments."""
    for box in all_boxes(directory, "tfra"):
        wide, lengths, count = 8 if box[0] else 4, number_at(box, 8), number_at(box, 12)
        step = 2 * wide + sum((lengths >> bits & 3) + 1 for bits in (0, 2, 4))
        if 16 + count * step != len(box):
            raise BrokenIndexError("its list of fragments (tfra) has another length than it states")
        named = {number_at(box, 16 + k * step + wide, wide) for k in range(count)}
        if not named <= places:
            raise BrokenIndexError("its list of fragments (tfra) names one that is not there")
