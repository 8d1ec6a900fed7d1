"""The doctor finds what is wrong, says what fixes it, and is quiet about what is right."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from lvbench import environment
from lvbench.cli import doctor as subject
from lvbench.errors import MissingDependencyError
from lvbench.features import torchvision_shim
from lvbench.protocol import load


def one(check: Any) -> subject.Finding:
    (finding,) = check()
    return finding


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """Override the installed versions that the doctor sees."""
    chosen: dict[str, str | None] = {}
    real = environment.installed
    monkeypatch.setattr(
        environment, "installed", lambda name: chosen[name] if name in chosen else real(name)
    )
    return chosen


def shim_that(
    monkeypatch: pytest.MonkeyPatch, shimmed: bool, error: Exception | None = None
) -> None:
    module = ModuleType("torchvision")
    module.__version__ = "0.28.0+cu130"

    def import_torchvision() -> tuple[ModuleType, bool]:
        if error is not None:
            raise error
        return module, shimmed

    monkeypatch.setattr(torchvision_shim, "import_torchvision", import_torchvision)


def test_json_is_one_document_and_a_sound_machine_exits_zero() -> None:
    result = CliRunner().invoke(subject.doctor, ["--json"])
    document = json.loads(result.stdout)
    assert result.exit_code == 0, document
    assert document["problems"] == 0
    checks = {line["check"]: line for line in document["checks"]}
    assert {"Python", "core packages", "decoders", "encoder", "torch", "browser"} <= checks.keys()
    assert "shim" in checks["torch"]["found"]
    assert all(line["fix"] for line in document["checks"] if line["level"] != "ok")


def test_the_table_shows_a_problem_with_its_mend_and_exits_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = subject.Finding("disk", "problem", "0.2 GB [free]", "free some")
    monkeypatch.setattr(subject, "_CHECKS", (lambda: iter([broken]),))
    result = CliRunner().invoke(subject.doctor)
    assert result.exit_code == 1
    for word in ("disk", "problem", "0.2 GB [free]", "free some"):
        assert word in result.stdout


def test_an_unsupported_python_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject.sys, "version_info", (3, 10, 13))
    python, _ = subject.check_python()
    assert python.level == "problem"


@pytest.mark.parametrize("version", [None, "16.1.0", "20.0.0"])
def test_a_missing_or_unfit_package_is_a_problem(
    versions: dict[str, str | None], version: str | None
) -> None:
    versions["av"] = version
    finding = one(subject.check_packages)
    assert finding.level == "problem"
    assert "av" in finding.found
    assert "constraints.txt" in finding.fix


def test_two_opencv_builds_are_a_problem(versions: dict[str, str | None]) -> None:
    versions["opencv-python"] = "5.0.0"
    assert "opencv-python overwrites" in one(subject.check_packages).found


def test_a_package_that_does_not_import_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_COMPILED", ("numpy", "no_such_module"))
    assert "import no_such_module" in one(subject.check_packages).found


def test_one_frame_is_decoded_and_its_grey_is_named() -> None:
    finding = one(subject.check_decoding)
    assert finding.level == "ok"
    assert "1 frame of 1, grey 128 decoded as 128.0" in finding.found


def test_a_decoder_that_refuses_calls_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise TypeError("open() got an unexpected keyword argument")

    monkeypatch.setattr("av.open", refuse)
    assert one(subject.check_decoding).level == "problem"


@pytest.mark.parametrize(
    ("available", "levels"),
    [
        ({"h264", "hevc", "vp8", "vp9", "libdav1d", "libx264"}, ["ok", "ok"]),
        ({"h264", "hevc", "vp8", "vp9", "av1", "libx264"}, ["note", "ok"]),
        ({"vp8", "vp9"}, ["problem", "problem"]),
    ],
)
def test_codecs(monkeypatch: pytest.MonkeyPatch, available: set[str], levels: list[str]) -> None:
    monkeypatch.setattr("av.codecs_available", available)
    assert [finding.level for finding in subject.check_codecs()] == levels


@pytest.mark.parametrize("absent", ["torch", "torchvision"])
def test_torch_not_installed_is_a_note(versions: dict[str, str | None], absent: str) -> None:
    versions[absent] = None
    finding = one(subject.check_torch)
    assert (finding.level, "not installed" in finding.found) == ("note", True)
    assert "[learned]" in finding.fix


@pytest.mark.parametrize(
    ("shimmed", "level", "words"),
    [(True, "note", "shim needed and working"), (False, "ok", "shim not needed")],
)
def test_torch_pair(monkeypatch: pytest.MonkeyPatch, shimmed: bool, level: str, words: str) -> None:
    shim_that(monkeypatch, shimmed)
    finding = one(subject.check_torch)
    assert finding.level == level
    assert words in finding.found
    assert "0.28.0+cu130" in finding.found


def test_a_torch_pair_that_cannot_be_mended_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    error = MissingDependencyError("import torchvision", found="broken", where="here", fix="x")
    shim_that(monkeypatch, shimmed=False, error=error)
    finding = one(subject.check_torch)
    assert finding.level == "problem"
    assert "broken" in finding.found


def test_no_browser_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    finding = one(subject.check_browser)
    assert finding.level == "note"
    assert "no Chromium and no chromedriver" in finding.found


def test_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LVBENCH_HOME", str(tmp_path / "not" / "yet"))
    monkeypatch.setenv("LVBENCH_ASSETS", str(tmp_path))
    findings = {finding.check: finding for finding in subject.check_folders()}
    assert findings["LVBENCH_HOME"].level == "ok"
    assert findings["LVBENCH_ASSETS"].level == "note"
    (tmp_path / "assets" / "videos").mkdir(parents=True)
    assets = next(f for f in subject.check_folders() if f.check == "LVBENCH_ASSETS")
    assert assets.level == "ok"


@pytest.mark.parametrize(("free", "level"), [(2e8, "problem"), (3e9, "note"), (5e10, "ok")])
def test_disk(free: float, level: str) -> None:
    assert subject._disk("disk", free).level == level


def test_threads_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert "OMP_NUM_THREADS=1" in one(subject.check_threads).found


def test_vmaf_needs_a_program_with_libvmaf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    finding = one(subject.check_vmaf)
    assert (finding.level, finding.fix) == ("ok", "")
    poor = tmp_path / "ffmpeg"
    poor.write_text("#!/bin/sh\necho ' .. psnr '\n")
    poor.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(poor))
    finding = one(subject.check_vmaf)
    assert finding.level == "problem"
    assert "no libvmaf" in finding.found
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "nothing"))
    finding = one(subject.check_vmaf)
    assert finding.level == "problem"
    assert "[vmaf]" in finding.fix


def test_an_edited_protocol_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert one(subject.check_protocols).level == "ok"
    monkeypatch.setattr(load, "edited_files", lambda: ["lvb-60s-v1.yaml"])
    finding = one(subject.check_protocols)
    assert (finding.level, finding.found) == ("problem", "edited: lvb-60s-v1.yaml")
