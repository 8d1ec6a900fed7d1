"""Pairs of files, good and bad, through the whole pass."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.engine.evaluate import evaluate
from lvbench.engine.pair import score_pair
from lvbench.errors import RegistryError, UsageError
from lvbench.results.schema import ItemScore
from lvbench.video.decoding.decode import VideoReader, open_video
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip

FPS = 8.0
QUICK = ["psnr", "ssim"]


@pytest.fixture(scope="module")
def frames() -> NDArray[np.uint8]:
    return np.concatenate(list(render_clip(3.0, FPS, 96, 64, 5)))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, frames: NDArray[np.uint8]) -> Path:
    return _written(tmp_path_factory.mktemp("real") / "real.mp4", frames, crf=10)


def _written(path: Path, frames: NDArray[np.uint8], fps: float = FPS, **settings: Any) -> Path:
    write_video(path, [frames], fps, **settings)
    return path


def _of(real: Path, video: Path, **settings: Any) -> dict[str, ItemScore]:
    return score_pair(real, video, metrics=QUICK, **settings).record.metrics


def test_a_worse_encoding_is_further_away(
    real: Path, frames: NDArray[np.uint8], tmp_path: Path
) -> None:
    videos = [_written(tmp_path / f"{crf}.mp4", frames, crf=crf) for crf in (20, 30, 45)]
    scores = [_of(real, video) for video in (real, *videos)]
    for name in QUICK:
        values = [score[name].value for score in scores]
        assert values == sorted(values, key=lambda v: -(v or 0))
        assert len(set(values)) == 4
    assert scores[0]["psnr"].value == 60.0
    assert scores[0]["psnr"].flags == []


def test_both_decoders_and_rgb_folders_agree_with_the_planes(
    real: Path, frames: NDArray[np.uint8], tmp_path: Path
) -> None:
    """A pair of folders of pictures is compared in full range, at its own rate."""
    import cv2

    for name, clip in (("a", frames), ("b", 255 - frames)):
        (tmp_path / name).mkdir()
        for i, rgb in enumerate(clip[:4]):
            cv2.imwrite(str(tmp_path / name / f"{i:03}.png"), rgb[..., ::-1])
    found = _of(tmp_path / "a", tmp_path / "b", fps=FPS)
    assert found["psnr"].status == "ok"
    assert found["psnr"].series["per_frame"].t == pytest.approx([0, 1 / 8, 2 / 8, 3 / 8])
    mixed = _of(real, tmp_path / "a", fps=FPS)
    assert mixed["psnr"].code == "range_differs"


def test_what_does_not_fit_is_a_failure_with_its_code(
    real: Path, frames: NDArray[np.uint8], tmp_path: Path
) -> None:
    cases = {
        "size_differs": _written(tmp_path / "size.mp4", frames[:, :32]),
        "rate_differs": _written(tmp_path / "rate.mp4", frames, 2 * FPS),
        "count_differs": _written(tmp_path / "count.mp4", frames[:-5]),
    }
    for code, video in cases.items():
        for score in _of(real, video).values():
            assert (score.status, score.code) == ("failed", code)
            assert "fix" in str(score.detail)
    assert "19 pairs of frames" in str(_of(real, cases["count_differs"])["psnr"].detail)
    part = _of(real, cases["count_differs"], partial=True)["psnr"]
    assert part.status == "ok"
    assert part.flags == ["count_differs"]
    assert len(part.series["per_frame"].t) == 19
    assert _of(real, cases["rate_differs"], partial=True)["psnr"].flags == ["rate_differs"]


def test_ten_bits_with_eight_and_hdr_with_sdr_are_flagged(
    real: Path, frames: NDArray[np.uint8], tmp_path: Path
) -> None:
    deep = _written(tmp_path / "deep.mp4", frames, crf=10, pixel_format="yuv420p10le")
    found = _of(real, deep)["psnr"]
    assert found.flags == ["depth_differs"]
    assert "10 bits, peak 1023" in str(found.detail)
    hdr = tmp_path / "hdr.mp4"
    _tagged_as_hdr(hdr, frames)
    refused = _of(real, hdr)["psnr"]
    assert (refused.status, refused.code) == ("failed", "transfer_differs")
    assert "HDR (pq), the reference SDR" in str(refused.detail)
    assert _of(hdr, hdr)["psnr"].status == "ok"


def _tagged_as_hdr(path: Path, frames: NDArray[np.uint8]) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=int(FPS), options={"crf": "10"})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.color_trc = 16
        for rgb in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode(None))


def test_one_frame_is_no_video(frames: NDArray[np.uint8], tmp_path: Path) -> None:
    one = _written(tmp_path / "one.mp4", frames[:1])
    for score in _of(one, one).values():
        assert (score.status, score.code) == ("not_applicable", "too_short")


def test_an_unreadable_side_is_named(real: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    reference = _of(text, real)["psnr"]
    assert (reference.status, reference.code) == ("failed", "reference_not_a_video")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(real.read_bytes()[: real.stat().st_size // 2])
    assert str(_of(cut, real)["psnr"].code).startswith("reference_")
    assert _of(real, text)["psnr"].status == "failed"


def test_raw_video_must_be_what_is_said_of_it(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name in ("a.yuv", "b.yuv"):
        (tmp_path / name).write_bytes(rng.integers(0, 256, 4 * 64 * 48 * 3 // 2, np.uint8))
    pair = tmp_path / "a.yuv", tmp_path / "b.yuv"
    assert _of(*pair, raw="yuv420p:64x48@8")["psnr"].status == "ok"
    assert _of(*pair, raw="yuv420p:64x50@8")["psnr"].code == "raw_size"
    with pytest.raises(UsageError, match="yuv420p10le"):
        _of(*pair, raw="64x48")


def test_metrics_that_read_no_reference_are_refused_by_name(real: Path) -> None:
    with pytest.raises(UsageError, match="psnr"):
        score_pair(real, real, metrics=["freeze"])
    with pytest.raises(RegistryError, match="psnr"):
        score_pair(real, real, metrics=["psrn"])


def test_cores_move_no_bit(
    real: Path, frames: NDArray[np.uint8], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = _written(tmp_path / "video.mp4", frames, crf=35)
    found = []
    for cores in (1, 2, 5):
        monkeypatch.setattr("lvbench.engine.pair.usable_cores", lambda n=cores: n)
        found.append(score_pair(real, video, metrics=[*QUICK, "vmaf"]).record)
    assert found[0] == found[1] == found[2]


PROTOCOL = """\
name: quick-pair
version: 1
segment_seconds: 0.5
metrics:
  - {name: exposure_drift, version: 1}
  - {name: psnr, version: 1}
