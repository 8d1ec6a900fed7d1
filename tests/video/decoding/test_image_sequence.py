"""A folder of numbered pictures is a video."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import UsageError, VideoDecodeError
from lvbench.video.decoding.decode import open_video, probe
from lvbench.video.decoding.image_sequence import jpeg_complaints
from lvbench.video.frames import Products, concatenate
from tests.video.containers.damage import jpeg
from tests.video.decoding.test_images import large_png


@pytest.fixture
def folder(tmp_path: Path, texture: Callable[..., NDArray[np.uint8]]) -> Path:
    path = tmp_path / "frames"
    path.mkdir()
    for index, rgb in enumerate(texture(12)):
        cv2.imwrite(str(path / f"f{index}.png"), rgb[..., ::-1])
    return path


def test_pictures_come_in_the_order_of_their_numbers(
    folder: Path, texture: Callable[..., NDArray[np.uint8]]
) -> None:
    with open_video(folder, Products(luma=True, small=48, rgb=True), fps=8) as reader:
        frames = concatenate(list(reader))
    np.testing.assert_array_equal(frames.rgb, texture(12))
    np.testing.assert_allclose(frames.pts, np.arange(12) / 8)
    assert frames.luma is not None
    assert frames.small is not None
    expected = texture(12).astype(float) @ [0.299, 0.587, 0.114]
    assert np.abs(frames.luma - expected).max() <= 1
    assert frames.small.shape == (12, 32, 48, 3)
    assert reader.outcome.status == "ok"


def test_default_rate_is_24(folder: Path) -> None:
    assert probe(folder).fps == 24
    assert probe(folder).duration == 0.5


def test_unreadable_picture_is_damage_and_keeps_its_place(folder: Path) -> None:
    (folder / "f3.png").write_bytes(b"not a picture")
    (folder / "f4.png").write_bytes(b"")
    with open_video(folder, Products(luma=True), fps=10) as reader:
        pts = concatenate(list(reader)).pts
    np.testing.assert_allclose(pts, [0, 0.1, 0.2, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1])
    assert (reader.outcome.status, reader.outcome.code) == ("damaged", "decode_errors")
    assert reader.outcome.decode_errors == 2


def renamed(folder: Path, names: list[str]) -> None:
    """Keep as many pictures as there are names, and name them so."""
    for index, file in enumerate(sorted(folder.iterdir(), key=lambda f: int(f.stem[1:]))):
        if index < len(names):
            file.rename(folder / names[index])
        else:
            file.unlink()


def code_of(folder: Path) -> tuple[str, str]:
    with open_video(folder, Products(luma=True)) as reader:
        list(reader)
    return reader.outcome.code, reader.outcome.detail


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ([f"{k:03}.png" for k in (0, 1, 2, 3, 5, 6, 7)], "4"),
        ([f"g{k}.png" for k in (8, 9, 10, 13)], "11, 12"),
        ([f"v2_{k:05}_.png" for k in (10, 20, 40, 50)], "30"),
        ([f"{k}.png" for k in (1, 2, 3, 20)], "4, 5, 6, 7, 8, ..."),
    ],
)
def test_a_missing_number_is_damage_and_named(folder: Path, names: list[str], missing: str) -> None:
    renamed(folder, names)
    code, detail = code_of(folder)
    assert code == "frames_missing"
    assert detail.endswith(f": {missing}")


@pytest.mark.parametrize(
    "names",
    [
        [f"{k:03}.png" for k in range(8)],
        [f"frame{k}.png" for k in (0, 10, 20, 30)],
        [f"{k:.3f}.png" for k in (0.0, 0.041, 0.083, 0.125)],  # times, rounded
        ["1.png", "2.png"],
        ["a1.png", "b2.png", "c9.png"],
    ],
)
def test_names_that_count_in_even_steps_or_do_not_count_are_whole(
    folder: Path, names: list[str]
) -> None:
    renamed(folder, names)
    assert code_of(folder)[0] == "ok"


def test_a_jpeg_that_libjpeg_complains_of_is_damage(
    tmp_path: Path, texture: Callable[..., NDArray[np.uint8]], capfd: pytest.CaptureFixture[str]
) -> None:
    for index, rgb in enumerate(texture(4)):
        (tmp_path / f"{index}.jpg").write_bytes(jpeg(rgb))
    assert code_of(tmp_path)[0] == "ok"
    whole = (tmp_path / "2.jpg").read_bytes()
    at = whole.index(b"\xff\xda") + 14
    for damage in (
        whole[:-40],
        whole[:at] + b"\xff\xd3" + whole[at:],
        whole[: at + 200] + bytes(300),
    ):
        (tmp_path / "2.jpg").write_bytes(damage)
        code, detail = code_of(tmp_path)
        assert code == "decode_errors"
        assert "; 2.jpg: " in detail
    assert capfd.readouterr().err == ""


def test_other_messages_pass_libjpeg_by(capfd: pytest.CaptureFixture[str]) -> None:
    heard: list[str] = []
    with jpeg_complaints(heard):
        os.write(2, b"a line of somebody else\nCorrupt JPEG data: 7 extraneous bytes\n")
    assert heard == ["Corrupt JPEG data: 7 extraneous bytes"]
    assert capfd.readouterr().err == "a line of somebody else\n"


def test_a_wrong_checksum_of_a_png_is_damage(folder: Path) -> None:
    data = bytearray((folder / "f3.png").read_bytes())
    data[data.index(b"IDAT") + 30] ^= 4
    (folder / "f3.png").write_bytes(data)
    code, detail = code_of(folder)
    assert code == "decode_errors"
    assert "f3.png: the checksum of the PNG's chunk IDAT is wrong" in detail


def test_change_of_size_ends_the_video(folder: Path) -> None:
    cv2.imwrite(str(folder / "f5.png"), np.zeros((10, 10, 3), np.uint8))
    with open_video(folder, Products(rgb=True)) as reader:
        assert sum(len(chunk) for chunk in reader) == 5
    assert (reader.outcome.status, reader.outcome.code) == ("damaged", "size_changed")


def test_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(VideoDecodeError) as caught:
        probe(tmp_path)
    assert caught.value.code == "not_a_video"
    (tmp_path / "1.png").write_bytes(b"no")
    with pytest.raises(VideoDecodeError) as caught:
        probe(tmp_path)
    assert caught.value.code == "no_frames"


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan"), float("inf")])
def test_rate_must_be_positive(folder: Path, fps: float) -> None:
    with pytest.raises(UsageError):
        probe(folder, fps=fps)


def test_a_size_beyond_the_limit_is_refused_from_the_header(folder: Path) -> None:
    def no_decoding(*_: object) -> None:
        raise AssertionError("the picture was decoded")

    large_png(folder / "f0.png", 30000, 30000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cv2, "imdecode", no_decoding)
        with pytest.raises(VideoDecodeError, match="30000x30000") as caught:
            open_video(folder, Products(rgb=True))
    assert caught.value.code == "too_large"
    assert "the limit is" in caught.value.found


def test_a_change_of_size_is_found_before_the_picture_is_decoded(folder: Path) -> None:
    large_png(folder / "f5.png", 30000, 30000)
    with open_video(folder, Products(luma=True)) as reader:
        assert len(concatenate(list(reader))) == 5
    assert (reader.outcome.status, reader.outcome.code) == ("damaged", "size_changed")
    assert "30000x30000" in reader.outcome.detail


@pytest.mark.assets
def test_the_bomb_of_two_pictures(assets: Path) -> None:
    with pytest.raises(VideoDecodeError) as caught:
        probe(assets / "cases" / "damaged" / "s_bomb30k")
    assert caught.value.code == "too_large"
