"""Check that the index of an mp4 or mov is consistent.

FFmpeg trusts the table that it reads first. Where a table is damaged it gives fewer frames, or the
right ones at wrong times, without an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.int64]
_MOST_BYTES = 1 << 28  # of an index; that of a day of video takes a tenth
_MOST_FRAMES = 1 << 24  # a week of video
_LONGEST_REORDERING = 17  # frames: what H.264 and HEVC allow
_NO_TIME = (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)  # "not known", as streams write it


class BrokenIndexError(Exception):
    """What is wrong, in words."""


def index_fault(path: Path, track: int, rate: float | None = None) -> str:
    """Return what is wrong with the index of the picture track `track`, or an empty string.

    `rate` is the frame rate in Hz that the coded pictures state, if they do.

    A file whose samples are listed in fragments has no such index: see iso_fragments.
    """
    try:
        with path.open("rb") as file:
            movie = _movie(file, path.stat().st_size)
        if not movie or find_box(movie, "mvex"):
            return ""
        for box in all_boxes(movie, "trak"):
            header = find_box(box, "tkhd")
            if header and track_number(header) == track:
                _check(movie, box, header, path.stat().st_size, rate)
                return ""
        return "its index holds no header of the picture track"
    except BrokenIndexError as fault:
        return str(fault)
    except (IndexError, ValueError, OverflowError):
        return "a table of its index ends too early"


def top_boxes(file: BinaryIO, size: int) -> Iterator[tuple[str, int, int, int]]:
    """Yield name, place, begin and end of content of each box of a file.

    Raises:
        BrokenIndexError: What begins at a place is no box.
    """
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length, begin = int.from_bytes(head[:4], "big"), 8
        if length == 1:
            length, begin = int.from_bytes(head[8:16], "big"), 16
        elif length == 0:
            length = size - at
        if length < begin or at + length > size:
            raise BrokenIndexError(f"what begins at byte {at} is no box")
        yield head[4:8].decode("latin-1"), at, at + begin, at + length
        at += length


def _movie(file: BinaryIO, size: int) -> bytes:
    for name, _, begin, end in top_boxes(file, size):
        if name == "moov":
            file.seek(begin)
            return file.read(min(end - begin, _MOST_BYTES))
    return b""


def boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the boxes in a box; BrokenIndexError where one does not fit."""
    at = 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        begin = 8
        if length == 1:
            length, begin = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if length == 0 and data[at + 4 : at + 8] == bytes(4):  # the end of a list in QuickTime
            return
        if length < begin or at + length > len(data):
            raise BrokenIndexError("a box of its index does not fit into the one around it")
        yield data[at + 4 : at + 8].decode("latin-1"), data[at + begin : at + length]
        at += length


def all_boxes(data: bytes, name: str) -> list[bytes]:
    """Return the content of all boxes of a name."""
    return [content for kind, content in boxes(data) if kind == name]


def find_box(data: bytes, *path: str) -> bytes:
    """Return the first box at a path of names; empty where there is none."""
    for name in path:
        found = all_boxes(data, name)
        if not found:
            return b""
        data = found[0]
    return data


def _need(data: bytes, *path: str) -> bytes:
    found = find_box(data, *path)
    if not found:
        raise BrokenIndexError(f"its index holds no {path[-1]}")
    return found


def number_at(data: bytes, at: int, size: int = 4) -> int:
    """Return the number at a place; IndexError where there is none."""
    if len(data) < at + size:
        raise IndexError
    return int.from_bytes(data[at : at + size], "big")


def track_number(header: bytes) -> int:
    """Return the number of a header's (tkhd) track."""
    return number_at(header, 20 if header[0] else 12)


def _clock(box: bytes) -> tuple[int, int]:
    """Return ticks per second and duration of a movie's or a track's header."""
    if box[0]:
        return number_at(box, 20), number_at(box, 24, 8)
    return number_at(box, 12), number_at(box, 16)