"""


def test_a_run_takes_each_reference_from_the_manifest(
    real: Path, frames: NDArray[np.uint8], tmp_path: Path
) -> None:
    """One line has a reference, one has none, one has one that does not fit."""
    folder = tmp_path / "videos"
    folder.mkdir()
    video = _written(folder / "video.mp4", frames, crf=35)
    shorter = _written(tmp_path / "shorter.mp4", frames[:-4])
    lines: list[dict[str, Any]] = [
        {"path": video.name, "id": "paired", "reference": str(real)},
        {"path": video.name, "id": "alone"},
        {"path": video.name, "id": "misfit", "reference": str(shorter)},
    ]
    (folder / "manifest.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    protocol = tmp_path / "quick-pair-v1.yaml"
    protocol.write_text(PROTOCOL)
    run = evaluate(folder, out=tmp_path / "run", protocol=str(protocol), workers=1)
    score = run.record.scores["psnr"]
    assert (score.n_expected, score.n_scored, score.n_failed) == (2, 1, 1)
    items = {
        item["video"]["id"]: item
        for item in (json.loads(p.read_text()) for p in (tmp_path / "run/items").glob("*.json"))
    }
    found = {name: item["metrics"]["psnr"]["code"] for name, item in items.items()}
    assert found == {"paired": None, "alone": "no_reference", "misfit": "count_differs"}
    assert len(items["paired"]["video"]["reference_sha256"]) == 64
    assert "reference_sha256" not in items["alone"]["video"]
    lightness = [item["metrics"]["exposure_drift"] for item in items.values()]
    assert lightness[0] == lightness[1] == lightness[2]


def test_a_reference_replaced_while_it_is_read_fails_the_pair(
    real: Path, frames: NDArray[np.uint8], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference, other = tmp_path / "real.mp4", _written(tmp_path / "o.mp4", frames, crf=40)
    shutil.copy(real, reference)

    def replacing(*given: Any, **named: Any) -> VideoReader:
        shutil.copy(other, reference)
        return open_video(*given, **named)

    monkeypatch.setattr("lvbench.engine.video_pass.paired_original.open_video", replacing)
    scores = _of(reference, real)
    assert {score.code for score in scores.values()} == {"reference_file_changed"}


def test_a_rate_for_two_video_files_is_refused(real: Path) -> None:
    with pytest.raises(UsageError, match="which have their own times"):
        _of(real, real, fps=24)


def test_a_reference_that_is_a_pipe_fails_at_once(real: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    scores = _of(tmp_path / "pipe.mp4", real)
    assert {score.code for score in scores.values()} == {"reference_not_regular"}
