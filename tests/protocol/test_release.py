"""A released protocol is frozen: its files are those that were recorded, or it is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from lvbench.errors import ConfigError
from lvbench.protocol import load, release
from lvbench.protocol.load import (
    edited_files,
    list_protocols,
    load_protocol,
    protocol_path,
    released_files,
    superseded_by,
)

PROMPTS = b'{"id": "a", "prompts": [{"start": 0.0, "text": "a"}]}\n'
TEXT = f"""\
# What it is for.
name: mine
version: 1
draft: true
segment_seconds: 0.5
metrics:
  - {{name: freeze, version: 1}}
prompts:
  file: prompts-mine-v1.jsonl
  sha256: {hashlib.sha256(PROMPTS).hexdigest()}
  seconds: 8.0
  fps: 8.0
  width: 32
  height: 32
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of shipped protocols that holds one draft."""
    for module in (load, release):
        monkeypatch.setattr(module, "protocols_folder", lambda: tmp_path)
    (tmp_path / "mine-v1.yaml").write_text(TEXT)
    (tmp_path / "prompts-mine-v1.jsonl").write_bytes(PROMPTS)
    (tmp_path / "released.json").write_text("{}\n")
    (tmp_path / "index.yaml").write_text("mine: {superseded_by: null}\n")
    return tmp_path


def test_what_ships_is_what_was_released() -> None:
    assert edited_files() == []
    files = {f"{name}-v{v}.yaml" for name, versions in list_protocols().items() for v in versions}
    for reference in files:
        name, _, version = reference.removesuffix(".yaml").rpartition("-v")
        protocol = load_protocol(f"{name}@{version}")
        assert protocol.draft == (reference not in released_files())
        pinned = [part for part in (protocol.prompts, protocol.real) if part is not None]
        if not protocol.draft:
            assert {part.file for part in pinned} <= released_files().keys()


def test_who_takes_a_protocols_place_is_there() -> None:
    for name, versions in list_protocols().items():
        for version in versions:
            successor = superseded_by(name, version)
            newest = successor is None and version == versions[-1]
            assert newest or (successor is not None and protocol_path(successor).is_file())


def test_a_release_takes_the_draft_mark_off_and_records_every_file(folder: Path) -> None:
    assert release.release("mine") == ["mine-v1.yaml", "prompts-mine-v1.jsonl"]
    text = (folder / "mine-v1.yaml").read_text()
    assert text == TEXT.replace("draft: true\n", "")
    assert not load_protocol("mine").draft
    assert released_files() == {
        "mine-v1.yaml": hashlib.sha256(text.encode()).hexdigest(),
        "prompts-mine-v1.jsonl": hashlib.sha256(PROMPTS).hexdigest(),
    }
    with pytest.raises(ConfigError, match="it is no draft"):
        release.release("mine")


def test_a_released_protocol_that_was_edited_is_refused_but_not_a_copy_elsewhere(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    release.release("mine")
    changed = (folder / "mine-v1.yaml").read_text().replace("0.5", "1.0")
    (folder / "mine-v1.yaml").write_text(changed)
    for reference in ("mine", str(folder / "mine-v1.yaml")):
        with pytest.raises(ConfigError) as caught:
            load_protocol(reference)
        assert caught.value.code == "protocol_edited"
    assert edited_files() == ["mine-v1.yaml"]
    copy = tmp_path_factory.mktemp("own") / "mine-v1.yaml"
    copy.write_text(changed)
    assert load_protocol(str(copy)).segment_seconds == 1.0


def test_a_draft_mark_that_was_merely_deleted_is_refused(folder: Path) -> None:
    (folder / "mine-v1.yaml").write_text(TEXT.replace("draft: true\n", ""))
    with pytest.raises(ConfigError, match="never released") as caught:
        load_protocol("mine")
    assert caught.value.code == "protocol_edited"


def test_a_prompt_set_that_was_changed_keeps_a_protocol_from_release(folder: Path) -> None:
    (folder / "prompts-mine-v1.jsonl").write_bytes(PROMPTS + PROMPTS)
    with pytest.raises(ConfigError, match="not the pinned file"):
        release.release("mine")
    assert load_protocol("mine").draft
    assert json.loads((folder / "released.json").read_text()) == {}


def test_the_command_says_what_it_froze(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main([]) == 2
    assert release.main(["mine"]) == 0
    assert "frozen mine-v1.yaml, prompts-mine-v1.jsonl" in capsys.readouterr().out
    assert release.main(["mine"]) == 3


def test_a_superseded_version_says_so_once(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load._warn_once.cache_clear()
    (folder / "mine-v2.yaml").write_text(TEXT.replace("version: 1\ndraft", "version: 2\ndraft"))
    (folder / "index.yaml").write_text("mine: {superseded_by: {1: mine@2}}\n")
    load_protocol("mine@1")
    load_protocol("mine@1")
    load_protocol("mine")
    assert capsys.readouterr().err == "lvbench: mine v1 is superseded by mine@2\n"
