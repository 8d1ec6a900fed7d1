"""Any program is a generator: its words are filled in, no shell reads them, failures are told."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvbench.errors import GeneratorError, UsageError
from lvbench.generators.command.command import Command, read_seams, seams_path
from lvbench.generators.contract.base import Request
from lvbench.video.manifest.entry import Prompt

# Write all words, and a file that is said to be a clip.
ECHO = (
    "import json, sys; out = sys.argv[1]; open(out, 'w'); "
    "json.dump(sys.argv[1:], open(out + '.words', 'w'))"
)


def request(text: str = "a boat", **more: Any) -> Request:
    given: dict[str, Any] = {
        "id": "boat-seed7",
        "prompts": (Prompt(text=text), Prompt(start=4.0, text="a storm", persist=("identity",))),
        "seconds": 0.5,
        "fps": 8.0,
        "width": 32,
        "height": 16,
        "seed": 7,
    }
    return Request(**given | more)


def echoed(template: str, folder: Path, text: str = "a boat") -> list[str]:
    path = folder / "boat.mp4"
    Command(f'{sys.executable} -c "{ECHO}" {template}').make(request(text), path)
    words: list[str] = json.loads(Path(f"{path}.words").read_text())
    return words


def test_every_place_is_filled(tmp_path: Path) -> None:
    words = echoed("{out} {prompt} {seconds} {fps} {width} {height} {seed} {request}", tmp_path)
    path = str(tmp_path / "boat.mp4")
    asked = str(tmp_path / "boat.request.json")
    assert words == [path, "a boat", "0.5", "8", "32", "16", "7", asked]


def test_places_may_stand_within_words(tmp_path: Path) -> None:
    assert echoed("{out} --size={width}x{height} --text='a {prompt}'", tmp_path)[1:] == [
        "--size=32x16",
        "--text=a a boat",
    ]


@pytest.mark.parametrize(
    "text", ["$(touch hacked) `id` ; rm -rf x | y > z", "quote \" and ' and \\", "", "-x\nnew *"]
)
def test_no_shell_reads_a_prompt(tmp_path: Path, text: str) -> None:
    assert echoed("{out} {prompt}", tmp_path, text)[1:] == [text]
    assert not (tmp_path / "hacked").exists()


def test_a_place_that_a_prompt_spells_is_not_filled(tmp_path: Path) -> None:
    text = "{out} {seed} {nothing}"
    assert echoed("{out} x{prompt}", tmp_path, text)[1:] == [f"x{text}"]


def test_braces_that_are_no_place_are_left_alone(tmp_path: Path) -> None:
    assert echoed("""{out} '{"size": 3}'""", tmp_path)[1:] == ['{"size": 3}']


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("program {prompt}", "no {out}"),
        ("program {out} {promt}", "unknown placeholder {promt}"),
        ("program {out} {prompt}{sede}", "unknown placeholder {sede}"),
        ("", "no {out}"),
    ],
)
def test_a_template_that_cannot_serve_is_refused(template: str, found: str) -> None:
    with pytest.raises(UsageError) as caught:
        Command(template)
    assert found in caught.value.found
    assert "{prompt}" in caught.value.fix


def test_quotes_that_do_not_close_are_refused() -> None:
    with pytest.raises(UsageError, match="No closing quotation"):
        Command("program 'a {out}")


def test_the_request_file_holds_the_whole_schedule(tmp_path: Path, program: str) -> None:
    Command(program).make(request(), tmp_path / "boat.mp4")
    assert json.loads((tmp_path / "boat.request.json").read_text()) == {
        "id": "boat-seed7",
        "prompts": [
            {"start": 0.0, "text": "a boat", "persist": []},
            {"start": 4.0, "text": "a storm", "persist": ["identity"]},
        ],
        "seconds": 0.5,
        "fps": 8.0,
        "width": 32,
        "height": 16,
        "seed": 7,
        "image": None,
        "audio": None,
        "cuts": [],
        "sounds": [],
        "plan": {"frames": 4, "fps": 8.0, "width": 32, "height": 16},
    }


def test_a_clip_is_made_its_cost_measured_and_its_words_kept(tmp_path: Path, program: str) -> None:
    clip = Command(program).make(request(), tmp_path / "boat.mp4")
    assert clip.path.stat().st_size > 0
    assert clip.seams is None
    assert clip.cost["generated_seconds"] == 0.5
    seconds = clip.cost["seconds"]
    assert isinstance(seconds, float)
    assert seconds > 0
    assert (tmp_path / "boat.log").read_text() == "asked for a boat\n"


def test_frames_are_those_of_the_file(program: str) -> None:
    frames = np.concatenate(list(Command(program).frames(request())))
    assert frames.shape == (4, 16, 32, 3)
    assert np.abs(frames.astype(int) - 17).max() <= 2


def test_peak_memory_is_that_of_the_programs_processes_together(tmp_path: Path) -> None:
    """A program that inherits this process's peak is small all the same, and so is its child."""
    hold = "x = b'1' * %d; import time; time.sleep(0.6)"
    alone = f'{hold % 1}; import sys; open(sys.argv[1], "w")'
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold % 10**8!r}]); "

    def peak(name: str, program: str) -> float:
        script = tmp_path / f"{name}.py"
        script.write_text(program)
        template = f"{sys.executable} {script} {{out}}"
        found = Command(template).make(request(), tmp_path / f"{name}.mp4").cost["peak_bytes"]
        assert isinstance(found, float)
        return found

    small, large = peak("small", alone), peak("large", child + alone)
    assert small < 6e7
    assert 1e8 < large < 1e8 + 3 * small


