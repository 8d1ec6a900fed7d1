"""One file per video: found again if it is of the same run and video and nothing in it failed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lvbench.results.journal import file_stem, finished_item, item_path, write_item
from lvbench.results.schema import ItemRecord, ItemScore

IDENTITY, SHA256 = "1" * 64, "a" * 64
Make = Callable[..., ItemRecord]


def test_a_finished_item_is_found_again(tmp_path: Path, item_record: Make) -> None:
    record = item_record()
    write_item(tmp_path, record)
    assert finished_item(tmp_path, "clip.mp4", IDENTITY, SHA256) == record


def test_not_applicable_counts_as_finished(tmp_path: Path, item_record: Make) -> None:
    score = ItemScore(status="not_applicable", code="too_short")
    write_item(tmp_path, item_record(metrics={"freeze": score}))
    assert finished_item(tmp_path, "clip.mp4", IDENTITY, SHA256) is not None


def test_nothing_is_found_where_nothing_was_written(tmp_path: Path) -> None:
    assert finished_item(tmp_path, "clip.mp4", IDENTITY, SHA256) is None


@pytest.mark.parametrize(
    ("identity", "sha256"), [("2" * 64, SHA256), (IDENTITY, "b" * 64)], ids=["protocol", "video"]
)
def test_another_protocol_or_another_video_is_done_again(
    tmp_path: Path, item_record: Make, identity: str, sha256: str
) -> None:
    write_item(tmp_path, item_record())
    assert finished_item(tmp_path, "clip.mp4", identity, sha256) is None


def test_what_failed_is_tried_again(tmp_path: Path, item_record: Make) -> None:
    failed = ItemScore(status="failed", code="metric_error")
    write_item(tmp_path, item_record("one", metrics={"freeze": failed, "loop": ItemScore(value=0)}))
    write_item(tmp_path, item_record("two", status="failed", code="video_truncated"))
    assert finished_item(tmp_path, "one", IDENTITY, SHA256) is None
    assert finished_item(tmp_path, "two", IDENTITY, SHA256) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 99}', "\xff"])
def test_a_broken_record_is_done_again(tmp_path: Path, content: str) -> None:
    path = item_path(tmp_path, "clip.mp4")
    path.parent.mkdir()
    path.write_bytes(content.encode("latin-1"))
    assert finished_item(tmp_path, "clip.mp4", IDENTITY, SHA256) is None


def test_the_same_record_gives_the_same_bytes(tmp_path: Path, item_record: Make) -> None:
    for name in ("a", "b"):
        scores = {"loop": ItemScore(value=0.1), "freeze": ItemScore(value=0.2)}
        ordered = scores if name == "a" else dict(reversed(scores.items()))
        write_item(tmp_path / name, item_record(metrics=ordered))
    written = [item_path(tmp_path / name, "clip.mp4").read_bytes() for name in ("a", "b")]
    assert written[0] == written[1]


def test_a_long_id_gets_a_file_of_its_own() -> None:
    one, two = "x" * 199 + "1", "x" * 199 + "2"
    assert file_stem(one) != file_stem(two)
    assert len(file_stem(one)) + len(".json") <= 255
    assert file_stem("x" * 180) == "x" * 180


@pytest.mark.parametrize("content", ["[" * 100_000, '{"a":' * 5000, "9" * 5000, "{}", "\x00"])
def test_an_item_that_is_broken_is_done_again(tmp_path: Path, content: str) -> None:
    path = item_path(tmp_path, "a")
    path.parent.mkdir()
    path.write_text(content)
    assert finished_item(tmp_path, "a", "identity", "sha256") is None
