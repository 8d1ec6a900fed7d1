"""Protocol files are read strictly: whatever is wrong in one, the message names the key."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from lvbench.errors import ConfigError, RegistryError, UsageError
from lvbench.protocol import DEFAULT_PROTOCOL
from lvbench.protocol.load import (
    list_protocols,
    load_protocol,
    protocol_path,
    protocol_prose,
    protocols_folder,
)

GOOD = """\
name: mine
version: 1
segment_seconds: 0.5
extractors:
  dis: {long_side: 256}
metrics:
  - {name: exposure_drift, version: 1}
  - {name: freeze, version: 1, parameters: {threshold: 1.0}}
gates:
  - {metric: freeze, value: 0.05, share: 0.1}
interval: {method: boot-t, resamples: 1000, seed: 0}
prompts:
  file: prompts.jsonl
  sha256: abc
  seconds: 8.0
  fps: 24.0
  width: 320
  height: 192
  seeds: [0]
"""


def write(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text(text, "utf-8")
    return str(path)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    protocol = load_protocol(write(tmp_path, GOOD))
    assert (protocol.name, protocol.version, protocol.draft) == ("mine", 1, False)
    assert [m.name for m in protocol.metrics] == ["exposure_drift", "freeze"]


MISTAKES = [
    ("name: mine", "name: My Protocol", "name"),
    ("name: mine\n", "", "name"),
    ("version: 1\nsegment", "version: one\nsegment", "version"),
    ("version: 1\nsegment", "version: 0\nsegment", "version"),
    ("version: 1\nsegment", "version: true\nsegment", "version"),
    ("segment_seconds: 0.5", "segment_seconds: 0", "segment_seconds"),
    ("segment_seconds: 0.5", "segment_seconds: .inf", "segment_seconds"),
    ("segment_seconds: 0.5", "segment_seconds: .nan", "segment_seconds"),
    ("segment_seconds: 0.5", "segment_seconds: '0.5'", "segment_seconds"),
    ("segment_seconds: 0.5", "segments: 0.5", "segments"),
    ("long_side: 256", "long_side: [256]", "extractors.dis.long_side"),
    ("long_side: 256", "long_side: .nan", "extractors.dis.long_side"),
    ("long_side: 256", "long_side: 256, long_side: 128", "long_side"),
    ("threshold: 1.0", "threshold: null", "metrics.1.parameters.threshold"),
    ("{name: exposure_drift, version: 1}", "{name: exposure_drift}", "metrics.0.version"),
    ("{name: exposure_drift, version: 1}", "exposure_drift", "metrics.0"),
    ("name: exposure_drift, version: 1", "name: exposure_drift, version: 1, w: 2", "metrics.0.w"),
    ("{name: exposure_drift, version: 1}", "{name: freeze, version: 1}", "freeze"),
    ("{metric: freeze, value", "{metric: loop, value", "loop"),
    ("share: 0.1", "share: 1.5", "gates.0.share"),
    ("method: boot-t", "method: boot-p", "interval.method"),
    ("resamples: 1000", "resamples: 10", "interval.resamples"),
    ("resamples: 1000", "resample: 1000", "interval.resample"),
    ("seeds: [0]", "seeds: []", "prompts.seeds"),
    ("fps: 24.0", "fps: -24.0", "prompts.fps"),
    ("width: 320", "width: 8", "prompts.width"),
    ("gates:", "gate:", "gate"),
    ("name: mine", "name: mine\nname: other", "name"),
    ("name: mine", "name: mine\ndecoder: decord", "decoder"),
]


@pytest.mark.parametrize(("old", "new", "key"), MISTAKES, ids=[new for _, new, _ in MISTAKES])
def test_a_mistake_is_refused_by_its_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert GOOD.count(old) == 1
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_protocol(path)
    assert key in caught.value.found
    assert caught.value.where == path
    assert caught.value.code == "protocol_invalid"


@pytest.mark.parametrize(
    "text", ["", "- a\n- b\n", "just text", "a: [", "? [a]\n: 1\n? [a]\n: 2\n", "{a: !!python/x 1}"]
)
def test_what_is_no_protocol_at_all_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        load_protocol(write(tmp_path, text))


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError):
        load_protocol(str(tmp_path / "mine.yaml"))


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        load_protocol(str(tmp_path / "none.yaml"))


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(RegistryError, match="nearest: lvb-smoke"):
        load_protocol("lvb-smok")


def test_an_unknown_version_gets_those_that_there_are() -> None:
    with pytest.raises(RegistryError, match="versions 1") as caught:
        load_protocol("lvb-smoke@7")
    assert caught.value.fix == "use lvb-smoke@1"


@pytest.mark.parametrize("reference", ["lvb-smoke", "lvb-smoke@1", "lvb-smoke@v1"])
def test_a_shipped_protocol_is_found_by_name_and_version(reference: str) -> None:
    assert protocol_path(reference) == protocols_folder() / "lvb-smoke-v1.yaml"


SHIPPED = [(name, v) for name, versions in list_protocols().items() for v in versions]


@pytest.mark.parametrize(("name", "version"), SHIPPED)
def test_shipped_protocols_are_valid_and_are_what_their_file_says(name: str, version: int) -> None:
    protocol = load_protocol(f"{name}@{version}")
    assert (protocol.name, protocol.version) == (name, version)
    assert protocol_prose(name)["title"]
    if protocol.prompts:
        data = (protocols_folder() / protocol.prompts.file).read_bytes()
        assert hashlib.sha256(data).hexdigest() == protocol.prompts.sha256


def test_the_default_protocol_ships() -> None:
    assert DEFAULT_PROTOCOL in list_protocols()
