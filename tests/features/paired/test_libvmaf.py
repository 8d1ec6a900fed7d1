from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import MissingDependencyError, VideoDecodeError
from lvbench.features.base import Extraction
from lvbench.features.paired import libvmaf, libvmaf_program
from lvbench.features.paired.libvmaf import Libvmaf, LibvmafNeg
from lvbench.features.paired.libvmaf_program import LibvmafProgram, RawPicture
from lvbench.video.frames import Frames, Planes

FRAMES = 40


def _clip(seed: int, bits: int = 8) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    wide = rng.integers(0, 256, (8, 20), np.uint8).repeat(8, 0).repeat(8, 1)
    clip = np.stack([wide[:, t : t + 97] for t in range(FRAMES)]).astype(np.uint16)
    return clip.astype(np.uint8) if bits == 8 else clip << (bits - 8)


def _pair(ours: NDArray[Any], theirs: NDArray[Any], bits: int = 8) -> Frames:
    times = np.arange(len(ours)) / 8
    real = Frames(times, planes=Planes(theirs, None, None, bits))
    return Frames(times, planes=Planes(ours, None, None, bits), reference=real)


def _blurred(clip: NDArray[Any]) -> NDArray[Any]:
    mean = (clip + np.roll(clip, 1, 2).astype(np.uint16) + np.roll(clip, -1, 2)) // 3
    return mean.astype(clip.dtype)


def test_the_original_is_near_100_and_a_blurred_one_is_not() -> None:
    clip = _clip(0)
    same, blurred = (Libvmaf()(_pair(video, clip))["vmaf"] for video in (clip, _blurred(clip)))
    assert len(same) == FRAMES
    assert same[1:].min() > 97
    assert blurred.mean() < same.mean() - 5


def test_blocks_threads_and_order_move_no_bit() -> None:
    """More frames than the queues and pipes hold, one by one and all at once."""
    clip = _clip(1)
    pair = _pair(_blurred(clip), clip)
    at_once = Libvmaf()(pair)
    extractor = Libvmaf()
    extractor.threads = 2
    passage = extractor.start(8.0)
    for i in range(FRAMES):
        assert not len(passage(pair.take(slice(i, i + 1))).t)
    last = passage.finish()
    passage.close()
    assert last.t.tolist() == pair.pts.tolist()
    for name, values in at_once.items():
        assert np.array_equal(last[name], values), name


def test_other_depths_are_shifted_to_one_that_libvmaf_takes() -> None:
    nine = _clip(2, bits=9)
    found = Libvmaf()(_pair(_blurred(nine), nine, bits=9))
    ten = _clip(2, bits=10)
    assert (found["bits"] == 10).all()
    same = Libvmaf()(_pair(_blurred(nine) << 1, ten, bits=10))
    assert np.array_equal(found["vmaf"], same["vmaf"])


def test_neg_gives_nothing_for_contrast() -> None:
    clip = (_clip(3) // 2 + 64).astype(np.uint8)
    stretched = ((clip.astype(np.int64) - 128) * 3 // 2 + 128).astype(np.uint8)
    pair = _pair(stretched, clip)
    plain, neg = Libvmaf()(pair), LibvmafNeg()(pair)
    assert plain["vif_scale0"].mean() > 1.05
    assert neg["vif_scale0"].mean() < plain["vif_scale0"].mean()
    assert neg["vmaf"].mean() <= plain["vmaf"].mean()


def test_a_model_that_does_not_exist_is_said() -> None:
    clip = _clip(4)
    with pytest.raises(VideoDecodeError, match="vmaf_v9") as caught:
        Libvmaf("vmaf_v9")(_pair(clip, clip))
    assert caught.value.code == "libvmaf_failed"
    with pytest.raises(ValueError, match="not the name of a model"):
        Libvmaf("x:log_path=y")


def test_too_small_a_picture_is_refused_before_the_program_falls_over() -> None:
    clip = np.zeros((2, 16, 64), np.uint8)
    with pytest.raises(VideoDecodeError, match="needs 32") as caught:
        Libvmaf()(_pair(clip, clip))
    assert caught.value.code == "too_small"


def test_no_frames_are_no_scores() -> None:
    passage = Libvmaf().start(8.0)
    assert isinstance(passage, Extraction)
    assert not len(passage.finish().t)
    passage.close()


def test_a_passage_given_up_leaves_no_process_and_no_folder() -> None:
    program = LibvmafProgram(RawPicture(97, 64, 8), "vmaf_v0.6.1", 1)
    folder = Path(program._folder.name)
    clip = _clip(5)
    program.give(clip, clip)
    program.close()
    program.close()
    assert program._process.poll() is not None
    assert not folder.exists()


def test_without_the_package_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libvmaf, "find_spec", lambda _: None)
    with pytest.raises(MissingDependencyError, match=r"\[vmaf\]"):
        Libvmaf().require()
    assert importlib.util.find_spec("imageio_ffmpeg") is not None


def test_without_the_program_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "ffmpeg"))
    clip = _clip(6)
    with pytest.raises(MissingDependencyError, match="No such file") as caught:
        Libvmaf()(_pair(clip, clip))
    assert caught.value.code == "program_missing"
    assert caught.value.where == str(tmp_path / "ffmpeg")
    assert "unset IMAGEIO_FFMPEG_EXE" in caught.value.fix


def test_a_program_without_libvmaf_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    poor = tmp_path / "ffmpeg"
    poor.write_text("#!/bin/sh\necho \"No such filter: 'libvmaf'\" >&2\nexit 8\n")
    poor.chmod(0o755)
    assert subprocess.run([str(poor)], capture_output=True, check=False).returncode == 8
    monkeypatch.setattr(libvmaf_program, "ffmpeg", lambda: str(poor))
    clip = _clip(7)
    with pytest.raises(VideoDecodeError, match="No such filter"):
        Libvmaf()(_pair(clip, clip))


@pytest.mark.parametrize("frames", [2, 10 * FRAMES])
def test_a_program_that_stands_still_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, frames: int
) -> None:
    """Whether it is to take more frames than pipes and queues hold, or to end."""
    still = tmp_path / "ffmpeg"
    still.write_text("#!/bin/sh\nexec sleep 600\n")
    still.chmod(0o755)
    monkeypatch.setattr(libvmaf_program, "ffmpeg", lambda: str(still))
    monkeypatch.setattr(libvmaf_program, "STALLED_SECONDS", 0.5)
    clip = np.concatenate([_clip(8)] * 10)[:frames]
    program = LibvmafProgram(RawPicture(97, 64, 8), "vmaf_v0.6.1", 1)

    def judge() -> None:
        for luma in clip:
            program.give(luma[None], luma[None])
        program.finish(frames)

    with pytest.raises(VideoDecodeError, match="made no progress") as caught:
        judge()
    program.close()
    assert caught.value.code == "libvmaf_failed"
