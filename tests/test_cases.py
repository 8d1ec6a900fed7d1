"""Every file that was once judged wrongly, with its right value.

The files lie in `cases` in the folder of assets. `files` holds sound files of unusual form;
`damaged` holds files that rules have damaged, which were `ok` although their frames were not those
of the file before.
"""

from __future__ import annotations

import math
import resource
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.engine.left_out import by_reason, lines
from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import find_all, find_tasks
from lvbench.engine.video_pass.tools import Tools, build_tools
from lvbench.plain_yaml import read_yaml
from lvbench.protocol.load import load_protocol
from lvbench.protocol.schema import MetricEntry, Protocol
from lvbench.results.schema import ItemRecord
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products, concatenate
from tests.video.decoding.test_orientation import by_ffmpeg

pytestmark = pytest.mark.assets

Floats = NDArray[np.float64]
HELD = np.arange(104) / 16  # 2.5 s of it are one picture, from the 31st frame on
SIXTEENTHS = np.arange(64) / 16
REPEATED = np.where(np.arange(64) == 30, SIXTEENTHS[29], SIXTEENTHS)


@dataclass(frozen=True, slots=True)
class Case:
    """The right times of a file's frames, seconds; how exact its container is; its end."""

    times: Floats
    exact: float
    duration: float
    flags: tuple[str, ...] = ()


def steady(frames: int, rate: float, exact: float = 1e-6, *flags: str) -> Case:
    return Case(np.arange(frames) / rate, exact, frames / rate, flags)


# Of some files these metrics alone are asked, which saves time.
ASKED = {
    "frag.mp4": ("audio_quality",),
    "second_default.mp4": ("audio_quality",),
    "hflipmatrix.mp4": ("exposure_drift",),
}
MILLISECONDS, CENTISECONDS = 0.00051, 0.0051
FILES = {
    "cfr_hold.mp4": Case(HELD, 1e-6, 6.5),
    "vfr_hold.mp4": Case(np.delete(HELD, range(31, 71)), 1e-6, 6.5),
    "regular.mp4": Case(SIXTEENTHS, MILLISECONDS, 4.0),
    "jitter.mp4": Case(SIXTEENTHS, 0.025, 4.0),
    "lasthold.mp4": Case(SIXTEENTHS, MILLISECONDS, 6.938),
    "gif_lasthold.gif": Case(np.arange(32) / 16, CENTISECONDS, 4.94),
    "dup_pts.mkv": Case(REPEATED, MILLISECONDS, 4.0, ("times_repaired",)),
    "hflipmatrix.mp4": Case(SIXTEENTHS, 1e-6, 4.0),
    "frag.mp4": steady(350, 25),
    "second_default.mp4": steady(350, 25),
}
# All frames come at their times, with other pixels: the coded pictures carry no checksum, and the
# decoder takes any bits for a picture (docs/damage.md).
OTHER_PIXELS = {
    "silent_flip_a_00.mov": steady(24, 15),
    "silent_flip_a_00.webm": steady(24, 15, MILLISECONDS),
    "silent_flip_a_06.gif": steady(24, 10),
    "silent_flip_a_08.mpg": steady(24, 25, 1e-5),
    "silent_flip_hevc_02.mp4": steady(24, 15),
    "silent_flip_hevc_03.mp4": steady(24, 15),
    "silent_hole_a_01.webm": steady(24, 15, MILLISECONDS),
}
# What the format allows: an edit list leaves out frames, a matrix of zeros turns nothing.
ALLOWED = {
    "silent_lie_elst_media_0.mp4": steady(22, 15, 1e-6, "edited"),
    "silent_lie_elst_media_1.mp4": steady(23, 15, 1e-6, "edited"),
    "silent_lie_matrix_zero.mp4": steady(24, 15),
}
# What is said of the rest.
REFUSED = {
    "silent_boxfree_mdhd_4432.mp4": "its index holds no mdhd",
    "silent_concat_avi.avi": "another AVI follows",
    "silent_concat_gif.gif": "something follows the trailer of the GIF",
    "silent_hole_a_00.avi": "21 of 24 frames",
    "silent_hole_a_00.gif": "is no block of a GIF",
    "silent_hole_a_00.mpg": "2 pictures are missing from a group",
    "silent_ins_a_00.avi": "23 of 24 frames",
    "silent_lie_ctts_off_0.mp4": "(ctts) leaves holes between the frames",
    "silent_lie_elst_dur_1.mp4": "states a duration of 1.600 s, its edits 0.001 s",
    "silent_lie_mdhd_timescale_0.mp4": "its clock has 0 ticks per second",
    "silent_lie_mdhd_timescale_1.mp4": "its frames take 24576.000 s",
    "silent_lie_stsc_per_1.mp4": "24 sizes, 1 places",
    "silent_lie_stsc_per_max.mp4": "24 sizes, 4294967295 places",
    "silent_lie_stsz_count_1.mp4": "1 sizes, 24 places",
}
DAMAGED = OTHER_PIXELS | ALLOWED
# Of one second each at 16 Hz; the numbered pictures are shown at 24 Hz for want of a rate.
MIXED = (
    "B.MP4", "a.mp4", "seq", "x.3g2", "x.MOV", "x.apng", "x.divx", "x.f4v", "x.h264", "x.ivf",
    "x.m1v", "x.mjpeg", "x.mp4v", "x.mpeg4", "x.mxf", "x.nut", "x.qt", "x.rm", "x.vob", "x.webp",
    "x.y4m",
)  # fmt: skip
UNNAMED = (".DS_Store", "._a.mp4")  # hidden files are never spoken of
LEFT_OUT = {
    "seq/prompt.txt": "no picture, in a folder of pictures",
    "x.dat": "begins like a video, under another name: rename it or list it in a manifest",
    "x.webm.part": "begins like a video, under another name: rename it or list it in a manifest",
}
WEBPS = {f"ComfyUI_{i:05}_.webp": min(9 + i, 16) for i in range(1, 9)}  # frames of 62 ms


