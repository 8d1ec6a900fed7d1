"""Files that anyone may have written are read within limits, and every fault is one of our own."""

from __future__ import annotations

import json
import os
import socket
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvbench.comparison.policy import read_rules
from lvbench.errors import ConfigError, LvbenchError, WeightsError
from lvbench.generators.contract.config import GeneratorConfig, read_config
from lvbench.leaderboard.schema import read_row
from lvbench.protocol.load import load_protocol
from lvbench.protocol.locked import read_lock
from lvbench.protocol.prompt_set import read_prompt_set
from lvbench.reading import (
    jsonl,
    lines_of,
    open_regular,
    parse_json,
    read_bytes,
    read_text,
    require_bounded,
)
from lvbench.results.neighbours import NEIGHBOURS_FILE, read_neighbours
from lvbench.results.run import load_run, read_item
from lvbench.results.shard import SHARD_FILE, read_shard
from lvbench.video.manifest.manifest import read_manifest
from lvbench.weights.checkpoint import read_tensors
from lvbench.weights.torchscript_tensors import read_torchscript

SEPARATORS = "\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e"

BAD_JSON = {
    "deep": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "deeper than the limit": "[" * 65 + "]" * 65,
    "wide": "[" + "[]," * 1_000_001 + "[]]",
    "digits": "9" * 5000,
    "infinite": '{"a": [1, 2e999]}',
    "not a number": "[NaN]",
    "twice": '{"a": 1, "a": 2}',
    "half a pair": '{"a": ["\\ud800"]}',
    "cut off": '{"a": [1,',
    "nothing": "",
}


@pytest.mark.parametrize("text", BAD_JSON.values(), ids=BAD_JSON)
def test_json_that_does_harm_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


def test_json_within_the_limits_is_read_as_it_is() -> None:
    content = {"a": [1, -2.5, True, None, "\U0001f600\u2028"], "b": {}, "c": 2**64}
    assert parse_json(json.dumps(content)) == content
    assert parse_json("[" * 64 + "]" * 64) is not None
    assert parse_json("7") == 7
    with pytest.raises(ValueError, match="at most 3"):
        parse_json("[1, 2]", 3)


def test_what_python_reads_beyond_the_standard_may_be_taken() -> None:
    said = '{"a": 1, "a": NaN, "b": Infinity, "c": "\\ud800", "d": ' + "1" * 99 + "}"
    found = parse_json(said, strict=False)
    assert (str(found["a"]), found["b"], found["d"]) == ("nan", float("inf"), int("1" * 99))
    for depth in (65, 10**5):
        with pytest.raises(ValueError, match="nested deeper than 64"):
            parse_json("[" * depth + "]" * depth, strict=False)


@given(st.lists(st.text(), max_size=5))
def test_lines_survive_every_character(texts: list[str]) -> None:
    kept = [text for text in texts if text.isprintable() or not _surrogate(text)]
    written = jsonl(kept)
    assert [parse_json(line) for line in lines_of(written)] == kept


def _surrogate(text: str) -> bool:
    return any("\ud800" <= c <= "\udfff" for c in text)


def test_only_a_line_feed_ends_a_line() -> None:
    assert lines_of(f"a{SEPARATORS}b\nc\r\n\nd") == [f"a{SEPARATORS}b", "c\r", "", "d"]
    assert lines_of("") == []


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "socket"))
    special = [pipe, link, tmp_path, tmp_path / "socket", Path("/dev/zero"), Path("/dev/null")]
    for path in special:
        with pytest.raises(ValueError, match="not a regular file"):
            open_regular(path)
    server.close()
    with pytest.raises(FileNotFoundError):
        read_bytes(tmp_path / "none")


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(ValueError, match="at most"):
        read_text(path)


def test_an_archive_that_unpacks_to_a_gigabyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    zeros = bytes(1 << 20)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/constants.pkl", b"")
        with archive.open("archive/data.pkl", "w") as member:
            for _ in range(100):
                member.write(zeros)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(ValueError, match="unpack to"):
        require_bounded(path)
    for read in (read_tensors, read_torchscript):
        with pytest.raises(WeightsError, match="unpack to"):
            read(path)
    path.write_bytes(b"no archive")
    require_bounded(path)


READERS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "manifest": ("manifest.jsonl", read_manifest),
    "prompt set": ("prompts.jsonl", read_prompt_set),
    "protocol": ("p.yaml", lambda path: load_protocol(str(path))),
    "lock": ("protocol.lock.yaml", read_lock),
    "policy": ("policy.yaml", read_rules),
    "generator": ("g.yaml", lambda path: read_config(path, GeneratorConfig)),
    "run": ("run.json", lambda path: load_run(path.parent)),
    "item": ("item.json", read_item),
    "shard": (SHARD_FILE, lambda path: read_shard(path.parent)),
    "neighbours": (NEIGHBOURS_FILE, lambda path: read_neighbours(path.parent)),
    "row": ("row.json", read_row),
}


@pytest.mark.parametrize("name", READERS)
def test_a_bad_file_is_an_error_of_our_own_that_names_it(name: str, tmp_path: Path) -> None:
    file, read = READERS[name]
    path = tmp_path / file
    for what, text in {**BAD_JSON, "a date": "a: 2020-99-99", "a list": "[1]"}.items():
        path.write_text(text)
        with pytest.raises(LvbenchError) as caught:
            read(path)
        assert isinstance(caught.value, ConfigError), what
        assert str(path) in caught.value.where, what
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(ConfigError):
        read(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(LvbenchError):
        read(path)
