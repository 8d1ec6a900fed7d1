"""A configuration file says what a generator is; what it says wrongly is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.errors import ConfigError
from lvbench.generators.command.config import CommandConfig
from lvbench.generators.contract.config import GeneratorConfig, is_config, read_config
from lvbench.generators.contract.plan import Limits


def read(folder: Path, text: str) -> GeneratorConfig:
    path = folder / "model.yaml"
    path.write_text(text)
    return read_config(path, GeneratorConfig)


def test_what_is_said_is_known_of_the_generator(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        "name: mine\nrevision: abc\nfps: 16\nsize: [832, 480]\nschedule: first_only\n"
        "conditions_on: [text, image]\nlimits: {frames_multiple: 4, frames_plus: 1}\n",
    )
    info = config.info("file")
    assert (info.name, info.fps, info.size) == ("mine", 16.0, (832, 480))
    assert info.revision == f"abc+{config.digest}"
    assert info.conditions_on == ("text", "image")
    assert not info.streams
    assert config.limits.limits() == Limits(4, 1)
    assert read(tmp_path, "licence: none").info("file").name == "file"


def test_another_configuration_is_another_revision(tmp_path: Path) -> None:
    first, second = read(tmp_path, "fps: 16"), read(tmp_path, "fps: 24")
    assert first.digest != second.digest
    assert first.digest == read(tmp_path, "# the same\nfps: 16.0").digest


def test_a_limit_of_time_is_no_other_revision(tmp_path: Path) -> None:
    def digest(more: str) -> str:
        path = tmp_path / "model.yaml"
        path.write_text(f"program: [python, make.py, '{{out}}']\n{more}")
        return read_config(path, CommandConfig).digest

    assert digest("") == digest("timeout_seconds: 9\nmemory_gb: 2") != digest("output: rgb24")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("fsp: 16", "fsp: Extra inputs"),
        ("fps: -1", "fps: "),
        ("fps: fast", "fps: "),
        ("size: [832]", "size"),
        ("schedule: later", "schedule: "),
        ("limits: {most: 3}", "limits.most: Extra"),
        ("- a", "the file: "),
        ("a: [", "not YAML"),
        ("a: 2026-01-01", "a: Extra inputs"),
        ("name: 2026-01-01\nname: b", "'name' is given twice"),
        ("a: &a [*a]", "alias"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert found in caught.value.found
    assert caught.value.code == "generator_config_invalid"
    assert str(tmp_path / "model.yaml") in caught.value.where


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_config(tmp_path / "none.yaml", GeneratorConfig)


def test_configurations_are_told_by_their_suffix() -> None:
    assert is_config("a/b.yaml")
    assert is_config("b.json")
    assert not is_config("python make.py")
