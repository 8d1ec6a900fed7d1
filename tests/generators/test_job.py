"""A job is remembered across interruptions, and only by the request that it is of."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.generators.job import Job


def test_a_job_is_remembered_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.job.json"
    first = Job(path, "digest")
    assert first.name is None
    key = first.key
    assert Job(path, "digest").key == key
    first.submitted("7")
    again = Job(path, "digest")
    assert (again.name, again.key) == ("7", key)
    again.ended()
    assert Job(path, "digest").name is None
    assert Job(path, "digest").key != key


def test_the_job_of_another_request_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "a.job.json"
    Job(path, "digest").submitted("7")
    assert Job(path, "other").name is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"request": "digest"}'])
def test_a_file_that_is_none_is_forgotten(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.job.json"
    path.write_text(content)
    assert Job(path, "digest").name is None