def _rows(box: bytes, columns: int, kind: str = ">u4") -> Table:
    """Return the rows of a table that begins with their number, `(n, columns)`."""
    count = number_at(box, 4)
    values = np.frombuffer(box, kind, count * columns, 8)
    return values.astype(np.int64).reshape(count, columns)


@dataclass(frozen=True, slots=True)
class _Samples:
    """Hold the tables of one track: ticks of each sample, its bytes, and their places."""

    durations: Table
    offsets: Table | None
    sizes: Table
    per_chunk: Table
    chunks: Table


def _samples(table: bytes) -> _Samples:
    runs = _rows(_need(table, "stts"), 2)
    if runs[:, 0].sum() > _MOST_FRAMES:
        raise BrokenIndexError(f"its index lists {runs[:, 0].sum()} frames")
    shifts = find_box(table, "ctts")
    offsets = None
    if shifts:
        rows = _rows(shifts, 2, ">i4")
        if rows[:, 0].min(initial=0) < 0 or rows[:, 0].sum() > _MOST_FRAMES:
            raise BrokenIndexError("its table of shifts (ctts) lists too many frames")
        offsets = np.repeat(rows[:, 1], rows[:, 0])
    chunks = find_box(table, "stco")
    places = _rows(chunks, 1) if chunks else _rows(_need(table, "co64"), 1, ">i8")
    return _Samples(
        np.repeat(runs[:, 1], runs[:, 0]),
        offsets,
        _sizes(table),
        _per_chunk(_rows(_need(table, "stsc"), 3), len(places)),
        places[:, 0],
    )


