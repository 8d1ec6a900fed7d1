"""The environment block is complete, plain JSON, and tells nothing about who ran it."""

from __future__ import annotations

import getpass
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import lvbench
from lvbench import environment as subject


def test_it_is_json_with_the_versions_that_can_move_a_number() -> None:
    found = json.loads(json.dumps(subject.environment(), allow_nan=False))
    assert found["packages"]["lvbench"] == lvbench.__version__
    assert {"numpy", "scipy", "av", "opencv-python-headless"} <= found["packages"].keys()
    assert found["ffmpeg"]["libavcodec"].count(".") == 2
    assert found["cores"] >= 1
    assert found["memory_bytes"] > 2**28


def test_it_names_no_host_no_user_and_no_path() -> None:
    text = json.dumps(subject.environment())
    assert socket.gethostname() not in text
    assert str(Path.home()) not in text
    assert "/" not in text
    assert f'"{getpass.getuser()}"' not in text


def test_it_imports_nothing_heavy() -> None:
    code = (
        "import sys; from lvbench.environment import environment; environment();"
        "print([m for m in ('torch', 'cv2', 'scipy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_absent_package_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_PACKAGES", ("numpy", "no-such-distribution"))
    assert list(subject.environment()["packages"]) == ["lvbench", "numpy"]


def test_the_instruction_sets_are_those_of_the_processor_and_of_the_switches(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("model name\t: A CPU\nflags\t\t: fpu sse4_2 ht avx2 AVX512f fma aes\n" * 2)
    monkeypatch.setattr(subject, "_CPUINFO", cpuinfo)
    for name in subject._SWITCHES:
        monkeypatch.delenv(name, raising=False)
    plain = subject.environment()
    assert plain["cpu"] == "A CPU"
    assert plain["instructions"] == {"cpu": ["avx2", "avx512f", "fma", "sse4_2"], "switches": {}}
    monkeypatch.setenv("OPENCV_CPU_DISABLE", "AVX2")
    assert subject.instruction_sets()["switches"] == {"OPENCV_CPU_DISABLE": "AVX2"}
    cpuinfo.write_text("processor\t: 0\nFeatures\t: fp asimd evtstrm sve\n")
    assert subject.instruction_sets()["cpu"] == ["asimd", "sve"]


def test_the_version_that_made_a_run_is_the_one_that_its_environment_names() -> None:
    def of(version: object) -> dict[str, object]:
        return {"packages": {"lvbench": version}}

    assert subject.made_by(of("9.9.9")) == "9.9.9"
    merged = {"python": "3.11", "machines": [of("0.2.0"), of("0.1.0"), of("0.2.0")]}
    assert subject.made_by(merged) == "0.1.0+0.2.0"
    for without in ({}, {"packages": []}, of(1), {"machines": 3}):
        assert subject.made_by(without) == lvbench.__version__


def test_outside_a_checkout_there_is_no_commit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(subject, "__file__", str(tmp_path / "lvbench" / "environment.py"))
    assert subject.environment()["commit"] is None