def test_seams_are_read_from_beside_the_clip(tmp_path: Path, program: str) -> None:
    told = request('seams{"seams": [0, 0.125, 0.25]}')
    assert Command(program).make(told, tmp_path / "a.mp4").seams == (0.0, 0.125, 0.25)


@pytest.mark.parametrize(
    "told",
    [
        "",
        "[1]",
        "{}",
        '{"seams": "123"}',
        "[" * 100_000,
        '{"seams": [1' + "0" * 400 + "]}",
        '{"seams": [1' + "0" * 10_000 + "]}",
        '{"seams": [' + " " * 2_000_000 + "]}",
        '{"seams": 1}',
        '{"seams": [1, "x"]}',
        '{"seams": [2, 1]}',
        '{"seams": [-1]}',
        '{"seams": [NaN]}',
    ],
)
def test_seams_that_are_none_set_the_clip_aside(tmp_path: Path, told: str) -> None:
    path, said = tmp_path / "a.mp4", tmp_path / "said"
    said.write_text(told)
    with pytest.raises(GeneratorError, match="seams") as caught:
        Command(f"sh -c 'cp {said} {{out}}.json; echo clip > {{out}}'").make(request(), path)
    assert len(str(caught.value)) < 1000
    assert not path.exists()
    assert (tmp_path / "a.mp4.rejected").exists()


@pytest.mark.parametrize(
    ("makes", "found"),
    [
        ("ln -s /etc/passwd {out}", "the program wrote a link, not a file"),
        ("ln -s nowhere {out}", "the program wrote a link, not a file"),
        ("mkfifo {out}", "the program wrote no regular file"),
        ("mkdir {out}", "the program wrote no regular file"),
        ("true {out}", "wrote no file"),
    ],
)
def test_what_is_no_regular_file_is_no_clip(tmp_path: Path, makes: str, found: str) -> None:
    path = tmp_path / "a.mp4"
    for _ in range(2):
        with pytest.raises(GeneratorError, match=found):
            Command(makes).make(request(), path)
        assert not os.path.lexists(path)
    assert Path("/etc/passwd").exists()


@pytest.mark.parametrize("makes", ["ln -s /etc/hosts", "mkfifo", "mkdir"])
def test_what_is_told_beside_a_clip_is_read_from_a_regular_file(tmp_path: Path, makes: str) -> None:
    for _ in range(2):
        with pytest.raises(GeneratorError, match="seams"):
            Command(f"sh -c '{makes} {{out}}.json; echo > {{out}}'").make(
                request(), tmp_path / "a.mp4"
            )


def test_a_program_that_fails_is_told_with_its_last_words(tmp_path: Path, program: str) -> None:
    path = tmp_path / "a.mp4"
    with pytest.raises(GeneratorError) as caught:
        Command(program).make(request("fail"), path)
    assert "exit status 3; last output: asked for fail / out of memory, or so" in caught.value.found
    assert str(tmp_path / "a.log") in caught.value.fix
    assert not path.exists()


def test_a_program_that_writes_nothing_is_told(tmp_path: Path, program: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"of an earlier call")
    with pytest.raises(GeneratorError, match="wrote no file"):
        Command(program).make(request("nothing"), path)
    assert not path.exists()


@pytest.mark.parametrize("mode", [None, 0o644])
def test_a_program_that_cannot_be_run_is_told_at_once(tmp_path: Path, mode: int | None) -> None:
    path = tmp_path / "program"
    if mode is not None:
        path.write_text("#!/bin/sh\n")
        path.chmod(mode)
    with pytest.raises(UsageError, match="no executable program of that name"):
        Command(f"{path} {{out}}")


def test_the_name_says_the_program_and_not_where_it_lies() -> None:
    name = Path(sys.executable).name
    assert Command(f"{sys.executable} --out {{out}}").info.name == f"command:{name}"


@pytest.mark.parametrize("depth", [100, 10**5])
def test_seams_nested_deep_set_the_clip_aside(tmp_path: Path, depth: int) -> None:
    clip = tmp_path / "a.mp4"
    clip.write_bytes(b"clip")
    seams_path(clip).write_text('{"seams": [1.0], "more": ' + "[" * depth + "]" * depth + "}")
    with pytest.raises(GeneratorError, match="nested deeper than 64"):
        read_seams(clip)
    assert [p.name for p in tmp_path.glob("*.rejected")] == ["a.mp4.rejected"]
