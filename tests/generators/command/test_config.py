"""A file says how a program is called: its limits, its folder, its variables, frames by pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from lvbench.errors import ConfigError, GeneratorError, UsageError
from lvbench.generators.command.command import Command
from lvbench.generators.command.config import CommandConfig
from lvbench.generators.command.output_log import KEPT_BYTES
from lvbench.generators.contract.base import Request
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products, concatenate
from lvbench.video.manifest.entry import Prompt

REQUEST = Request("boat", (Prompt(text="a boat"),), 2.5, 8.0, 32, 16, 7)
PRINTS = (
    "import sys; n, w, h, seed = map(int, sys.argv[1:]); print('made', n, file=sys.stderr)\n"
    "for i in range(n): sys.stdout.buffer.write(bytes([i + seed]) * (w * h * 3))\n"
)
PLACES = ["{frames}", "{width}", "{height}", "{seed}"]

Configured = Callable[..., Command]


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    """Return a maker of generators that run a piece of Python, with these settings."""

    def make(code: str, *words: str, **settings: Any) -> Command:
        path = tmp_path / "model.yaml"
        content = {"program": [sys.executable, "-c", code, *words], **settings}
        path.write_text(yaml.safe_dump(content))
        return Command(str(path))

    return make


def test_frames_come_by_pipe(tmp_path: Path, configured: Configured) -> None:
    command = configured(PRINTS, *PLACES, output="rgb24", chunk_seconds=1.0, name="piped")
    assert command.info.streams
    clip = command.make(REQUEST, tmp_path / "boat.mp4")
    assert clip.seams == (1.0, 2.0)
    with open_video(clip.path, Products(rgb=True)) as reader:
        read = concatenate(list(reader)).rgb
    assert read is not None
    wanted = np.broadcast_to(np.arange(7, 27, dtype=np.uint8)[:, None, None, None], read.shape)
    np.testing.assert_array_equal(read, wanted)
    np.testing.assert_array_equal(np.concatenate(list(command.frames(REQUEST))), wanted)
    assert (tmp_path / "boat.log").read_text() == "made 20\n"


@pytest.mark.parametrize(
    ("more", "code", "found"),
    [
        ("n -= 1", "clip_truncated", "19 of 20 planned frames"),
        ("n += 1", "clip_differs", "more than the 20 planned frames"),
        ("w += 1", "generator_failed", "within a frame of 32x16"),
        ("raise SystemExit(3)", "generator_failed", "exit status 3; last output: none"),
    ],
)
def test_a_pipe_that_gives_other_frames_is_told(
    tmp_path: Path, configured: Configured, more: str, code: str, found: str
) -> None:
    prints = PRINTS.replace("sys.argv[1:])", f"sys.argv[1:]); {more}")
    command = configured(prints, *PLACES, output="rgb24")
    with pytest.raises(GeneratorError, match=found) as caught:
        command.make(REQUEST, tmp_path / "boat.mp4")
    assert caught.value.code == code
    assert not (tmp_path / "boat.mp4").exists()


def test_a_pipe_that_is_left_early_ends_the_program(configured: Configured) -> None:
    endless = PRINTS.replace("range(n)", "range(10**9)").replace("i + seed", "i % 256")
    frames = configured(endless, *PLACES, output="rgb24").frames(REQUEST)
    assert next(frames).shape == (16, 16, 32, 3)
    frames.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("output", ["file", "rgb24"])
@pytest.mark.parametrize(
    ("code", "settings", "failure"),
    [
        ("import time; time.sleep(60)", {"timeout_seconds": 0.5}, "generator_timeout"),
        (
            "x = b'1' * 3 * 10**8; import time; time.sleep(60)",
            {"memory_gb": 0.2},
            "generator_out_of_memory",
        ),
    ],
)
def test_limits_hold(
    tmp_path: Path,
    configured: Configured,
    output: str,
    code: str,
    settings: dict[str, float],
    failure: str,
) -> None:
    command = configured(code, "{out}", output=output, **settings)
    with pytest.raises(GeneratorError) as caught:
        command.make(REQUEST, tmp_path / "boat.mp4")
    assert caught.value.code == failure


def test_variables_and_folder_are_those_named(
    tmp_path: Path, configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIVEN", "1")
    for name in ("KEPT_BACK", "AWS_SECRET_ACCESS_KEY", "LC_ALL", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.setenv(name, "1")
    (tmp_path / "within").mkdir()
    code = "import os, sys; open(sys.argv[1], 'w').write(os.getcwd() + ' ' + ' '.join(os.environ))"
    command = configured(code, "{out}", folder="within", environment=["GIVEN", "NOT_THERE"])
    words = command.make(REQUEST, tmp_path / "boat.mp4").path.read_text().split()
    assert words[0] == os.path.realpath(tmp_path / "within")
    assert "GIVEN" in words
    assert {"PATH", "HOME", "LC_ALL", "CUDA_VISIBLE_DEVICES"} <= set(words)
    assert not {"KEPT_BACK", "NOT_THERE", "AWS_SECRET_ACCESS_KEY"} & set(words)


def test_a_command_line_is_given_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
    code = "import os, sys; open(sys.argv[1], 'w').write(repr(dict(os.environ)))"
    clip = Command(f'{sys.executable} -c "{code}" {{out}}').make(REQUEST, tmp_path / "boat.mp4")
    text = clip.path.read_text()
    assert "PATH" in text
    assert "sk-0123456789" not in text


def test_a_key_that_is_named_is_given_and_written_nowhere(
    tmp_path: Path, configured: Configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789")
    code = (
        "import os, base64; k = os.environ['OPENAI_API_KEY']; raise SystemExit('no ' + k + '\\n' "
    )
    code += "+ repr(k) + '\\n' + base64.b64encode(k.encode()).decode())"
    command = configured(code, "{out}", environment=["OPENAI_API_KEY"])
    with pytest.raises(GeneratorError) as caught:
        command.make(REQUEST, tmp_path / "boat.mp4")
    assert "exit status 1; last output: no *** / '***' / ***" in caught.value.found
    assert (tmp_path / "boat.log").read_text() == "no ***\n'***'\n***\n"


def test_places_hold_what_is_planned(tmp_path: Path, configured: Configured) -> None:
    code = "import sys; open(sys.argv[1], 'w').write(' '.join(sys.argv[2:]))"
    places = ["{frames}", "{fps}", "{seconds}", "{width}x{height}", "{image}"]
    limits = {"frames_multiple": 4, "frames_plus": 1, "size_multiple": 32}
    command = configured(code, "{out}", *places, fps=16, limits=limits, conditions_on=["image"])
    asked = replace(REQUEST, image=tmp_path / "first.png")
    clip = command.make(asked, tmp_path / "boat.mp4")
    assert clip.path.read_text().split() == ["41", "16", "2.5625", "32x32", str(asked.image)]
    assert clip.cost["generated_seconds"] == 2.5625


def test_time_is_limited_where_nobody_says_how() -> None:
    assert CommandConfig(program="x {out}").timeout_seconds == 7200


@pytest.mark.parametrize("output", ["file", "rgb24"])
def test_what_it_prints_is_kept_at_both_ends(
    tmp_path: Path, configured: Configured, output: str
) -> None:
    code = "import sys; w = sys.stderr.write; w('first' + 'x' * 3_000_000 + 'last'); sys.exit(1)"
    with pytest.raises(GeneratorError) as caught:
        configured(code, "{out}", output=output).make(REQUEST, tmp_path / "boat.mp4")
    text = (tmp_path / "boat.log").read_text()
    assert text.startswith("firstxxx")
    assert text.endswith("xxxlast")
    assert f"\n[{3_000_009 - 2 * KEPT_BYTES} bytes omitted here]\n" in text
    assert len(caught.value.found) < 700
    assert caught.value.found.endswith("xxxlast")


def test_what_the_file_says_wrongly_is_told(configured: Configured) -> None:
    with pytest.raises(ConfigError, match="timeout"):
        configured("", "{out}", timeout=3)
    with pytest.raises(UsageError, match=r"no \{out\} placeholder"):
        configured("")
    configured("", output="rgb24")
