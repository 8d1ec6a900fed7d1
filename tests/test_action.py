"""The action and the example workflows: every shell step is taken out of the YAML and run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from lvbench.video.encode import write_video
from tests.report import factory

ROOT = Path(__file__).parents[1]
ACTION = ROOT / "action.yml"
EVALUATE, COMMENT = ROOT / "docs/ci/evaluate.yml", ROOT / "docs/ci/comment.yml"
LVBENCH = Path(sys.executable).with_name("lvbench")
MARKER = "<!-- lvbench-compare: lvb-smoke -->"
COMMENTED = f"{MARKER}\n\n## v2 against v1\n\nhello @octocat\n"


def _load(path: Path) -> dict[Any, Any]:
    content = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(content, dict)
    return content


def _steps(path: Path) -> list[dict[str, Any]]:
    content = _load(path)
    if "runs" in content:
        return list(content["runs"]["steps"])
    (job,) = content["jobs"].values()
    return list(job["steps"])


@dataclass
class Runner:
    """Runs shell steps as GitHub's runner does: expressions only in `env`, files for outputs."""

    folder: Path
    context: dict[str, str]
    environment: dict[str, str] = field(default_factory=dict)

    def fill(self, text: str) -> str:
        """Return text with its expressions resolved; an unknown one is an error."""
        return re.sub(r"\$\{\{ *([^}]*?) *\}\}", lambda found: self.context[found[1]], text)

    def run(self, step: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        script = self.folder / "step.sh"
        script.write_text(step["run"], "utf-8")
        outputs = self.folder / "outputs"
        outputs.write_text("", "utf-8")
        given = {key: self.fill(str(value)) for key, value in step.get("env", {}).items()}
        environment = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "HOME": str(self.folder),
            "GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "OMP_NUM_THREADS": "1", **self.environment, **given,
        }  # fmt: skip
        pipefail = ["--noprofile", "--norc", "-eo", "pipefail"] if "shell" in step else ["-e"]
        done = subprocess.run(
            ["bash", *pipefail, str(script)], cwd=self.folder, env=environment,
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        for line in outputs.read_text("utf-8").splitlines():
            name, _, value = line.partition("=")
            self.context[f"steps.{step.get('id')}.outputs.{name}"] = value
        return done


@pytest.mark.parametrize("path", [ACTION, EVALUATE, COMMENT], ids=lambda path: path.stem)
def test_nothing_is_interpolated_into_a_shell(path: Path) -> None:
    steps = _steps(path)
    assert any("run" in step for step in steps)
    for step in steps:
        assert ("run" in step) != ("uses" in step)
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w/-]+@v\d+(\.\d+\.\d+)?", step["uses"])