def _sizes(table: bytes) -> Table:
    box = find_box(table, "stsz")
    if box:
        common, count = number_at(box, 4), number_at(box, 8)
        if common:
            return np.full(min(count, _MOST_FRAMES), common, np.int64)
        return np.frombuffer(box, ">u4", count, 12).astype(np.int64)
    box = _need(table, "stz2")
    count = number_at(box, 8)
    if box[7] == 4:
        pairs = np.frombuffer(box, np.uint8, (count + 1) // 2, 12)
        return np.stack([pairs >> 4, pairs & 15], 1).ravel()[:count].astype(np.int64)
    return np.frombuffer(box, f">u{box[7] // 8}", count, 12).astype(np.int64)


def _per_chunk(runs: Table, chunks: int) -> Table:
    """Return the number of samples in each chunk."""
    if not len(runs):
        return np.zeros(0, np.int64)
    lengths = np.diff(np.append(runs[:, 0], chunks + 1))
    if runs[0, 0] != 1 or (lengths <= 0).any():
        raise BrokenIndexError("its table of chunks (stsc) is not in order")
    return np.repeat(runs[:, 1], lengths)


def _check(movie: bytes, track: bytes, header: bytes, size: int, rate: float | None) -> None:
    media = _need(track, "mdia", "mdhd")
    samples = _samples(_need(track, "mdia", "minf", "stbl"))
    _check_counts(samples)
    _check_places(samples, size)
    _check_clock(movie, track, header, media, samples, rate)
    if samples.offsets is not None:
        check_order(samples.durations, samples.offsets)


def _check_counts(samples: _Samples) -> None:
    counts = {
        "durations": len(samples.durations),
        "sizes": len(samples.sizes),
        "places": int(samples.per_chunk.sum()),
    }
    if samples.offsets is not None:
        counts["shifts"] = len(samples.offsets)
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{count} {name}" for name, count in counts.items())
        raise BrokenIndexError(f"its index does not agree with itself: {listed}")


def _check_places(samples: _Samples, size: int) -> None:
    last = np.cumsum(samples.per_chunk)
    ends = np.concatenate([[0], np.cumsum(samples.sizes)])
    lengths = ends[last] - ends[last - samples.per_chunk]
    order = np.argsort(samples.chunks, kind="stable")
    start, end = samples.chunks[order], (samples.chunks + lengths)[order]
    if (end[:-1] > start[1:]).any() or (len(end) and (start[0] < 8 or end.max() > size)):
        raise BrokenIndexError("its index lists places that overlap or lie outside of the file")


def _check_clock(
    movie: bytes,
    track: bytes,
    header: bytes,
    media: bytes,
    samples: _Samples,
    rate: float | None,
) -> None:
    per_second, ticks = _clock(media)
    movie_per_second, _ = _clock(_need(movie, "mvhd"))
    if per_second == 0 or movie_per_second == 0:
        raise BrokenIndexError("its clock has 0 ticks per second")
    if not len(samples.durations):
        return
    listed, near = samples.durations.sum() / per_second, 2 * samples.durations.max() / per_second
    reordering = _reordering(samples) / per_second
    if ticks not in (0, *_NO_TIME) and abs(ticks / per_second - listed) > near + reordering:
        found = f"{ticks / per_second:.3f} s, its frames take {listed:.3f} s"
        raise BrokenIndexError(f"the track states a duration of {found}")
    shown = number_at(header, 28, 8) if header[0] else number_at(header, 20)
    edits = find_box(track, "edts", "elst")
    spans = _edits(edits) if edits else np.array([[shown, 0]])
    if shown in (0, *_NO_TIME) or not spans[:, 0].any():
        return
    edited = int(spans[:, 0].sum())
    if abs(edited - shown) > 1 + len(spans):
        found = f"{shown / movie_per_second:.3f} s, its edits {edited / movie_per_second:.3f} s"
        raise BrokenIndexError(f"the track states a duration of {found}")
    played = spans[spans[:, 1] >= 0]
    end = (played[:, 1] / per_second + played[:, 0] / movie_per_second).max(initial=0.0)
    # Edits may leave out frames, but they cannot play more than there is.
    slack = near + 2 / movie_per_second
    other_rate = rate is not None and not 1 / 1.5 < len(samples.durations) / listed / rate < 1.5
    left_out = end < listed - slack and (not edits or other_rate or end < 0.1 * listed)
    if left_out or end > listed + slack + reordering:
        found = f"up to {end:.3f} s, its frames take {listed:.3f} s"
        raise BrokenIndexError(f"the track is shown {found}")


def _edits(box: bytes) -> Table:
    """Return each edit's duration (movie's ticks) and beginning (track's; -1 for a pause)."""
    count, wide = number_at(box, 4), box[0]
    kind = ">u8,>i8,>u4" if wide else ">u4,>i4,>u4"
    rows = np.frombuffer(box, np.dtype(kind), count, 8)
    return np.stack([rows["f0"].astype(np.int64), rows["f1"].astype(np.int64)], axis=1)


def _reordering(samples: _Samples) -> int:
    return 0 if samples.offsets is None else int(np.abs(samples.offsets).max(initial=0))


def check_order(durations: Table, offsets: Table) -> None:
    """Refuse shifts that do not bring frames of one rate into an order at that rate.

    Cutting without encoding again leaves holes at the end, where a frame's neighbours were cut off.
    """
    steady = durations[:-1]
    if len(steady) < 2 or steady.min() != steady.max():
        return
    step = int(steady[0])
    if step == 0:
        return
    if np.ptp(offsets) > 2 * _LONGEST_REORDERING * step:
        raise BrokenIndexError("its table of shifts (ctts) moves a frame far away")
    shown = np.sort(np.arange(len(offsets)) * step + offsets)
    ends = min(_LONGEST_REORDERING, int(np.abs(offsets).max()) // step + 1)
    steps = np.diff(shown)
    if (steps == 0).sum() > max(1, len(shown) // 100) or (steps[:-ends] > step).any():
        raise BrokenIndexError("its table of shifts (ctts) leaves holes between the frames")
