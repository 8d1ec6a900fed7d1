"""What a hosted model's file says wrongly is named; a key never travels in the open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from lvbench.errors import ConfigError
from lvbench.generators.contract.config import read_config
from lvbench.generators.hosted.config import HostedConfig
from tests.generators.hosted.fake_service import Service, configuration

SERVICE = Service(lambda _: b"", address="https://api.example")


def read(folder: Path, **changes: Any) -> HostedConfig:
    path = folder / "fake.yaml"
    path.write_text(yaml.safe_dump(configuration(SERVICE, **changes)))
    return read_config(path, HostedConfig)


def test_what_is_said_is_read(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert config.poll.url == "https://api.example/v1/videos/{job}"
    assert config.key is not None
    assert config.key.value == "Bearer {key}"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"submit": {"url": "ftp://api.example"}}, "not a URL"),
        ({"submit": {"url": "https://me:word@api.example"}}, "use 'key'"),
        ({"submit": {"body": {"a": ["{promt}"]}}}, "unknown placeholder {promt}"),
        ({"poll": {"url": "https://api.example/{id}"}}, "unknown placeholder {id}"),
        ({"poll": {"done": []}}, "poll.done"),
        ({"download": {"url": "https://api.example/{job}"}}, "either 'path' or 'url'"),
        ({"download": {"path": None}}, "either 'path' or 'url'"),
        ({"key": {"value": "Bearer"}}, "key.value"),
        ({"key": {"environment": "sk-123"}}, "key.environment"),
        ({"submit": {"url": "http://api.example/v1"}}, "unencrypted to api.example"),
        ({"tires": 3}, "tires"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict[str, Any], found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, **changes)
    assert found in caught.value.found


def test_without_a_key_any_address_serves(tmp_path: Path) -> None:
    assert read(tmp_path, key=None, submit={"url": "http://api.example/v1"}).key is None
