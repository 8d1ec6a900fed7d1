"""`lvbench demo`: what drifts on purpose loses against what does not, and all pages are written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from lvbench.cli import demo as module
from lvbench.protocol.load import load_protocol, protocols_folder
from lvbench.reference.sampling.switches import SAMPLING


def test_it_samples_presets_that_there_are() -> None:
    assert [name.partition(":")[2] for name in module.GENERATORS] == ["default", "drift-demo"]
    assert all(name.partition(":")[2] in SAMPLING for name in module.GENERATORS)
    assert load_protocol(module.PROTOCOL).prompts is not None


def test_two_generators_are_scored_and_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The renderer in the model's place, and shorter clips: the same way through, in seconds.
    text = (protocols_folder() / f"{module.PROTOCOL}-v1.yaml").read_text()
    (tmp_path / "short-v1.yaml").write_text(text.replace("seconds: 16.0", "seconds: 8.0"))
    monkeypatch.setattr(module, "PROTOCOL", str(tmp_path / "short-v1.yaml"))
    monkeypatch.setattr(module, "GENERATORS", ("oracle:level=0", "degraded-oracle:exposure=-0.4"))
    done = CliRunner().invoke(module.demo, ["--out", str(tmp_path / "demo")])
    assert done.exit_code == 0, done.output
    assert "fail: Exposure drift: +" in done.output
    assert "slope" not in done.output  # headlines only
    pages = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.html")}
    assert pages == {
        "demo/comparison.html",
        "demo/level=0/report.html",
        "demo/exposure=-0.4/report.html",
    }