def test_action_declares_what_it_uses() -> None:
    content = _load(ACTION)
    text = ACTION.read_text("utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(content["inputs"])
    assert all(entry["description"] for entry in content["inputs"].values())
    assert all(step["shell"] == "bash" for step in _steps(ACTION) if "run" in step)
    used = next(s["with"] for s in _steps(EVALUATE) if s.get("uses", "").startswith("lvbench/"))
    assert set(used) <= set(content["inputs"])


def test_code_of_a_pull_request_never_meets_a_token_that_writes() -> None:
    evaluate, comment = _load(EVALUATE), _load(COMMENT)
    # YAML 1.1 reads the key `on` as true.
    assert evaluate[True] == "pull_request"
    assert evaluate["permissions"] == {"contents": "read"}
    assert "secrets." not in EVALUATE.read_text("utf-8")
    for step in _steps(EVALUATE):
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False
    assert comment[True]["workflow_run"]["workflows"] == [evaluate["name"]]
    assert comment["permissions"] == {}
    (job,) = comment["jobs"].values()
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert not any("uses" in step for step in job["steps"])
    names = _load(ACTION)["inputs"]["artifact"]["default"]
    assert f"name={names}" in COMMENT.read_text("utf-8")


@pytest.fixture
def action(tmp_path: Path) -> Runner:
    """Return a runner whose Python installs nothing and finds lvbench in this environment."""
    folder = tmp_path / "runner"
    (folder / "bin").mkdir(parents=True)
    stub = folder / "bin" / "python-stub"
    stub.write_text(
        "#!/bin/bash\n"
        'if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp "$0" "$3/bin/python"\n'
        f'ln -s "{LVBENCH}" "$3/bin/lvbench"\n'
        f'else printf "%s\\n" "$@" >"{folder}/pip"; fi\n',
        "utf-8",
    )
    stub.chmod(0o755)
    inputs = {f"inputs.{k}": str(v["default"]) for k, v in _load(ACTION)["inputs"].items()}
    context = inputs | {
        "runner.temp": str(folder / "temp"),
        "github.action_path": str(ROOT),
        "steps.python.outputs.python-path": str(stub),
    }
    return Runner(folder, context)


def _run_action(runner: Runner) -> Iterator[tuple[str, subprocess.CompletedProcess[str]]]:
    for step in _steps(ACTION):
        if "run" in step:
            yield step["name"], runner.run(step)


@pytest.mark.parametrize(("shift", "level", "code"), [(0.2, "fail", 5), (0.0, "pass", 0)])
def test_action_compares_two_runs(
    action: Runner, tmp_path: Path, shift: float, level: str, code: int
) -> None:
    for side, worse in (("base", 0.0), ("head", shift)):
        run = factory.make_run(tmp_path / side, videos=12, shift=worse, thumbnails=False)
        action.context[f"inputs.{side}"] = str(run)
    action.context["inputs.extras"] = "learned"
    action.context["inputs.fail-on"] = "headlines\n\n  exposure_drift:2.0  \n"
    done = dict(_run_action(action))
    assert [r.returncode for r in done.values()] == [0, 0, 0, code], done
    assert f"{ROOT}[learned]" in (action.folder / "pip").read_text("utf-8").splitlines()
    assert action.context["steps.compare.outputs.level"] == level
    folder = action.folder / "temp/lvbench-runs/comparison"
    assert json.loads((folder / "comparison.json").read_text("utf-8"))["level"] == level
    comment = (folder / "comment.md").read_text("utf-8")
    assert comment.startswith(f"{MARKER}\n")
    assert "Fails on: headlines, exposure\\_drift:2.0." in comment
    assert "## six clips" in (action.folder / "summary.md").read_text("utf-8")


def test_action_evaluates_videos_and_a_generator(action: Runner, tmp_path: Path) -> None:
    clips = tmp_path / "clips of the base; $(touch broken)"
    clips.mkdir()
    frames = np.random.default_rng(0).integers(0, 255, (24, 64, 64, 3), dtype=np.uint8)
    write_video(clips / "a.mp4", [frames], fps=8)
    action.context |= {
        "inputs.base": str(clips), "inputs.head": str(clips), "inputs.protocol": "lvb-smoke",
    }  # fmt: skip
    done = dict(_run_action(action))
    assert done["Evaluate"].returncode == 0, done["Evaluate"].stderr
    assert action.context["steps.compare.outputs.code"] == "0"
    assert not (action.folder / "broken").exists()
    # A second time the base is there, as from the cache.
    (evaluate,) = (step for step in _steps(ACTION) if step.get("name") == "Evaluate")
    assert "base: its run was in the cache" in action.run(evaluate).stdout


def test_action_stops_where_nothing_is_given_or_runs_do_not_match(
    action: Runner, tmp_path: Path
) -> None:
    evaluate, compare = (
        next(step for step in _steps(ACTION) if step.get("name") == name)
        for name in ("Evaluate", "Compare")
    )
    dict(zip("a", _run_action(action), strict=False))  # the environment is there
    lost = action.run(evaluate)
    assert (lost.returncode, "::error::lvbench: give 'base'" in lost.stdout) == (2, True)
    for side, identity in (("base", "a"), ("head", "b")):
        run = factory.make_run(tmp_path / side, protocol_hash=identity * 64, thumbnails=False)
        action.context[f"inputs.{side}"] = str(run)
    assert action.run(evaluate).returncode == 0
    assert action.run(compare).returncode == 3
    action.context["inputs.extras"] = "learned] evil[x"
    assert next(_run_action(action))[1].returncode == 2


def test_model_is_installed_from_its_own_requirements(tmp_path: Path) -> None:
    (tmp_path / "head").mkdir()
    (tmp_path / "head/requirements.txt").write_text("", "utf-8")
    (step,) = (step for step in _steps(EVALUATE) if "run" in step)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").symlink_to(sys.executable)
    assert Runner(tmp_path, {}).run(step).returncode == 0


GH = """#!{python}
import json, pathlib, sys
here = pathlib.Path({folder!r})
arguments = sys.argv[1:]
with (here / "calls").open("a") as file:
    file.write(json.dumps(arguments) + "\\n")
url = next(a for a in arguments if a.startswith("repos/")).partition("?")[0]
if "PATCH" in arguments or "POST" in arguments:
    (here / "posted").write_bytes(pathlib.Path("comment.md").read_bytes())
else:
    sys.stdout.buffer.write((here / "answers" / url.replace("/", "_")).read_bytes())
"""
GitHub = Callable[..., Runner]


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    """Return a function that makes a runner whose `gh` answers with these files."""

    def make(
        *,
        comment: bytes = COMMENTED.encode(),
        sha: str = "c0ffee",
        size: int = 5000,
        comments: str = "[]",
    ) -> Runner:
        (tmp_path / "bin").mkdir()
        gh = tmp_path / "bin" / "gh"
        gh.write_text(GH.format(python=sys.executable, folder=str(tmp_path)), "utf-8")
        gh.chmod(0o755)
        (tmp_path / "bin/python3").symlink_to(sys.executable)
        answers = tmp_path / "answers"
        answers.mkdir()
        with zipfile.ZipFile(tmp_path / "made.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("comment.md", comment)
            archive.writestr("../../escaped", "x")
        shutil.move(tmp_path / "made.zip", answers / "repos_o_r_actions_artifacts_77_zip")
        artifacts = [{"id": 77, "expired": False, "size_in_bytes": size}]
        pulls = [{"number": 3, "head": {"sha": "other"}}, {"number": 4, "head": {"sha": sha}}]
        (answers / "repos_o_r_pulls").write_text(json.dumps(pulls), "utf-8")
        (answers / "repos_o_r_actions_runs_9_artifacts").write_text(
            json.dumps({"artifacts": artifacts}), "utf-8"
        )
        (answers / "repos_o_r_issues_4_comments").write_text(comments, "utf-8")
        event = {
            "head_branch": "fix; $(touch broken)", "head_repository.owner.login": "someone",
            "head_sha": "c0ffee", "id": "9", "html_url": "https://github.com/o/r/actions/runs/9",
        }  # fmt: skip
        context = {f"github.event.workflow_run.{key}": value for key, value in event.items()}
        return Runner(tmp_path, context, {"REPOSITORY": "o/r", "GH_TOKEN": "t"})

    return make


def _comment(runner: Runner) -> list[int]:
    """Run the steps of comment.yml whose condition holds; return their exit codes."""
    codes = []
    for step in _steps(COMMENT):
        asked = re.fullmatch(r"(steps\.\S+) != ''", step.get("if", ""))
        if asked is None or runner.context.get(asked[1], ""):
            codes.append(runner.run(step).returncode)
    return codes


def _calls(runner: Runner) -> list[list[str]]:
    return [json.loads(line) for line in (runner.folder / "calls").read_text().splitlines()]


def test_comment_is_posted_as_data(github: GitHub) -> None:
    runner = github()
    assert _comment(runner) == [0, 0, 0]
    calls = _calls(runner)
    assert "head=someone:fix; $(touch broken)" in calls[0]
    assert calls[-1][:4] == ["api", "--method", "POST", "repos/o/r/issues/4/comments"]
    posted = (runner.folder / "posted").read_text("utf-8")
    assert posted.startswith(f"{MARKER}\n")
    assert "@octocat" not in posted
    assert "pull request's own code in [this run](https://github.com/o/r/actions/runs/9)" in posted
    assert not (runner.folder / "broken").exists()
    assert not (runner.folder.parents[1] / "escaped").exists()


def test_own_comment_is_updated_and_nobody_elses(github: GitHub) -> None:
    bot, mallory = {"login": "github-actions[bot]"}, {"login": "mallory"}
    pages = [
        [{"id": 1, "user": mallory, "body": COMMENTED}, {"id": 2, "user": bot, "body": "other"}],
        [{"id": 5, "user": bot, "body": COMMENTED}],
    ]
    # `gh api --paginate` may print its pages one after the other.
    runner = github(comments="".join(json.dumps(page) for page in pages))
    assert _comment(runner) == [0, 0, 0]
    assert _calls(runner)[-1][:4] == ["api", "--method", "PATCH", "repos/o/r/issues/comments/5"]


@pytest.mark.parametrize(
    ("what", "codes"),
    [
        ({"sha": "newer"}, [0]),
        ({"size": 60_000_000}, [0, 0]),
        ({"comment": b"no marker\n"}, [0, 1]),
        ({"comment": f"{MARKER[:-4]} --> x\n".encode()}, [0, 1]),
        ({"comment": f"{MARKER}\n".encode() + b"x" * 70_000}, [0, 1]),
        ({"comment": f"{MARKER}\n".encode() + b"\xff"}, [0, 1]),
    ],
    ids=["stale", "large artifact", "no marker", "forged marker", "long", "not text"],
)
def test_what_is_not_a_comment_is_not_posted(
    github: GitHub, what: dict[str, Any], codes: list[int]
) -> None:
    runner = github(**what)
    assert _comment(runner) == codes
    assert not (runner.folder / "posted").exists()
