"""What is created keeps to the rules of the house: forms of files, registry, pages, plugins.

tests/test_contributing.py runs the tests of what is created in a clone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from lvbench.errors import RegistryError, UsageError
from lvbench.protocol.load import load_protocol
from lvbench.scaffold.create import (
    FAMILIES,
    new_generator,
    new_metric,
    new_plugin,
    new_protocol_file,
)
from lvbench.scaffold.place import MOST_LETTERS
from tests.conftest import ROOT

REGISTRY = Path("lvbench/generators/registry.py")
PAGE = Path("docs/generators.md")
LONGEST = "a_" + "l" * (MOST_LETTERS - 8) + "_name"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the files that the commands edit, and with the rules of style."""
    for path in (REGISTRY, PAGE, Path("pyproject.toml")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    return tmp_path


def clean(root: Path) -> None:
    """Fail where ruff finds a fault or would format a file otherwise."""
    for words in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *words, "--no-cache", "."]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["a", LONGEST])
def test_created_files_are_formatted_whatever_the_length_of_the_name(
    name: str, checkout: Path
) -> None:
    for letter, family in zip("bcdef", FAMILIES, strict=True):
        new_metric(letter + name[1:], family, checkout)
    new_generator(name, checkout)
    clean(checkout)


def test_a_generator_is_in_the_registry_and_on_the_page(checkout: Path) -> None:
    created = new_generator("my-model", checkout)
    assert created.edited == (REGISTRY, PAGE)
    code = (checkout / REGISTRY).read_text()
    assert '"my-model": "lvbench.generators.my_model:MyModel",\n' in code
    assert len(code.splitlines()) == len((ROOT / REGISTRY).read_text().splitlines()) + 1
    assert (checkout / PAGE).read_text().count("| `my-model` |") == 1


def test_a_registry_of_another_form_is_left_alone(checkout: Path) -> None:
    (checkout / REGISTRY).write_text("GENERATORS = dict(noise='a:B')\n")
    with pytest.raises(UsageError, match="by hand"):
        new_generator("my-model", checkout)
    assert (checkout / REGISTRY).read_text() == "GENERATORS = dict(noise='a:B')\n"
    assert not (checkout / "lvbench/generators/my_model.py").exists()


@pytest.mark.parametrize(
    ("create", "found"),
    [
        (lambda root: new_metric("freeze", "drift", root), "that of a metric"),
        (lambda root: new_metric("motion", "drift", root), "module or family"),
        (lambda root: new_metric("base", "drift", root), "module or family"),
        (lambda root: new_metric("mine", "sets", root), "no template for the family"),
        (lambda root: new_generator("noise", root), "that of a generator"),
        (lambda root: new_generator("baselines", root), "module of lvbench.generators"),
        (lambda root: new_protocol_file("freeze", "lvb-smoke", root), "another thing"),
    ],
)
def test_names_in_use_are_refused(
    create: Callable[[Path], object], found: str, checkout: Path
) -> None:
    with pytest.raises(UsageError, match=found):
        create(checkout)


@pytest.mark.parametrize("like", ["lvb-smoke", "lvb-cost@1", "lvb-world"])
def test_a_protocol_equals_its_model_but_for_the_name(like: str, tmp_path: Path) -> None:
    new_protocol_file("mine", like, tmp_path)
    mine, model = load_protocol(str(tmp_path / "mine-v1.yaml")), load_protocol(like)
    assert mine.draft
    assert (mine.name, mine.version) == ("mine", 1)
    same = {"name": model.name, "version": model.version, "draft": model.draft}
    assert mine.model_copy(update=same) == model
    assert yaml.safe_load((tmp_path / "mine-v1.yaml").read_text())["name"] == "mine"


def test_a_protocol_like_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="nearest"):
        new_protocol_file("mine", "lvb-smok", tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("kind", "name"), [("metric", "my_metric"), ("generator", "my-model")])
def test_a_plugin_is_installed_and_passes_its_tests(kind: str, name: str, tmp_path: Path) -> None:
    source, site = tmp_path / "lvbench-mine", tmp_path / "site"
    new_plugin(kind, name, source)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(site)]
    python = [sys.executable, "-m"]
    subprocess.run([*python, "pip", "install", *options, str(source)], check=True)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])}
    words = ["explain"] if kind == "metric" else ["generators", "check"]
    for command in (["pytest", "-q", str(source / "tests")], ["lvbench", *words, name]):
        done = subprocess.run(
            [*python, *command],
            cwd=source,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_folder_that_is_no_name_of_a_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no name of a Python package"):
        new_plugin("metric", "mine", tmp_path / "2nd")
