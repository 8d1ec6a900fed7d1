"""Progress counts what now runs: the real set begins again at nothing."""

from __future__ import annotations

import io

from lvbench.engine.workers.progress import PlainProgress, ProgressBar


def test_plain_lines_begin_again_with_what_begins() -> None:
    stream = io.StringIO()
    progress = PlainProgress(stream)
    progress.start(2, 100)
    progress.video("a", "ok")
    progress.video("b", "ok")
    progress.start(4, 200)
    progress.video("c", "ok")
    lines = stream.getvalue().splitlines()
    assert lines[1].startswith("[2/2]")
    assert lines[2].startswith("[1/4]")


def test_the_bar_begins_again_with_what_begins() -> None:
    with ProgressBar() as bar:
        bar.start(1, 10)
        bar.frames(10)
        bar.video("a", "ok")
        bar.start(3, 30)
        bar.frames(5)
        bar.video("b", "ok")
        (task,) = bar._progress.tasks
        assert (task.completed, task.total, task.fields["videos"]) == (5, 30, "1/3")


def test_no_time_left_is_shown_where_headers_declare_an_absurd_number_of_frames() -> None:
    stream = io.StringIO()
    progress = PlainProgress(stream)
    progress.start(1, 10**18)
    progress.frames(1)
    progress.video("a\x1b[2J", "ok")
    (line,) = stream.getvalue().splitlines()
    assert "frames/s" in line
    assert "left" not in line
    assert line.endswith("a\\u001b[2J: ok")
