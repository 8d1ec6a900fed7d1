"""What has changed under leaderboards/ since a git reference."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lvbench.errors import UsageError


@dataclass(frozen=True, slots=True)
class Change:
    """One file that was added, modified or deleted."""

    kind: Literal["A", "M", "D"]
    path: Path


def changes_since(root: Path, base: str) -> list[Change]:
    """Return what changed under `root` since its history left `base`, in the working tree.

    Raises:
        UsageError: `root` is in no git repository, or git does not know `base`.
    """
    fork = _git(root, "merge-base", "--end-of-options", base, "HEAD").strip()
    told = _git(root, "diff", "--name-status", "--no-renames", "-z", "--relative", fork, "--", ".")
    parts = told.split("\0")
    found: list[Change] = []
    for kind, name in zip(parts[0::2], parts[1::2], strict=False):
        found.append(Change("A" if kind == "A" else "D" if kind == "D" else "M", root / name))
    others = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    found += [Change("A", root / name) for name in others.split("\0") if name]
    return sorted(found, key=lambda change: change.path)


def text_at(root: Path, base: str, file: Path) -> str | None:
    """Return the content of a file where history left `base`; None where it was not there."""
    fork = _git(root, "merge-base", "--end-of-options", base, "HEAD").strip()
    try:
        return _git(root, "show", f"{fork}:./{file.relative_to(root).as_posix()}")
    except UsageError:
        return None


def _git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return done.stdout
    raise UsageError(
        "compare rows with a git reference",
        found=done.stderr.strip().splitlines()[0] if done.stderr.strip() else "git failed",
        where=f"git {' '.join(words)} in {root}",
        fix="fetch the reference (in CI: fetch-depth: 0), or name another with --base",
    )
