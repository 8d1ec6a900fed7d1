"""Every awkward file is classified; no decoder does this by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.errors import VideoDecodeError
from lvbench.video.decoding.decode import open_video, probe
from lvbench.video.frames import Products
from lvbench.video.outcome import Evidence, outcome_of

WHOLE = 60

# file, status, code, fewest and most frames
OUTCOMES = [
    ("h264.mp4", "ok", "ok", WHOLE, WHOLE),
    ("h264.mkv", "ok", "ok", WHOLE, WHOLE),
    ("h264.mov", "ok", "ok", WHOLE, WHOLE),
    ("h264.avi", "ok", "ok", WHOLE, WHOLE),
    ("h264.ts", "ok", "ok", WHOLE, WHOLE),
    ("h264_10bit.mp4", "ok", "ok", WHOLE, WHOLE),
    ("h264_444.mp4", "ok", "ok", WHOLE, WHOLE),
    ("hevc.mp4", "ok", "ok", WHOLE, WHOLE),
    ("hevc_10bit.mkv", "ok", "ok", WHOLE, WHOLE),
    ("vp8.webm", "ok", "ok", WHOLE, WHOLE),
    ("vp9.webm", "ok", "ok", WHOLE, WHOLE),
    ("av1.mp4", "ok", "ok", WHOLE, WHOLE),
    ("mpeg4.avi", "ok", "ok", WHOLE, WHOLE),
    ("gif.gif", "ok", "ok", WHOLE, WHOLE),
    ("ffv1.mkv", "ok", "ok", WHOLE, WHOLE),
    ("odd.mp4", "ok", "ok", WHOLE, WHOLE),
    ("vfr.mp4", "ok", "ok", WHOLE, WHOLE),
    ("rotated.mp4", "ok", "ok", WHOLE, WHOLE),
    ("faststart.mp4", "ok", "ok", WHOLE, WHOLE),
    ("fragmented.mp4", "ok", "ok", WHOLE, WHOLE),
    ("edit_list.mp4", "ok", "ok", 36, 36),  # 60 coded, the first second is not shown
    ("size_change.ts", "damaged", "size_changed", WHOLE, WHOLE),
    ("joined.ts", "ok", "ok", 2 * WHOLE, 2 * WHOLE),
    ("cut_moov_first.mp4", "truncated", "file_cut", 20, 40),
    ("cut_fragmented.mp4", "truncated", "file_cut", 20, 40),
    ("cut.ts", "truncated", "file_cut", 20, 40),
    ("cut.mkv", "truncated", "file_cut", 20, 40),
    ("cut.webm", "truncated", "file_cut", 20, 40),
    ("cut.avi", "truncated", "file_cut", 20, 40),
    ("cut.gif", "truncated", "file_cut", 20, 40),
    ("flipped.mp4", "damaged", "decode_errors", 40, WHOLE),
    ("hole.mp4", "damaged", "decode_errors", 40, WHOLE),
]

UNREADABLE = [
    ("moov_lost.mp4", "unreadable"),
    ("empty.mp4", "file_empty"),
    ("text.mp4", "not_a_video"),
    ("playlist.mp4", "not_a_video"),
    ("audio_only.mp4", "no_video_stream"),
    ("zero_frames.mp4", "no_frames"),
    ("not_there.mp4", "file_missing"),
]


@pytest.mark.parametrize(("name", "status", "code", "fewest", "most"), OUTCOMES)
def test_awkward_file_is_classified(
    awkward: Path, name: str, status: str, code: str, fewest: int, most: int
) -> None:
    with open_video(awkward / name, Products(luma=True)) as reader:
        frames = sum(len(chunk) for chunk in reader)
        outcome = reader.outcome
    assert (outcome.status, outcome.code) == (status, code), outcome.detail
    assert fewest <= frames <= most
    assert outcome.frames == frames


@pytest.mark.parametrize(("name", "code"), UNREADABLE)
def test_unreadable_file_has_a_code(awkward: Path, name: str, code: str) -> None:
    for attempt in (probe, lambda path: open_video(path, Products(rgb=True))):
        with pytest.raises(VideoDecodeError) as caught:
            attempt(awkward / name)
        assert caught.value.code == code
        assert str(awkward / name) in str(caught.value)


def test_damage_in_one_video_does_not_stain_the_next(awkward: Path) -> None:
    with (
        open_video(awkward / "flipped.mp4", Products()) as broken,
        open_video(awkward / "h264.mp4", Products()) as healthy,
    ):
        for _ in zip(broken, healthy, strict=False):
            pass
        list(healthy)
        assert healthy._source.outcome().concealed == 0


def test_threads_do_not_change_the_class(awkward: Path) -> None:
    for name in ("flipped.mp4", "h264.mp4"):
        classes = set()
        for threads in (1, 2):
            with open_video(awkward / name, Products(), threads=threads) as reader:
                list(reader)
                classes.add((reader.outcome.status, reader.outcome.code))
        assert len(classes) == 1


def test_missing_frames_and_early_ends_are_judged(awkward: Path) -> None:
    info = probe(awkward / "h264.mp4")
    missing = Evidence(frames=40, last_pts=2.4, frames_expected=60)
    assert outcome_of(missing, info).code == "frames_missing"
    early = Evidence(frames=40, last_pts=1.5, last_interval=1 / 24)
    assert outcome_of(early, info).code == "ends_early"
    assert info.duration is not None
    last = 2 * info.duration + 1.1
    for whole, code in ((True, "index_broken"), (False, "ok")):
        late = Evidence(frames=60, last_pts=last, last_interval=0.04, whole=whole)
        assert outcome_of(late, info).code == code
    nothing = outcome_of(Evidence(), info)
    assert (nothing.status, nothing.code) == ("unreadable", "no_frames")
