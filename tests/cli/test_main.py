"""The command as a user sees it: its output and its exit code, and where it matters a process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from lvbench.cli.main import COMMANDS, cli
from lvbench.video.encode import write_video
from lvbench.world.clip import render_clip
from tests.commands import lvbench

PROTOCOL = """\
name: quick
version: 1
segment_seconds: 0.5
metrics:
  - {name: exposure_drift, version: 1}
"""


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for seed in range(2):
        write_video(folder / f"clip{seed}.mp4", render_clip(6.0, 8.0, 96, 64, seed), 8.0)
    return folder


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("protocol") / "quick-v1.yaml"
    path.write_text(PROTOCOL)
    return path


def test_help_names_every_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lvbench", "--help"], capture_output=True, text=True, check=True
    )
    assert "\nCommands:\n" in done.stdout
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command and subcommand with its full name."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command
        for inner, one in getattr(command, "commands", {}).items():
            yield f"{name} {inner}", one


@pytest.mark.parametrize(("name", "command"), [*commands()], ids=lambda value: str(value))
def test_help_has_one_style(name: str, command: click.Command) -> None:
    texts = [COMMANDS.get(name, "A."), (command.help or "").split("\n\n")[0]]
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.name} has no help"
            texts.append(option.help.partition("  [default")[0])
    for text in texts:
        assert text[0].isupper(), f"{name}: {text}"
        assert text.endswith("."), f"{name}: {text}"


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (["evalute", "x"], 2, "nearest: evaluate"),
        (["evaluate"], 2, "give either PATH or --generator"),
        (["evaluate", "no-such-folder", "--out", "run"], 2, "no-such-folder"),
        (["evaluate", ".", "--out", "run", "--protocol", "lvb-smok"], 2, "nearest: lvb-smoke"),
        (["evaluate", ".", "--out", "run", "--protocol", "lvb-smoke@99"], 2, "versions 1"),
        (["explain", "temporal_flickr"], 2, "temporal_flicker"),
        (["show", "no-such-thing"], 2, "no-such-thing"),
        (["report", "no-such-run"], 2, "no-such-run"),
        (["list", "metric"], 2, "metrics"),
    ],
)
def test_wrong_words_end_with_2_and_a_hint(
    words: list[str], code: int, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = lvbench(*words)
    assert said.returncode == code, said.stderr
    assert hint in said.stderr
    assert "Traceback" not in said.stderr


def test_an_invalid_protocol_ends_with_3_and_names_the_key(clips: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad-v1.yaml"
    path.write_text(PROTOCOL.replace("segment_seconds: 0.5", "segment_seconds: -1"))
    said = lvbench("evaluate", clips, "--protocol", path, "--out", tmp_path / "run")
    assert said.returncode == 3
    assert "segment_seconds" in said.stderr


def test_json_is_one_document_on_standard_output(clips: Path, quick: Path, tmp_path: Path) -> None:
    said = lvbench("evaluate", clips, "--protocol", quick, "--out", tmp_path / "run", "--json")
    assert said.returncode == 0
    assert json.loads(said.stdout) == json.loads((tmp_path / "run" / "run.json").read_text())
    assert "clip0.mp4: ok" in said.stderr


def test_the_table_ends_with_what_to_open(clips: Path, quick: Path, tmp_path: Path) -> None:
    said = lvbench("evaluate", clips, "--protocol", quick, "--out", tmp_path / "run")
    assert said.returncode == 0
    assert "Exposure drift" in said.stdout
    assert said.stdout.rstrip().splitlines()[-1].endswith("report.html")
    assert (tmp_path / "run" / "report.html").is_file()
    lines = [line for line in said.stdout.splitlines()[:-1] if "|v:" not in line]
    assert max(map(len, lines)) <= 100


def test_a_failed_video_ends_with_4(clips: Path, quick: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.jsonl"
    rows = [{"path": str(clips / "clip0.mp4")}, {"path": "gone.mp4"}]
    manifest.write_text("\n".join(map(json.dumps, rows)))
    said = lvbench("evaluate", manifest, "--protocol", quick, "--out", tmp_path / "run")
    assert said.returncode == 4
    assert "gone.mp4" in said.stderr


def test_a_dry_run_plans_and_writes_nothing(clips: Path, quick: Path, tmp_path: Path) -> None:
    said = lvbench("evaluate", clips, "--protocol", quick, "--dry-run", "--json")
    plan = json.loads(said.stdout)
    assert plan["videos"] == 2
    assert plan["frames"] == 96
    assert plan["extractors"] == {"luma_statistics": ["exposure_drift"]}
    assert plan["seconds"] > 0
    assert lvbench("plan", clips, "--protocol", quick).stdout.count("\n") >= 6


def test_options_come_from_the_environment_too(clips: Path, quick: Path, tmp_path: Path) -> None:
    said = lvbench(
        "evaluate", clips, "--out", tmp_path / "run", LVBENCH_EVALUATE_PROTOCOL=str(quick)
    )
    assert said.returncode == 0
    assert json.loads((tmp_path / "run" / "run.json").read_text())["protocol"]["name"] == "quick"


@pytest.mark.parametrize("kind", ["metrics", "protocols", "extractors", "generators"])
def test_list_prints_every_name(kind: str) -> None:
    rows = json.loads(lvbench("list", kind, "--json").stdout)
    plain = lvbench("list", kind).stdout
    assert rows
    assert all(row["name"] in plain for row in rows)


def test_show_prints_the_resolved_protocol() -> None:
    said = lvbench("show", "lvb-smoke")
    assert said.returncode == 0
    assert "hash: " in said.stdout
    assert "dis:" in said.stdout


def test_a_program_makes_the_clips_and_they_are_scored(tmp_path: Path) -> None:
    program = tmp_path / "make.py"
    program.write_text(
        "import sys\n"
        "from lvbench.video.encode import write_video\n"
        "from lvbench.world.clip import render_clip\n"
        "out, seconds, fps, seed = sys.argv[1:]\n"
        "clip = render_clip(float(seconds), float(fps), 96, 64, int(seed))\n"
        "write_video(out, clip, float(fps))\n"
    )
    command = f"command:{sys.executable} {program} {{out}} {{seconds}} {{fps}} {{seed}}"
    said = lvbench("evaluate", "--generator", command, "--limit", "2", "--out", tmp_path / "run")
    assert said.returncode == 0, said.stderr
    rows = (tmp_path / "run" / "videos" / "manifest.jsonl").read_text().splitlines()
    assert [json.loads(row)["cost"]["generated_seconds"] for row in rows] == [8.0, 8.0]
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    # The program has a seed and no prompt: both clips are equal.
    assert run["videos"] == {"expected": 2, "failed": 0, "with_failed_metrics": 0, "copies": 1}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has this full device")
@pytest.mark.parametrize("words", [("list", "metrics"), ("show", "lvb-smoke"), ("--help",)])
def test_output_that_cannot_be_written_is_an_error_message(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        said = subprocess.run(
            [sys.executable, "-m", "lvbench", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert said.returncode == 1
    assert "No space left" in said.stderr
    assert "standard output" in said.stderr
    assert "Traceback" not in said.stderr


LIMITED = """
import os, resource, sys

limit = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
os.execv(sys.executable, [sys.executable, "-m", "lvbench", *sys.argv[2:]])
"""


@pytest.mark.parametrize("megabytes", [200, 400])
def test_too_little_memory_is_reported_without_a_traceback(
    clips: Path, quick: Path, tmp_path: Path, megabytes: int
) -> None:
    words = ["evaluate", clips, "--protocol", quick, "--out", tmp_path / "run", "--workers", "1"]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(megabytes * 10**6), *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"limits are {megabytes} MB (ulimit -v)" in done.stderr
    assert lvbench(*words).returncode == 0
