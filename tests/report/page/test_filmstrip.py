from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image

from lvbench.report.page.filmstrip import filmstrips
from lvbench.results.run import load_run


def test_wide_pictures_come_in_smaller_numbers_each_at_its_time(run_folder: Path) -> None:
    run = load_run(run_folder)
    strips = filmstrips(run_folder, [item.video for item in run.items])
    strip = strips.by_video["clip_0"]
    picture = Image.open(io.BytesIO(base64.b64decode(strip.address.partition(",")[2])))
    assert strip.frames == 8
    assert picture.size == (8 * 160, 90)
    reds = [picture.getpixel((160 * i + 2, 2))[0] for i in range(8)]  # type: ignore[index]
    assert reds == sorted(reds)
    assert strips.note == ""


def test_over_the_cap_there_are_fewer_frames_and_the_report_says_so(run_folder: Path) -> None:
    videos = [item.video for item in load_run(run_folder).items]
    full = filmstrips(run_folder, videos)
    size = sum(len(strip.address) for strip in full.by_video.values())
    capped = filmstrips(run_folder, videos, cap=int(size * 0.75 * 0.7))
    assert 4 <= capped.by_video["clip_0"].frames < 8
    assert "at most" in capped.note
    none = filmstrips(run_folder, videos, cap=10)
    assert none.by_video == {}
    assert "left out" in none.note
