"""The plan of an evaluation, printed as a table or as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import lvbench.engine.plan
from lvbench.cli.plan import plan
from lvbench.engine.plan import RunPlan
from lvbench.engine.video_pass.tools import Setting
from lvbench.protocol import DEFAULT_PROTOCOL

FOUND = RunPlan(
    protocol="lvb-smoke v1 (draft)",
    videos=3,
    unreadable=[("broken.mp4", "video_unreadable")],
    frames=480,
    video_seconds=20.0,
    extractors={"luma_statistics": ["exposure_drift", "sharpness_drift"]},
    workers=2,
    seconds=12.4,
    worker_bytes=250_000_000,
    downloads=[],
    left_out=["left out: notes[1].txt (no video by its name)"],
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    given: list[object] = []

    def planned(path: Path, **more: object) -> RunPlan:
        given.extend([path, more])
        return FOUND

    monkeypatch.setattr(lvbench.engine.plan, "plan", planned)
    return given


def test_the_table_says_everything(asked: list[object]) -> None:
    given = ["clips", "--workers", "2", "--limit", "3", "--weights", "/files"]
    output = CliRunner().invoke(plan, given).output
    setting = Setting(weights="/files")
    wanted = {"protocol": DEFAULT_PROTOCOL, "workers": 2, "limit": 3, "setting": setting}
    assert asked == [Path("clips"), wanted]
    for words in (
        "lvb-smoke v1 (draft)",
        "3, 20 s in all",
        "broken.mp4 (video_unreadable)",
        "480, each decoded, and its luma once before",
        "read by exposure_drift, sharpness_drift",
        "about 12 s with 2 workers",
        "about 0.5 GB",
        "none",
        "notes[1].txt (no video by its name)",
    ):
        assert words in output


@pytest.mark.usefixtures("asked")
def test_json_holds_the_whole_plan() -> None:
    output = CliRunner().invoke(plan, ["clips", "--json"]).output
    assert json.loads(output) == {
        "protocol": "lvb-smoke v1 (draft)",
        "videos": 3,
        "unreadable": [["broken.mp4", "video_unreadable"]],
        "frames": 480,
        "video_seconds": 20.0,
        "extractors": {"luma_statistics": ["exposure_drift", "sharpness_drift"]},
        "workers": 2,
        "seconds": 12.4,
        "worker_bytes": 250_000_000,
        "downloads": [],
        "left_out": ["left out: notes[1].txt (no video by its name)"],
    }
