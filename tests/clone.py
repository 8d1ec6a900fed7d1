"""A copy of the working tree under git, with commands of its own: what a contributor has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

COMMANDS = {
    name: f"-m {name}" for name in ("lvbench", "pytest", "ruff", "mypy", "pip")
} | {"python": ""}  # fmt: skip


def make_clone(folder: Path) -> Path:
    """Copy what git would keep of the working tree, commit it, and add a `.venv` of links."""
    clone = folder / "lvbench"
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        source = ROOT / name
        if source.is_symlink() or source.is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, clone / name, follow_symlinks=False)
    programs = clone / ".venv" / "bin"
    programs.mkdir(parents=True)
    for command, words in COMMANDS.items():
        (programs / command).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        (programs / command).chmod(0o755)
    git(clone, "init", "--quiet")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "as cloned")
    return clone


def git(folder: Path, *words: str) -> str:
    """Run git in a folder and return what it printed."""
    who = ("-c", "user.name=contributor", "-c", "user.email=contributor@example.org")
    command = ["git", "-c", "safe.directory=*", *who, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def shell(clone: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script in the clone, whose code goes before what is installed."""
    who = {"NAME": "contributor", "EMAIL": "contributor@example.org"}
    who = {f"GIT_{role}_{key}": who[key] for role in ("AUTHOR", "COMMITTER") for key in who}
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=clone,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | who | {"PYTHONPATH": str(clone), "OMP_NUM_THREADS": "1"},
    )
