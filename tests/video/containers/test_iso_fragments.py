"""Fragments of mp4: every way of writing them is whole, and what they state wrongly is found."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lvbench.video.containers.iso_fragments import fragments_fault
from tests.video.containers.damage import SEEDS, write_seed
from tests.video.containers.test_damage import decoded, same_frames

SOUND = ("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac")
WAYS: dict[str, tuple[str, ...]] = {
    "by key frame": ("-movflags", "frag_keyframe+empty_moov"),
    "first in the index": ("-movflags", "frag_keyframe"),
    "each track by itself": ("-movflags", "frag_keyframe+separate_moof"),
    # Without sound: beside it FFmpeg itself moves all frames but the first by AAC's priming.
    "every frame": ("-an", "-bf", "0", "-movflags", "frag_every_frame+empty_moov"),
    "dash": ("-movflags", "dash+frag_keyframe+global_sidx"),
    "shifts below zero": ("-movflags", "frag_keyframe+empty_moov+negative_cts_offsets"),
    "at any time": ("-movflags", "empty_moov", "-frag_duration", "300000"),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_writing_fragments_is_whole(tmp_path: Path, way: str) -> None:
    path = tmp_path / "clip.mp4"
    write_seed(path, (*SOUND, *SEEDS["h264.mp4"], *WAYS[way]))
    found = decoded(path)
    assert (found.code, found.flags) == ("ok", ())
    assert found.times is not None
    np.testing.assert_allclose(found.times, np.arange(24) / 24, atol=1e-6)
    fault, count = fragments_fault(path, 1)
    assert fault == ""
    assert count is not None
    assert count in (12, 24)  # without those that the index itself lists


def test_segments_joined_as_a_player_fetches_them_are_whole(tmp_path: Path) -> None:
    write_seed(tmp_path / "clip.mp4", SEEDS["h264.mp4"])
    command = ["ffmpeg", "-v", "error", "-i", "clip.mp4", "-c", "copy", "-seg_duration", "0.5"]
    subprocess.run([*command, "-f", "dash", "list.mpd"], check=True, cwd=tmp_path)
    parts = [tmp_path / "init-stream0.m4s", *sorted(tmp_path.glob("chunk-stream0-*.m4s"))]
    assert len(parts) == 3
    path = tmp_path / "joined.mp4"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert decoded(path).code == "ok"
    path.write_bytes(b"".join(part.read_bytes() for part in (parts[0], parts[2], parts[1])))
    assert decoded(path).code != "ok"


def lies(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the file with one field of its second fragment changed, and which."""
    fragment = data.index(b"moof", data.index(b"moof") + 4)
    fields = (
        ("tfdt", 8, (0, 6, 512 * 12 + 600, 2**31)),  # low half of the time
        ("trun", 4, (0, 1, 11, 13, 2**32 - 1)),  # frames
        ("trun", 8, (0, 8, 10**7)),  # place
        ("tfhd", 4, (0, 2, 9)),  # track
    )
    for box, offset, values in fields:
        at = data.index(box.encode(), fragment) + 4 + offset
        for value in values:
            changed = data[:at] + value.to_bytes(4, "big") + data[at + 4 :]
            yield f"{box} at {offset} is {value}", changed
    for box in ("moof", "traf", "trun", "tfdt", "mdat"):
        at = data.index(box.encode(), fragment)
        yield f"{box} is free", data[:at] + b"free" + data[at + 4 :]


def test_a_fragment_that_lies_is_found(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_seed(path, SEEDS["fragments.mp4"])
    seed, data = decoded(path), path.read_bytes()
    for what, changed in lies(data):
        path.write_bytes(changed)
        found = decoded(path)
        assert found.code != "ok" or same_frames(found, seed), what
