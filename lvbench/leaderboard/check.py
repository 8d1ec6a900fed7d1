"""Check submissions: every row given, its items, its place, and who may touch it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lvbench.errors import ConfigError, UsageError
from lvbench.leaderboard.faults import Finding, findings
from lvbench.leaderboard.items import MOST_BYTES, SUFFIX
from lvbench.leaderboard.schema import (
    Row,
    items_file,
    owner_of,
    owner_slug,
    parse_row,
    place,
    read_row,
)
from lvbench.reading import read_bytes

_ROWS = "*/*__*/*.json"
_BUILT = ("board.md", "board.html", "board.tex", "board.csv", "board.json")


@dataclass
class Checked:
    """What a check found.

    Attributes:
        rows: The rows that were checked, with whether somebody has verified each.
        faults: Findings by file, in order.
        notes: What could not be checked, by file.
    """

    rows: dict[Path, Row | None] = field(default_factory=dict)
    faults: dict[Path, list[Finding]] = field(default_factory=dict)
    notes: dict[Path, list[str]] = field(default_factory=dict)

    def add(self, file: Path, *found: Finding) -> None:
        """Note findings of a file."""
        if found:
            self.faults.setdefault(file, []).extend(found)


def check(
    root: Path,
    paths: Sequence[Path] = (),
    *,
    base: str | None = None,
    owner: str | None = None,
) -> Checked:
    """Check rows and say all that is wrong with them.

    Args:
        root: The folder leaderboards/.
        paths: Rows, or folders of them; every row where left out, with `base` those that changed.
        base: A git reference to compare with: a row that stands there is nobody's to edit.
        owner: The organisation that submits: everything that changed must be its own.

    Raises:
        UsageError: A path is not there, or git does not know `base`.
    """
    checked = Checked()
    changed = None if base is None else changes_since(root, base)
    for file in _files(root, paths, changed):
        row = _checked(file, checked)
        if owner is not None and owner_of(file) != owner_slug(owner):
            checked.add(file, Finding("row_of_another", f"it is not a row of {owner}"))
        if owner is not None and row is not None and row.verification is not None:
            standing = base is not None and _verification_stands(root, base, file, row)
            if not standing:
                says = "who submits a row does not verify it; a maintainer adds 'verification'"
                checked.add(file, Finding("verified_by_owner", says))
    if changed is not None and base is not None:
        _check_changes(root, changed, base, owner, checked)
    return checked


def _files(root: Path, paths: Sequence[Path], changed: Sequence[Change] | None) -> list[Path]:
    """Return the row files to check, sorted."""
    found: set[Path] = set()
    if not paths and changed is not None:
        found = {_row_of(c.path) for c in changed if c.kind != "D" and _is_row(_row_of(c.path))}
        return sorted(found)
    for path in paths or [root]:
        if path.is_dir():
            patterns = (_ROWS, _ROWS.replace(".json", SUFFIX)) if path == root else (
                "**/*.json", f"**/*{SUFFIX}")  # fmt: skip
            within = [file for pattern in patterns for file in path.glob(pattern)]
            found |= {_row_of(file) for file in within if _is_row(_row_of(file))}
        elif path.is_file():
            found.add(_row_of(path))
        else:
            raise UsageError(
                "check rows of the leaderboard",
                found="there is no such file or folder",
                where=str(path),
                fix=f"give files of {root}/<protocol>/<org>__<model>/, or nothing for all",
            )
    return sorted(found)


def _row_of(file: Path) -> Path:
    name = file.name
    return file.with_name(name.removesuffix(SUFFIX) + ".json") if name.endswith(SUFFIX) else file


def _is_row(file: Path) -> bool:
    return "__" in file.parent.name and file.suffix == ".json" and file.name not in _BUILT


def _checked(file: Path, checked: Checked) -> Row | None:
    checked.rows[file] = None
    if not file.is_file():
        checked.add(file, Finding("row_missing", "its items lie there, and no row"))
        return None
    try:
        row = read_row(file)
    except ConfigError as error:
        checked.add(file, Finding(error.code, error.found))
        return None
    checked.rows[file] = row
    expected = place(row)
    if not file.resolve().as_posix().endswith(f"/{expected}"):
        checked.add(file, Finding("row_misplaced", f"the row belongs to {expected}"))
    beside = items_file(file)
    try:
        content = read_bytes(beside, MOST_BYTES) if beside.exists() else None
    except (OSError, ValueError) as error:
        checked.add(file, Finding("items_invalid", f"{beside.name}: {error}"))
        return row
    found, notes = findings(row, content)
    checked.add(file, *found)
    if notes:
        checked.notes[file] = notes
    return row


def _check_changes(
    root: Path, changed: Iterable[Change], base: str, owner: str | None, checked: Checked
) -> None:
    """Find what a change does to rows that stood before, and rows of several organisations."""
    rows = [change for change in changed if _is_row(_row_of(change.path))]
    added = sorted({owner_of(c.path) for c in rows if c.kind == "A"})
    own = owner_slug(owner) if owner is not None else added[0] if len(added) == 1 else None
    if owner is None and len(added) > 1:
        for change in rows:
            says = f"rows of {', '.join(added)} in one change: submit each on its own"
            checked.add(change.path, Finding("several_owners", says))
    for change in rows:
        if change.kind == "A":
            continue
        mine = own is not None and owner_of(change.path) == own
        if change.kind == "D" and mine:
            continue
        if change.kind == "M" and owner is None and _only_verified(root, base, change.path):
            continue
        done = "removed" if change.kind == "D" else "edited"
        says = f"a row that stood at {base} was {done}; a new result is a new revision"
        code = "row_edited" if mine else "row_of_another"
        checked.add(change.path, Finding(code, says))


def _only_verified(root: Path, base: str, file: Path) -> bool:
    """Tell whether nothing but the verification of a row changed."""
    before = _before(root, base, file)
    if before is None or not file.is_file():
        return False
    try:
        after = read_row(file)
    except ConfigError:
        return False
    blank = {"verification": None}
    return before.model_copy(update=blank) == after.model_copy(update=blank)


def _verification_stands(root: Path, base: str, file: Path, row: Row) -> bool:
    before = _before(root, base, file)
    return before is not None and before.verification == row.verification


def _before(root: Path, base: str, file: Path) -> Row | None:
    text = text_at(root, base, file)
    if text is None:
        return None
    try:
        return parse_row(text, f"{base}:{file}")
    except ConfigError:
        return None


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
