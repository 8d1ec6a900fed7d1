"""The example of a plugin brings a metric, an extractor and a generator by entry points alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "examples" / "plugin"
PAGE = ROOT / "docs" / "plugins.md"
METRICS = '[project.entry-points."lvbench.metrics"]\n'
BROKEN = 'broken_metric = "lvbench_plugin_example.broken:Broken"\n'
PROTOCOL = """\
name: plugged
version: 1
segment_seconds: 0.5
extractors:
  level: {gain: 2.0}
metrics:
  - {name: median_level, version: 1}
  - {name: exposure_drift, version: 1}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install a copy of the package, with a metric that cannot be imported, into a folder."""
    source = tmp_path_factory.mktemp("source") / "package"
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("__pycache__"))
    settings = (source / "pyproject.toml").read_text()
    (source / "pyproject.toml").write_text(settings.replace(METRICS, METRICS + BROKEN))
    (source / "lvbench_plugin_example" / "broken.py").write_text("import no_such_module_anywhere\n")
    target = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", target, source], check=True
    )
    return target


def lvbench(site: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        [sys.executable, "-m", "lvbench", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": path},
    )


def listed(site: Path, kind: str) -> dict[str, dict[str, str]]:
    found = lvbench(site, "list", kind, "--json")
    assert found.returncode == 0, found.stderr
    return {row["name"]: row for row in json.loads(found.stdout)}


def test_each_is_listed_and_the_broken_one_says_why_and_hides_no_other(site: Path) -> None:
    metrics = listed(site, "metrics")
    assert metrics["median_level"]["unit"] == "levels"
    assert "no_such_module_anywhere" in metrics["broken_metric"]["what"]
    assert "exposure_drift" in metrics
    assert listed(site, "extractors")["level"]["preprocessing"] == "luma-full-range"
    assert listed(site, "generators")["flat"]["what"] == "Show one grey, 100."


def test_the_page_shows_the_files_of_the_example() -> None:
    shown = re.findall(r"^```(?:python|toml)\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.M)
    files = [PACKAGE / "pyproject.toml", *sorted(PACKAGE.glob("lvbench_plugin_example/*.py"))]
    texts = [path.read_text("utf-8") for path in files if path.name != "__init__.py"]
    assert sorted(shown) == sorted(texts)


def test_the_broken_one_fails_only_when_it_is_requested(site: Path) -> None:
    found = lvbench(site, "explain", "broken_metric")
    assert found.returncode == 1
    assert "import the metric 'broken_metric'" in found.stderr
    assert "Traceback" not in found.stderr
    assert lvbench(site, "explain", "median_level").returncode == 0


def test_its_generator_is_tried_like_any_other(site: Path) -> None:
    found = lvbench(site, "generators", "check", "flat")
    assert found.returncode == 0, found.stdout + found.stderr
    assert "flat: conforms" in found.stdout
    assert "not applicable  another seed differs" in found.stdout


def test_without_the_package_nothing_of_it_is_known() -> None:
    assert "median_level" not in listed(Path(), "metrics")


def test_generator_extractor_and_metric_work_together(site: Path, tmp_path: Path) -> None:
    import hashlib

    from lvbench.protocol.load import protocols_folder

    # The prompts are those that ship; a plugin's protocol may pin them, too.
    prompts = protocols_folder() / "prompts-smoke-v1.jsonl"
    sha256 = hashlib.sha256(prompts.read_bytes()).hexdigest()
    protocol = tmp_path / "plugged.yaml"
    protocol.write_text(
        f"{PROTOCOL}prompts: {{file: {prompts.name}, sha256: {sha256}, seconds: 6.0, fps: 4.0, "
        "width: 32, height: 16}\n"
    )
    out = tmp_path / "run"
    words = ["evaluate", "--generator", "flat", "--protocol", protocol, "--out", out]
    found = lvbench(site, *words, "--workers", "2")
    assert found.returncode == 0, found.stderr
    scores = json.loads((out / "run.json").read_text())["scores"]
    assert scores["median_level"]["value"] == pytest.approx(200, abs=2)
    assert scores["median_level"]["n_scored"] == 9
    assert scores["exposure_drift"]["value"] == pytest.approx(0, abs=1e-9)
    lock = (out / "protocol.lock.yaml").read_text()
    assert "gain: 2.0" in lock


def test_it_brings_its_own_literature(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "plugged.yaml"
    file.write_text(PROTOCOL, "utf-8")
    done = lvbench(site, "cite", file)
    assert done.returncode == 0, done.stderr
    assert "% metric median_level version 1: conover1999nonparametric\n" in done.stdout
    assert "@book{conover1999nonparametric," in done.stdout