@cache
def tools(*names: str) -> Tools:
    """Return what some metrics need, or all of `lvb-smoke`."""
    if not names:
        return build_tools(load_protocol("lvb-smoke"))
    metrics = [MetricEntry(name=name, version=1) for name in names]
    return build_tools(
        Protocol(name="any", version=1, draft=True, segment_seconds=0.5, metrics=metrics)
    )


@cache
def record(path: Path) -> ItemRecord:
    [task] = find_tasks(path)
    return score_video(task, tools(*ASKED.get(path.name, ()))).record


def times_of(path: Path) -> Floats:
    with open_video(path, Products(luma=True)) as reader:
        times: Floats = np.concatenate([chunk.pts for chunk in reader])
    return times


def scored(item: ItemRecord) -> dict[str, tuple[str, str | None, Any]]:
    """Return status, code and value of every score but VBench's, which reads the file's frames."""
    return {
        name: (score.status, score.code, score.value)
        for name, score in item.metrics.items()
        if not name.startswith("vbench_")
    }


def assert_same_scores(found: ItemRecord, other: ItemRecord, rel: float) -> None:
    assert scored(found).keys() == scored(other).keys()
    for name, (status, code, value) in scored(found).items():
        wanted = scored(other)[name]
        assert (status, code) == wanted[:2], name
        assert value == (None if value is None else pytest.approx(wanted[2], rel=rel)), name


@pytest.fixture(scope="module")
def cases(assets: Path) -> Path:
    return assets / "cases"


def test_every_file_has_a_case(cases: Path) -> None:
    sequence = {f"files/mixed/seq/{i:04}.png" for i in range(16)}
    named = (
        {f"files/{name}" for name in FILES}
        | {f"damaged/{name}" for name in (*DAMAGED, *REFUSED, "bomb.yaml")}
        | {f"damaged/s_bomb30k/{i:03}.png" for i in range(2)}
        | {f"files/mixed/{name}" for name in (*MIXED, *UNNAMED, *LEFT_OUT) if name != "seq"}
        | sequence
        | {f"files/webps/{name}" for name in WEBPS}
        | {"files/webp_one/clip.webp"}
    )
    assert named == {str(p.relative_to(cases)) for p in cases.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("name", "case"),
    [(f"files/{name}", case) for name, case in FILES.items()]
    + [(f"damaged/{name}", case) for name, case in DAMAGED.items()],
)
def test_every_frame_comes_at_its_time(cases: Path, name: str, case: Case) -> None:
    found = record(cases / name).video
    assert (found.status, found.code, tuple(found.flags)) == ("ok", None, case.flags)
    assert found.frames == len(case.times)
    assert found.duration == pytest.approx(case.duration, abs=case.exact)
    times = times_of(cases / name)
    np.testing.assert_allclose(times, case.times, atol=case.exact)
    assert (np.diff(times) > 0).all()


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_ok_has_all_its_scores(cases: Path, name: str) -> None:
    item = record(cases / "damaged" / name)
    found = scored(item)
    assert item.video.duration is not None
    # Drift needs ten segments of half a second, an order 2 s, a still picture 9 samples at 4 Hz.
    short = {f"{what}_drift" for what in ("exposure", "colour", "contrast", "sharpness", "noise")}
    if item.video.duration < 2.25:
        short |= {"stillness", "dynamics", "time_order"}
    absent = {metric: code for metric, (_, code, _) in found.items() if code}
    # Of 54 lines: image quality needs 192, which is not asked of a clip of one sample.
    assert absent.pop("image_quality") in ("too_small", "too_short")
    assert absent == dict.fromkeys(short, "too_short")
    rest = [score[2] for metric, score in found.items() if metric not in {*short, "image_quality"}]
    assert all(isinstance(value, float) and math.isfinite(value) for value in rest)


