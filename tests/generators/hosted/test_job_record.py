"""A job is remembered across interruptions, and only by the request that it is of."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.generators.hosted.job_record import JobRecord


def test_a_job_is_remembered_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    first = JobRecord(path, "digest")
    assert first.name is None
    key = first.key
    assert JobRecord(path, "digest").key == key
    first.submitted("7")
    again = JobRecord(path, "digest")
    assert (again.name, again.key) == ("7", key)
    again.ended()
    assert JobRecord(path, "digest").name is None
    assert JobRecord(path, "digest").key != key


def test_the_job_of_another_request_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    JobRecord(path, "digest").submitted("7")
    assert JobRecord(path, "other").name is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"request": "digest"}',
        '{"request": "digest", "job": [1]}',
        "[" * 10**5,
        '{"request": "digest", "job": "7", "last": ' + "[" * 99 + "]" * 99 + "}",
    ],
)
def test_a_file_that_is_none_is_forgotten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.mp4"
    path.with_suffix(".job.json").write_text(content)
    assert JobRecord(path, "digest").name is None


def test_the_key_is_of_one_clip_of_one_folder(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    clips = tmp_path / "a.mp4", tmp_path / "b" / "a.mp4"
    keys = {JobRecord(clip, digest).key for clip in clips for digest in ("one", "other")}
    assert len(keys) == 4
    assert JobRecord(clips[0], "one").key in keys


def test_the_job_of_another_clip_is_known(tmp_path: Path) -> None:
    first, second, third = (JobRecord(tmp_path / f"{name}.mp4", name) for name in "abc")
    first.submitted("7")
    assert not first.of_another()
    first.ended()
    second.submitted("7")
    assert second.of_another()
    third.submitted("8")
    assert not third.of_another()
