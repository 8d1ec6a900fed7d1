"""The recipes of CONTRIBUTING.md work as they are, in a fresh clone."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.clone import git, make_clone, shell
from tests.conftest import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MOST_FILES = 3
MOST_SECONDS = 60  # of the processor
RECIPES = ("A new metric", "A new network", "A new generator", "A new protocol")


def commands(recipe: str) -> str:
    """Return the shell commands of a recipe, in order."""
    section = re.split(r"^## ", PAGE.partition(f"\n## {recipe}\n")[2], maxsplit=1, flags=re.M)[0]
    blocks = re.findall(r"^( *)```sh\n(.*?)^ *```", section, re.DOTALL | re.M)
    assert blocks, recipe
    return "\n".join(re.sub(rf"^{indent}", "", block, flags=re.M) for indent, block in blocks)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clone = make_clone(tmp_path_factory.mktemp("clone"))
    git(clone, "tag", "fresh")
    return clone


@pytest.fixture
def clone(made: Path) -> Path:
    """Return the clone as it was made, without what another test left in it."""
    git(made, "reset", "--hard", "--quiet", "fresh")
    git(made, "clean", "-fdxq", "--exclude=.venv")
    return made


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_runs_to_its_end(recipe: str, clone: Path) -> None:
    before = os.times()
    done = shell(clone, commands(recipe))
    assert done.returncode == 0, done.stdout + done.stderr
    assert git(clone, "status", "--porcelain") == ""
    after = os.times()
    used = sum(after[2:4]) - sum(before[2:4])
    assert used < MOST_SECONDS, f"{recipe}: {used:.0f} s"


def test_a_metric_takes_three_files(clone: Path) -> None:
    done = shell(clone, commands("A new metric").splitlines()[0])
    assert done.returncode == 0, done.stderr
    touched = git(clone, "status", "--porcelain", "--untracked-files=all").splitlines()
    assert 0 < len(touched) <= MOST_FILES
    assert all(f"`{line.split()[-1]}`" in PAGE for line in touched)
