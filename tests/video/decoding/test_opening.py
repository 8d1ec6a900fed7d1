"""What opening and decoding report when PyAV itself is at fault, and when the file is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from lvbench.errors import MissingDependencyError, VideoDecodeError
from lvbench.video.audio.decode import AudioReader
from lvbench.video.decoding.decode import open_video
from lvbench.video.frames import Products

API_ERRORS = (
    TypeError("open() got an unexpected keyword argument 'metadata_errors'"),
    AttributeError("no attribute 'average_rate'"),
    ImportError("cannot import name 'VideoReformatter'"),
)


def raising(error: Exception) -> Callable[..., Any]:
    def refuse(*_: object, **__: object) -> None:
        raise error

    return refuse


@pytest.mark.parametrize("error", API_ERRORS, ids=lambda e: type(e).__name__)
def test_an_error_of_the_interface_is_no_damaged_file(
    awkward: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr("av.open", raising(error))
    for opening in (open_video, AudioReader):
        with pytest.raises(MissingDependencyError, match=r"PyAV .* refuses a call") as caught:
            opening(awkward / "h264.mp4", *([Products(luma=True)] if opening is open_video else []))
        assert caught.value.code == "decoder_unsupported"
        assert "av>=17,<20" in caught.value.fix


@pytest.mark.parametrize("error", [IndexError("x"), UnicodeDecodeError("utf-8", b"", 0, 1, "x")])
def test_what_a_file_can_cause_stays_the_files_fault(
    awkward: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr("av.open", raising(error))
    with pytest.raises(VideoDecodeError) as caught:
        open_video(awkward / "h264.mp4", Products(luma=True))
    assert caught.value.code == "unreadable"


def test_a_title_that_is_no_text_is_no_reason_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "title.mp4"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "TITLE"
        stream = container.add_stream("libx264", rate=8)
        stream.width = stream.height = 64
        for _ in range(4):
            grey = np.full((64, 64, 3), 128, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
        container.mux(stream.encode(None))
    data = path.read_bytes()
    assert data.count(b"TITLE") == 1
    path.write_bytes(data.replace(b"TITLE", b"\xff\xfe\xfd\xfc\xfb"))
    with open_video(path, Products(luma=True)) as reader:
        assert sum(len(frames) for frames in reader) == 4
    assert reader.outcome.status == "ok"
