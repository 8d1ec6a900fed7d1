"""`lvbench prompts` as a user meets it: a real process, its words and its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lvbench.protocol.load import protocols_folder
from lvbench.protocol.prompt_set import read_prompt_set

SET = protocols_folder() / "prompts-standard-v1.jsonl"
STORY = "return-05-kitchen-and-cellar"


def lvbench(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `lvbench prompts` and return what it said."""
    command = [sys.executable, "-m", "lvbench", "prompts", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a set whose second line names a brand."""
    lines = SET.read_text("utf-8").splitlines()[:3]
    lines[1] = lines[1].replace("A grey heron", "A tesla heron", 1)
    path = tmp_path_factory.mktemp("spoilt") / "set.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_show_lists_every_storyline() -> None:
    done = lvbench("show")
    assert done.returncode == 0, done.stderr
    for prompt in read_prompt_set(SET):
        assert f"\n{prompt.id} " in done.stdout


def test_show_prints_one_storyline_timed_with_what_may_change() -> None:
    done = lvbench("show", STORY, "--seconds", "32")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{STORY}: difficulty 2, 32 s\n")
    assert "\n6 s    scene, light           [switch] A tall woman" in done.stdout
    assert "\n20 s   scene, light  kitchen  [switch] A tall woman" in done.stdout


def test_show_prints_ordered_sounds_and_cuts() -> None:
    assert (
        "sound: one knock on a wooden door"
        in lvbench("show", "sound_events-06-dog-and-door").stdout
    )
    assert "[cut, switch]" in lvbench("show", "planned_cuts-07-space-greenhouse").stdout


def test_show_json_is_the_storyline_in_seconds() -> None:
    shown = json.loads(lvbench("show", STORY, "--json", "--seconds", "180").stdout)
    prompt = next(p for p in read_prompt_set(SET) if p.id == STORY)
    assert [part["start"] for part in shown["segments"]] == [
        part.start for part in prompt.timed(180.0)
    ]
    assert [part["text"] for part in shown["segments"]] == [part.text for part in prompt.segments]
    assert shown["seconds"] == 180.0
    assert [part["switch"] for part in shown["segments"]].count(True) == len(prompt.switches)


def test_an_unknown_id_is_refused_with_the_nearest() -> None:
    done = lvbench("show", "return-05-kitchen")
    assert done.returncode == 2
    assert STORY in done.stderr


def test_stats_counts_by_category() -> None:
    done = lvbench("stats")
    assert done.returncode == 0, done.stderr
    assert "\nall                132      44, 44, 44          718 " in done.stdout
    numbers = json.loads(lvbench("stats", "--json").stdout)
    assert (numbers["prompts"], len(numbers["categories"])) == (132, 11)


def test_validate_passes_the_standard_set() -> None:
    done = lvbench("validate")
    assert (done.returncode, done.stdout) == (0, f"{SET}: 132 prompts, no fault\n")


def test_validate_names_line_and_key_and_fails(spoilt: Path) -> None:
    done = lvbench("validate", "--file", spoilt, "--lines-only")
    assert done.returncode == 3
    assert done.stdout == f"{spoilt}, line 2: segments.0.text: 'tesla': a brand\n"
    shown = json.loads(lvbench("validate", "--file", spoilt, "--json").stdout)
    assert shown["valid"] is False
    assert shown["faults"][0] == {
        "line": 2,
        "key": "segments.0.text",
        "message": "'tesla': a brand",
    }
    assert "the set" in {fault["key"] for fault in shown["faults"]}


def test_a_set_that_cannot_be_read_is_an_error_with_line_and_key(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"id": "one"}\n', "utf-8")
    done = lvbench("show", "--file", path)
    assert done.returncode == 3
    assert "category: Field required" in done.stderr
    assert f"{path}, line 1" in done.stderr
    assert lvbench("stats", "--file", tmp_path / "none.jsonl").returncode == 3


def test_a_protocol_without_storylines_says_so() -> None:
    done = lvbench("stats", "--protocol", "lvb-smoke")
    assert done.returncode == 2
    assert "plain schedules" in done.stderr
    assert lvbench("stats", "--protocol", "lvb-open").returncode == 2
    assert lvbench("stats", "--protocol", "lvb-smoke", "--file", SET).returncode == 2


def test_a_protocol_of_storylines_is_read_at_its_length_and_categories(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_bytes(SET.read_bytes())
    protocol = tmp_path / "own-v1.yaml"
    protocol.write_text(
        "name: own\nversion: 1\nsegment_seconds: 1.0\n"
        "metrics:\n  - {name: exposure_drift, version: 1}\n"
        "prompts: {file: set.jsonl, sha256: unread, seconds: 16.0, fps: 8.0, width: 64, "
        "height: 64, categories: [return]}\n",
        "utf-8",
    )
    shown = json.loads(lvbench("show", "--protocol", protocol, "--json").stdout)
    assert {one["category"] for one in shown} == {"return"}
    assert {one["seconds"] for one in shown} == {16.0}
