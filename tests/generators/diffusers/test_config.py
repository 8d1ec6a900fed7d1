"""What is known of a class holds unless the file says otherwise."""

from __future__ import annotations

from pathlib import Path

from lvbench.generators.contract.config import read_config
from lvbench.generators.contract.plan import Limits
from lvbench.generators.diffusers.config import DiffusionConfig
from lvbench.generators.diffusers.facts import FACTS, PipelineFacts


def facts(folder: Path, text: str) -> PipelineFacts:
    path = folder / "model.yaml"
    path.write_text(f"model: somewhere\n{text}")
    return read_config(path, DiffusionConfig).facts()


def test_a_known_class_needs_no_more(tmp_path: Path) -> None:
    assert facts(tmp_path, "class: WanPipeline") == FACTS["WanPipeline"]


def test_the_file_may_say_otherwise(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        "class: WanPipeline\nfps: 24\nlimits: {most_frames: 121}\ncontinues: video\noverlap: 5",
    )
    assert (found.fps, found.continues, found.overlap) == (24.0, "video", 5)
    assert found.limits == Limits(4, 1, 121, 16)


def test_another_class_is_taken_as_it_is_described(tmp_path: Path) -> None:
    found = facts(tmp_path, "class: MyPipeline\nfps: 12\nlimits: {frames_multiple: 6}")
    assert found == PipelineFacts(12.0, Limits(6))


def test_windows_that_are_arguments_are_read_from_them(tmp_path: Path) -> None:
    forcing = "class: SkyReelsV2DiffusionForcingPipeline\n"
    assert facts(tmp_path, forcing).overlap == 17
    found = facts(tmp_path, f"{forcing}call: {{base_num_frames: 57, overlap_history: 37}}")
    assert (found.limits.most_frames, found.overlap) == (57, 37)
    framepack = "class: HunyuanVideoFramepackPipeline\ncall: {latent_window_size: 5}"
    assert facts(tmp_path, framepack).limits.most_frames == 21