@pytest.mark.parametrize("name", REFUSED)
def test_what_lost_frames_or_times_fails_and_says_why(cases: Path, name: str) -> None:
    found = record(cases / "damaged" / name)
    assert (found.video.status, found.video.code) == ("failed", "video_damaged")
    assert REFUSED[name] in (found.video.detail or "")
    assert {score.status for score in found.metrics.values()} == {"failed"}


def test_a_hold_has_the_same_scores_as_one_frame_and_as_many(cases: Path) -> None:
    many, one = (record(cases / "files" / f"{kind}_hold.mp4") for kind in ("cfr", "vfr"))
    assert_same_scores(one, many, rel=1e-9)
    assert many.metrics["freeze"].value == pytest.approx(40 / 103, abs=1e-9)


def test_jittered_stamps_have_the_scores_of_regular_ones(cases: Path) -> None:
    jitter, regular = (record(cases / "files" / f"{n}.mp4") for n in ("jitter", "regular"))
    assert_same_scores(jitter, regular, rel=2e-4)


@pytest.mark.parametrize("name", ["lasthold.mp4", "gif_lasthold.gif"])
def test_a_held_last_picture_is_a_freeze(cases: Path, name: str) -> None:
    """It is shown for 3 s: as if repeated 16 times a second, which is one step less of freeze."""
    found = record(cases / "files" / name)
    assert found.video.duration is not None
    frozen, shown = 3 - 1 / 16, found.video.duration - 1 / 16
    assert found.metrics["freeze"].value == pytest.approx(frozen / shown, rel=1e-3)
    [event] = found.metrics["freeze"].events
    assert event.start == pytest.approx(found.video.duration - 3, abs=CENTISECONDS)
    assert event.end == pytest.approx(shown, abs=CENTISECONDS)


def test_a_repeated_stamp_moves_no_score(cases: Path) -> None:
    assert_same_scores(
        record(cases / "files/dup_pts.mkv"), record(cases / "files/regular.mp4"), rel=2e-3
    )


def test_a_mirrored_picture_is_shown_as_ffmpeg_shows_it(cases: Path) -> None:
    path = cases / "files" / "hflipmatrix.mp4"
    with open_video(path, Products(planes=True)) as reader:
        planes, info = concatenate(list(reader)).planes, reader.info
    assert (info.rotation, info.mirrored) == (0, True)
    assert planes is not None
    np.testing.assert_array_equal(planes.y, by_ffmpeg(path, info.height, info.width))


def test_the_default_track_is_judged(cases: Path) -> None:
    found = record(cases / "files" / "second_default.mp4")
    assert found.metrics["audio_quality"].status == "ok"


def test_no_sound_fault_lies_before_the_first_picture(cases: Path) -> None:
    found = record(cases / "files" / "frag.mp4").metrics["audio_quality"]
    assert (found.value, found.components["gaps"], found.events) == (0.0, 0.0, [])


def judged(folder: Path, *names: str) -> dict[str, ItemRecord]:
    return {task.id: score_video(task, tools(*names)).record for task in find_tasks(folder)}


def test_a_folder_of_all_kinds_is_judged_and_the_rest_named(cases: Path) -> None:
    tasks, left_out = find_all(cases / "files" / "mixed")
    assert tuple(task.id for task in tasks) == MIXED
    assert {one.path: one.why for one in left_out} == LEFT_OUT
    [line] = lines(by_reason(left_out))
    assert all(name in line for name in LEFT_OUT)
    found = judged(cases / "files" / "mixed", "freeze", "exposure_drift")
    assert all((v.video.status, v.video.frames) == ("ok", 16) for v in found.values())
    for name, item in found.items():
        assert item.video.duration == pytest.approx(16 / 24 if name == "seq" else 1.0)
        if name != "seq":  # the same bytes under many names
            assert item.metrics == found["a.mp4"].metrics


def test_each_animated_picture_is_a_video(cases: Path) -> None:
    found = judged(cases / "files" / "webps")
    assert {name: item.video.frames for name, item in found.items()} == WEBPS
    one = judged(cases / "files" / "webp_one")
    assert {name: item.video.frames for name, item in one.items()} == {"clip.webp": 16}
    for item in (*found.values(), *one.values()):
        assert item.video.status == "ok"
        assert item.video.duration == pytest.approx(0.062 * (item.video.frames or 0))


def test_pictures_that_unfold_without_end_are_refused_unread(cases: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [task] = find_tasks(cases / "damaged" / "s_bomb30k")
    began = time.process_time()
    found = score_video(task, tools("freeze")).record.video
    assert (found.status, found.code) == ("failed", "too_large")
    assert time.process_time() - began < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # KiB


def test_aliases_that_unfold_without_end_cost_nothing(cases: Path) -> None:
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match="alias"):
        read_yaml(cases / "damaged" / "bomb.yaml")
    assert time.process_time() - began < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB
