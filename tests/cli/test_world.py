"""`lvbench world render` as a user meets it: its files agree with each other and the world."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from lvbench.video.audio.decode import AudioReader
from lvbench.video.audio.encode import as_integers
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products, concatenate
from lvbench.video.manifest.manifest import read_manifest
from lvbench.world import audio
from lvbench.world.draw import draw_shots
from lvbench.world.grammar import schedule
from lvbench.world.world import World

SECONDS, SEED, SIZE = 20, 12, 64
PROMPTS = [
    (0.0, "scene=snow; cast=red spotted disc; camera=still; light=cycle"),
    (1.5, "scene=city; cast=red spotted disc, pink solid ring; camera=pan left; light=cycle"),
]


def lvbench(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command and return what it said."""
    return subprocess.run(
        [sys.executable, "-m", "lvbench", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


def render(out: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    size = f"{SIZE}x{SIZE}"
    return lvbench("world", "render", "--out", out, "--seed", str(SEED), "--size", size, *words)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("world") / "clip"
    said = render(out, "--seconds", str(SECONDS))
    assert said.returncode == 0, said.stderr
    assert said.stdout.strip() == str(out / "clip.mp4")
    return out


@pytest.fixture(scope="module")
def world() -> World:
    return World(draw_shots(3, SEED, SECONDS), SEED, level=3)


def test_the_file_has_every_value_of_the_pictures(folder: Path, world: World) -> None:
    with open_video(folder / "clip.mp4", Products(rgb=True)) as reader:
        read = concatenate(list(reader))
    np.testing.assert_array_equal(read.rgb, world.render(0, 8 * SECONDS, SIZE, SIZE))
    np.testing.assert_allclose(read.pts, np.arange(8 * SECONDS) / 8)


def test_the_audio_is_in_the_video_and_in_a_separate_file(folder: Path, world: World) -> None:
    wanted = as_integers(audio.render(world, 0, SECONDS))
    with wave.open(str(folder / "clip.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16000, 1, 2)
        alone = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    np.testing.assert_array_equal(alone, wanted)
    with AudioReader(folder / "clip.mp4") as reader:
        heard = np.concatenate([part.samples[:, 0] for part in reader])
    np.testing.assert_array_equal(heard, wanted / np.float32(32768))


def test_the_truth_lies_in_parts(folder: Path, world: World) -> None:
    parts = sorted((folder / "truth").iterdir())
    assert [part.name for part in parts] == ["000000.npz"]
    truth = world.truth(0, 8 * SECONDS, SIZE, SIZE)
    with np.load(parts[0]) as arrays:
        assert {"ids", "flow", "occluded", "visible", "members", "gain"} <= set(arrays)
        for name in arrays:
            np.testing.assert_array_equal(arrays[name], getattr(truth, name))


def test_the_summary_and_the_manifest_say_the_same(folder: Path, world: World) -> None:
    truth = json.loads((folder / "truth.json").read_text())
    (entry,) = read_manifest(folder / "manifest.jsonl")
    cuts = [shot.start for shot in world.shots[1:]]
    assert truth["cuts"] == list(entry.cuts) == cuts != []
    assert schedule([(p.start, p.text) for p in entry.prompts]) == world.shots
    onsets = world.onsets(0, SECONDS)
    assert [s.start for s in entry.sounds] == [o["time"] for o in truth["onsets"]]
    assert [o["identity"] for o in truth["onsets"]] == [o.identity for o in onsets]
    assert [s["identities"] for s in truth["shots"]] == [
        [member.number for member in shot.cast] for shot in world.shots
    ]
    assert set(truth["landmarks"]) == {shot.scene for shot in world.shots}
    assert entry.path == folder / "clip.mp4"
    assert entry.seed == SEED


def test_the_same_words_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    assert render(tmp_path / "again", "--seconds", str(SECONDS)).returncode == 0
    names = sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())
    assert len(names) == 5
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes(), name


def test_a_folder_with_another_clip_is_left_alone(folder: Path) -> None:
    before = (folder / "truth.json").read_bytes()
    said = render(folder, "--seconds", "3")
    assert said.returncode == 2
    assert "contains another clip" in said.stderr
    assert (folder / "truth.json").read_bytes() == before


def test_prompts_of_a_file_are_followed(tmp_path: Path) -> None:
    file = tmp_path / "prompts.jsonl"
    rows = [json.dumps({"start": start, "text": text}) for start, text in PROMPTS]
    file.write_text("\n".join(rows) + "\n")
    out = tmp_path / "clip"
    words = ("--seconds", "3", "--fps", "12", "--crf", "20", "--prompts", file)
    assert render(out, *words).returncode == 0
    (entry,) = read_manifest(out / "manifest.jsonl")
    assert [(p.start, p.text) for p in entry.prompts] == PROMPTS
    assert all(p.persist == ("style",) for p in entry.prompts)
    truth = json.loads((out / "truth.json").read_text())
    assert (truth["level"], truth["frames"], truth["fps"]) == (3, 36, 12)


def test_one_prompt_orders_what_stays(tmp_path: Path) -> None:
    text = "scene=snow; cast=red solid disc; camera=still; light=dusk"
    assert render(tmp_path / "clip", "--seconds", "1", "--prompt", text).returncode == 0
    (entry,) = read_manifest(tmp_path / "clip" / "manifest.jsonl")
    assert entry.prompts[0].persist == ("identity", "scene", "light", "style")
    assert json.loads((tmp_path / "clip" / "truth.json").read_text())["level"] == 2


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("--prompt", "A fox trots along a path."), 3, "write a line such as"),
        (("--prompt", "x", "--prompts", "y"), 2, "give one of them"),
        (("--prompts", "missing.jsonl"), 3, "missing.jsonl"),
        (("--size", "64"), 2, "such as 256x256"),
        (("--size", "640x64"), 2, "aspect"),
        (("--seed", "-1"), 2, "--seed"),
        (("--level", "4"), 2, "--level"),
        (("--seconds", "0"), 2, "--seconds"),
    ],
)
def test_a_clip_that_cannot_be_rendered_is_an_error(
    tmp_path: Path, words: tuple[str, ...], code: int, hint: str
) -> None:
    said = render(tmp_path / "clip", *words)
    assert said.returncode == code
    assert hint in said.stderr
    assert "Traceback" not in said.stderr
    assert not (tmp_path / "clip").exists()
