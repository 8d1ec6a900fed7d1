"""`lvbench validate-metrics` on one small clip."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.cli.main import run
from lvbench.errors import UsageError
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "fields.mp4"
    write_video(path, render_clip(4.5, 10, 96, 64, 2), 10, crf=12)
    return path


def command(source: Path, out: Path, *more: str) -> list[str]:
    metric = ["--metrics", "vbench_temporal_flickering", "--presentations", "none"]
    return ["validate-metrics", *metric, "--source", str(source), "--out", str(out), *more]


def test_it_prints_which_reactions_hold(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = (
        "--faults",
        "flicker_global",
        "--faults",
        "flicker_local",
        "--doses",
        "2",
        "--workers",
        "1",
    )
    assert run(command(source, tmp_path / "out", *more)) == 0
    printed = capsys.readouterr()
    assert "flicker_global" in printed.out
    assert "1 of 1" in printed.out
    assert "vbench_temporal_flickering not tried: not tried with flicker_periodic" in printed.out
    assert "5 of 5 clips, 0 s left" in printed.err
    assert (tmp_path / "out" / "verdicts.json").is_file()
    assert run(command(source, tmp_path / "out", *more, "--doses", "3", "--limit", "0")) == 0
    assert "1 of 1" in capsys.readouterr().out


def test_an_unknown_fault_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no fault has that name"):
        run(command(source, tmp_path, "--faults", "flickers"))
