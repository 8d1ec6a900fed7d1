"""One presentation, one number: clips written in several ways and judged by lvb-smoke."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.engine.pair import score_pair
from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import tasks_from
from lvbench.engine.video_pass.tools import build_tools
from lvbench.protocol.load import load_protocol
from lvbench.results.schema import ItemRecord
from lvbench.video.intake import find_videos
from tests.conftest import ASSETS
from tests.video.timing.test_presentation import panning

# A tenth of what the smallest doses of docs/validity.md move.
BAR = {
    "exposure_drift": 0.4,
    "flow_smoothness": 0.01,
    "motion_magnitude": 0.002,
    "freeze": 0.0,
    "loop": 0.0,
    "incoherence": 0.0,
    "shot_cuts": 0.0,
    "seam": 0.0,
}
FILES = ASSETS / "cases" / "files"


def judged(path: Path) -> ItemRecord:
    task = tasks_from(find_videos(path).entries, path.parent)[0]
    return score_video(task, build_tools(load_protocol("lvb-smoke"))).record


def numbers(record: ItemRecord) -> dict[str, float | None]:
    """Return every score but VBench's, which reads frames as they are coded."""
    found: dict[str, float | None] = {}
    for name, score in record.metrics.items():
        if not name.startswith("vbench_"):
            found |= {name: score.value} | {f"{name}.{k}": v for k, v in score.components.items()}
    return found


def assert_same(one: ItemRecord, other: ItemRecord, within: float = 1e-9) -> None:
    ours, theirs = numbers(one), numbers(other)
    assert ours.keys() == theirs.keys()
    for name, value in ours.items():
        other_value = theirs[name]
        if value is None or other_value is None:
            assert value is other_value, name
        else:
            assert value == pytest.approx(other_value, rel=within, abs=within), name


def write(path: Path, luma: NDArray[np.uint8], rate: int, crf: int = 0) -> Path:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf)})
        stream.width, stream.height, stream.pix_fmt = luma.shape[2], luma.shape[1], "yuv420p"
        for frame in luma:
            picture = av.VideoFrame.from_ndarray(np.repeat(frame[..., None], 3, -1), "rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def kept(path: Path, new: NDArray[np.bool_], to: Path) -> Path:
    """Write some of a video's coded frames without loss at 16 frames per second."""
    import av

    with av.open(str(path)) as video, av.open(str(to), "w") as container:
        stream = container.add_stream("libx264", rate=16, options={"qp": "0"})
        coded = video.streams.video[0]
        stream.width, stream.height, stream.pix_fmt = coded.width, coded.height, "yuv420p"
        for frame, wanted in zip(video.decode(video=0), new, strict=True):
            if wanted:
                picture = av.VideoFrame.from_ndarray(frame.to_ndarray(), "yuv420p")
                container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return to


# A rate and a half, no whole number of sixteenths, a multiple, and the highest.
@pytest.mark.parametrize(("rate", "crf"), [(24, 0), (60, 0), (30, 23), (48, 23)])
def test_what_an_export_repeats_moves_no_score(rate: int, crf: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    gain = rng.normal(1, 0.03, (96, 1, 1))
    clip = np.clip(panning(96) * gain, 0, 255).astype(np.uint8)
    index = np.minimum(95, (np.arange(6 * rate) * Fraction(16, rate) + Fraction(1, 2)) // 1)
    plain = judged(write(tmp_path / "16.mp4", clip, 16, crf))
    export = judged(write(tmp_path / "more.mp4", clip[index.astype(int)], rate, crf))
    assert (export.video.frames, export.video.fps) == (
        6 * rate,
        pytest.approx(16, rel=1e-3),
    )
    assert export.video.distinct == 96
    if crf == 0:
        assert export.video.repeated == 6 * rate - 96
        assert_same(plain, export, 1e-6)
    ours, theirs = numbers(plain), numbers(export)
    for name, bar in BAR.items():
        assert ours[name] == pytest.approx(theirs[name], abs=bar), name
    # The codec writes other pixels at another rate: x264 at crf 23 keeps 91 % of this flicker at
    # 16 fps and 95 % at 48. What is shown is the same as the export's own pictures, kept exactly.
    new = np.diff(index.astype(int), prepend=-1) > 0
    alone = judged(kept(tmp_path / "more.mp4", new, tmp_path / "alone.mp4"))
    assert_same(alone, export, 1e-6)


@pytest.mark.assets
def test_a_held_picture_at_a_constant_and_at_a_variable_rate() -> None:
    constant, variable = judged(FILES / "cfr_hold.mp4"), judged(FILES / "vfr_hold.mp4")
    assert_same(constant, variable)
    assert constant.metrics["freeze"].value == pytest.approx(2.5 / 6.4375, abs=1e-3)
    assert constant.video.fps == variable.video.fps == pytest.approx(16)
    assert variable.metrics["exposure_drift"].status == "ok"


@pytest.mark.assets
def test_jittered_stamps() -> None:
    assert_same(judged(FILES / "regular.mp4"), judged(FILES / "jitter.mp4"), 2e-3)


@pytest.mark.assets
@pytest.mark.parametrize(("name", "held"), [("lasthold.mp4", 2.94), ("gif_lasthold.gif", 2.94)])
def test_the_last_picture_is_held_as_long_as_its_packet_says(name: str, held: float) -> None:
    record = judged(FILES / name)
    assert record.video.status == "ok"
    assert record.metrics["freeze"].components["longest"] == pytest.approx(held, abs=0.07)


@pytest.mark.assets
def test_a_pair_at_a_constant_and_at_a_variable_rate() -> None:
    found = score_pair(FILES / "cfr_hold.mp4", FILES / "vfr_hold.mp4", metrics=["psnr"])
    score = found.record.metrics["psnr"]
    assert (score.status, score.value) == ("ok", pytest.approx(60.0))
