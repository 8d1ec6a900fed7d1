"""ASF: files as programs write them are whole, and a picture that is not there is missed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from lvbench.video.containers.asf_packets import asf_fault
from tests.video.containers.damage import SEEDS, write_seed
from tests.video.containers.test_damage import decoded

SOUND = ("-f", "lavfi", "-i", "sine=d=1", "-c:a", "wmav2")
CODECS = {
    "wmv2": SEEDS["wmv2.wmv"],
    "with sound": (*SOUND, *SEEDS["wmv2.wmv"]),
    "small packets": (*SOUND, *SEEDS["wmv2.wmv"], "-packet_size", "600"),
    "B-frames": ("-c:v", "libx264", "-bf", "2", "-g", "12"),
    "uncompressed": ("-c:v", "rawvideo"),
}


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_as_it_was_written_is_whole(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "clip.wmv"
    write_seed(path, CODECS[codec])
    found = decoded(path)
    assert (found.code, found.flags) == ("ok", ())
    assert found.times is not None
    np.testing.assert_allclose(found.times, np.arange(24) / 24, atol=2e-3)
    assert asf_fault(path, 1) == ("", 24)
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-c", "copy", "-f", "asf", "-"]
    path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    assert decoded(path).code == "ok"


def test_every_packet_that_is_gone_is_missed(tmp_path: Path) -> None:
    """A packet of zeros is what a copy that broke off leaves; a removed one moves the others."""
    path = tmp_path / "clip.wmv"
    write_seed(path, SEEDS["wmv2.wmv"])
    data = path.read_bytes()
    size = int.from_bytes(data[122:126], "little")
    begin = int.from_bytes(data[16:24], "little") + 50
    count = int.from_bytes(data[begin - 10 : begin - 2], "little")
    for number in range(count):
        at = begin + number * size
        for changed in (
            data[:at] + bytes(size) + data[at + size :],
            data[:at] + data[at + size :],
        ):
            path.write_bytes(changed)
            assert decoded(path).code != "ok", number
