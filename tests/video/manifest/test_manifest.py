"""Manifests: strict, by line, and found or made up from a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvbench.errors import ConfigError, StorageError
from lvbench.video.manifest.manifest import (
    ManifestEntry,
    Prompt,
    derive_id,
    read_manifest,
    write_manifest,
)

FULL = {
    "path": "clips/a.mp4",
    "id": "a",
    "prompts": [
        {"start": 0, "text": "a dog", "persist": ["identity", "scene"]},
        {"start": 30.5, "text": "the dog sleeps"},
    ],
    "fps": 24,
    "seams": [10, 20.5],
    "cuts": [30.5],
    "sounds": [{"start": 1.5, "end": 2, "text": "bark"}],
    "reference": "real/a.mp4",
    "generator": "some-model",
    "seed": 7,
    "sample": 0,
    "cost": {"seconds": 12.5, "device": "cpu"},
}


def write(folder: Path, *lines: object) -> Path:
    path = folder / "manifest.jsonl"
    text = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("".join(f"{line}\n" for line in text), encoding="utf-8")
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    [entry] = read_manifest(write(tmp_path, FULL))
    assert entry.path == tmp_path / "clips" / "a.mp4"
    assert entry.reference == tmp_path / "real" / "a.mp4"
    assert entry.prompts[1].start == 30.5
    assert entry.prompts[0].persist == ("identity", "scene")
    assert (entry.seams, entry.cuts) == ((10, 20.5), (30.5,))
    assert entry.sounds[0].text == "bark"
    assert (entry.generator, entry.seed, entry.sample) == ("some-model", 7, 0)
    assert entry.cost == {"seconds": 12.5, "device": "cpu"}


def test_why_there_is_no_file_is_read_back(tmp_path: Path) -> None:
    told = {"code": "generator_refused", "detail": "moderated"}
    entries = read_manifest(write(tmp_path, FULL | {"failure": told}))
    write_manifest(tmp_path / "again.jsonl", entries)
    [entry] = read_manifest(tmp_path / "again.jsonl")
    assert entry.failure is not None
    assert entry.failure.model_dump() == told


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    entries = read_manifest(write(tmp_path, FULL, {"path": "/elsewhere/b.mp4"}))
    again = tmp_path / "again.jsonl"
    write_manifest(again, entries)
    assert read_manifest(again) == entries
    assert json.loads(again.read_text().splitlines()[0])["path"] == "clips/a.mp4"


def test_files_need_not_be_there_and_blank_lines_do_not_count(tmp_path: Path) -> None:
    entries = read_manifest(write(tmp_path, {"path": "x.mp4"}, "", {"path": "/abs/y.mp4"}))
    assert [entry.path for entry in entries] == [tmp_path / "x.mp4", Path("/abs/y.mp4")]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("nonsense", "not JSON"),
        ("[1, 2]", "object"),
        ({"id": "a"}, "path"),
        ({"path": "a.mp4", "prompt": "x"}, "prompt"),
        ({"path": "a.mp4", "seed": "7"}, "seed"),
        ({"path": "a.mp4", "fps": 0}, "fps"),
        ('{"path": "a.mp4", "fps": NaN}', "NaN"),
        ('{"path": "a.mp4", "seed": 1, "seed": 2}', "the key 'seed' is given twice"),
        ('{"path": "a.mp4", "generator": "' + "x" * (50 << 20) + '"}', "characters"),
        ('{"path": "a.mp4", "seed": ' + "9" * 5000 + "}", "5000 digits"),
        ('{"path": "a.mp4", "cost": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested deeper"),
        ('{"path": "a.mp4", "generator": "\\ud800"}', "surrogate"),
        ({"path": "a.mp4", "seams": [2, 1]}, "seams"),
        ({"path": "a.mp4", "cuts": [-1]}, "cuts"),
        ({"path": "a.mp4", "id": "../a"}, "id"),
        ({"path": "a.mp4", "id": ""}, "id"),
        ({"path": "http://host/a.mp4"}, "address"),
        ({"path": "a.mp4", "prompts": [{"text": "x", "persist": ["mood"]}]}, "persist"),
        ({"path": "a.mp4", "prompts": [{"text": "x"}, {"text": "y"}]}, "increase"),
        ({"path": "good.mp4"}, "again"),
    ],
)
def test_an_invalid_line_is_named(tmp_path: Path, line: object, found: str) -> None:
    path = write(tmp_path, {"path": "good.mp4"}, line)
    with pytest.raises(ConfigError, match=found) as caught:
        read_manifest(path)
    assert caught.value.code == "manifest_invalid"
    assert caught.value.where == f"{path}, line 2"


def test_files_that_are_no_manifest(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    for content in (b"", b"\xff\xfe\x00", b"\n\n"):
        path.write_bytes(content)
        with pytest.raises(ConfigError):
            read_manifest(path)
    with pytest.raises(ConfigError):
        read_manifest(tmp_path / "none.jsonl")


def test_writing_into_nowhere_is_a_storage_error(tmp_path: Path) -> None:
    entry = ManifestEntry(path=tmp_path / "a.mp4", id="a")
    with pytest.raises(StorageError):
        write_manifest(tmp_path / "no" / "manifest.jsonl", [entry])


def test_ids_follow_the_path() -> None:
    assert derive_id("a-b_c.1.mp4") == "a-b_c.1.mp4"
    assert derive_id("a/b.mp4").startswith("a_b.mp4-")
    assert derive_id("a/b.mp4") != derive_id("a b.mp4")
    assert derive_id(".hidden.mp4").startswith("_hidden.mp4-")


@given(st.text(min_size=1, max_size=400))
def test_a_derived_id_is_always_a_valid_id(relative: str) -> None:
    ManifestEntry(path=Path("/x.mp4"), id=derive_id(relative))


def test_no_seams_is_told_from_no_word_on_seams(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text('{"path": "a.mp4"}\n{"path": "b.mp4", "seams": []}\n')
    silent, none = read_manifest(manifest)
    assert silent.seams is None
    assert none.seams == ()
    write_manifest(manifest, [silent, none])
    assert [entry.seams for entry in read_manifest(manifest)] == [None, ()]


def test_paths_relative_to_the_working_folder_are_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path("runs/videos")
    folder.mkdir(parents=True)
    wanted = [
        ManifestEntry(path=folder / "a.mp4", id="a"),
        ManifestEntry(path=Path("b.mp4"), id="b"),
    ]
    write_manifest(folder / "manifest.jsonl", wanted)
    found = [entry.path.resolve() for entry in read_manifest(folder / "manifest.jsonl")]
    assert found == [tmp_path / "runs" / "videos" / "a.mp4", tmp_path / "b.mp4"]


SEPARATORS = "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e\r\n\t"


def test_every_separator_of_lines_survives_a_round_trip(tmp_path: Path) -> None:
    texts = [f"a{mark}b" for mark in SEPARATORS] + [SEPARATORS]
    entries = [
        ManifestEntry(path=tmp_path / f"{i}.mp4", id=f"{i}", prompts=(Prompt(text=text),))
        for i, text in enumerate(texts)
    ]
    write_manifest(tmp_path / "manifest.jsonl", entries)
    assert read_manifest(tmp_path / "manifest.jsonl") == entries


@pytest.mark.parametrize(
    ("given", "found", "fix"),
    [
        ({"seed": "42"}, 'seed must be a whole number, found the text "42"', "whole number"),
        ({"seed": True}, "seed must be a whole number, found true", "whole number"),
        ({"seed": 1.5}, "found the number 1.5", "whole number"),
        ({"fps": "23.976"}, 'fps must be a number, found the text "23.976"', "as a number"),
        ({"fps": 0}, "fps must be a number above 0, found the number 0", "above 0"),
        ({"id": 7}, "id must be a text, found the number 7", "as a text"),
        ({"id": "my clip"}, 'found the text "my clip"', "letters, digits"),
        ({"id": "x" * 201}, "at most 200 characters", "at most 200"),
        ({"sample": -1}, "sample must be a number of at least 0", "at least 0"),
        ({"prompts": "a dog"}, 'prompts must be a list, found the text "a dog"', "a list"),
        ({"prompts": ["a dog"]}, "prompts[0] must be an object", "an object"),
        ({"prompts": [{}]}, "there is no prompts[0].text", "add prompts[0].text"),
        ({"prompts": [{"text": "a", "persist": ["mood"]}]}, 'found the text "mood"', "'identity'"),
        ({"prompts": [{"txt": "a"}]}, "prompts[0]", "text"),
        ({"cuts": [-1]}, "cuts[0] must be a number of at least 0", "at least 0"),
        ({"seams": 3}, "seams must be a list, found the number 3", "a list"),
        ({"cost": {"seconds": [1]}}, "cost.seconds must be a number", "a number"),
        ({"generator": None, "cluster": ""}, "cluster must be a text that is not empty", "empty"),
        ({"prompt": "a dog"}, "the unknown key prompt", "did you mean prompts?"),
        ({"path": "http://host/a.mp4"}, "only paths of files", "correct path"),
    ],
)
def test_the_value_is_named(tmp_path: Path, given: dict[str, object], found: str, fix: str) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(json.dumps({"path": "a.mp4"} | given))
    with pytest.raises(ConfigError) as caught:
        read_manifest(path)
    assert found in caught.value.found
    assert fix in caught.value.fix


def test_a_key_twice_is_refused(tmp_path: Path) -> None:
    for line in (
        '{"path": "a.mp4", "seed": 1, "seed": 2}',
        '{"path": "a.mp4", "prompts": [{"text": "a", "text": "b"}]}',
    ):
        (tmp_path / "m.jsonl").write_text(line)
        with pytest.raises(ConfigError, match="twice"):
            read_manifest(tmp_path / "m.jsonl")


def test_a_rate_is_for_folders_of_pictures(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    (tmp_path / "seq").mkdir()
    for line in (
        '{"path": "seq", "fps": 8}',
        '{"path": "a.mp4", "reference": "seq", "fps": 8}',
        '{"path": "later.mp4", "fps": 8}',
    ):
        (tmp_path / "m.jsonl").write_text(line)
        assert read_manifest(tmp_path / "m.jsonl")[0].fps == 8
    (tmp_path / "m.jsonl").write_text('{"path": "a.mp4", "fps": 8}')
    with pytest.raises(ConfigError, match="which has its own times") as caught:
        read_manifest(tmp_path / "m.jsonl")
    assert "remove fps" in caught.value.fix
