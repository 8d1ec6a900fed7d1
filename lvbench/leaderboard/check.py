"""Check submissions: each row, its items, its path, and who may change it."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lvbench.errors import ConfigError, UsageError
from lvbench.leaderboard.collect import ROWS
from lvbench.leaderboard.faults import Fault, find_faults
from lvbench.leaderboard.items import MOST_BYTES, SUFFIX
from lvbench.leaderboard.schema import (
    Row,
    belongs_at,
    items_file,
    owner_of,
    owner_slug,
    parse_row,
    place,
    read_row,
)
from lvbench.reading import read_bytes


@dataclass
class Checked:
    """Results of a check.

    Attributes:
        rows: The rows that were checked; None for a file that is no valid row.
        faults: Faults by file, in order.
        notes: What could not be checked, by file.
    """

    rows: dict[Path, Row | None] = field(default_factory=dict)
    faults: dict[Path, list[Fault]] = field(default_factory=dict)
    notes: dict[Path, list[str]] = field(default_factory=dict)

    def add(self, file: Path, code: str, message: str) -> None:
        """Add a fault of a file."""
        self.faults.setdefault(file, []).append(Fault(code, message))


@dataclass(frozen=True, slots=True)
class Change:
    """One file that was added (`A`), modified (`M`) or deleted (`D`)."""

    kind: str
    path: Path


def check(
    root: Path,
    paths: Sequence[Path] = (),
    *,
    base: str | None = None,
    owner: str | None = None,
) -> Checked:
    """Check rows and list all their faults.

    Args:
        root: The folder leaderboards/.
        paths: Rows, or folders of them; if left out every row, with `base` those that changed.
        base: A Git reference: rows that exist there may not be edited.
        owner: The submitting organisation: everything that changed must be its own.

    Raises:
        UsageError: A path does not exist, or git does not know `base`.
    """
    checked = Checked()
    changed = None if base is None else changes_since(root, base)
    for file in _files(root, paths, changed):
        row = _check_row(file, checked)
        if owner is not None and owner_of(file) != owner_slug(owner):
            checked.add(file, "row_of_another", f"it is not a row of {owner}")
        if owner is not None and row is not None and row.verification is not None:
            before = None if base is None else _row_at(root, base, file)
            if before is None or before.verification != row.verification:
                message = "a submitter may not verify its own row; a maintainer adds 'verification'"
                checked.add(file, "verified_by_owner", message)
    if changed is not None and base is not None:
        _check_changes(root, changed, base, owner, checked)
    return checked


def _files(root: Path, paths: Sequence[Path], changed: Sequence[Change] | None) -> list[Path]:
    """Return the row files to check, sorted."""
    found: set[Path] = set()
    if not paths and changed is not None:
        return sorted({_row_of(change.path) for change in changed if change.kind != "D"})
    for path in paths or [root]:
        if path.is_dir():
            pattern = ROWS.removesuffix(".json") if path == root else "**/*"
            within = [*path.glob(f"{pattern}.json"), *path.glob(f"{pattern}{SUFFIX}")]
            found |= {_row_of(file) for file in within if _is_row(file)}
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
    return "__" in file.parent.name and _row_of(file).suffix == ".json"


def _check_row(file: Path, checked: Checked) -> Row | None:
    checked.rows[file] = None
    if not file.is_file():
        checked.add(file, "row_missing", "there are items without a row")
        return None
    try:
        row = read_row(file)
    except ConfigError as error:
        checked.add(file, error.code, error.found)
        return None
    checked.rows[file] = row
    if not belongs_at(row, file.resolve()):
        checked.add(file, "row_misplaced", f"the row belongs to {place(row)}")
    items = items_file(file)
    try:
        content = read_bytes(items, MOST_BYTES) if items.exists() else None
    except (OSError, ValueError) as error:
        checked.add(file, "items_invalid", f"{items.name}: {error}")
        return row
    found, notes = find_faults(row, content)
    if found:
        checked.faults.setdefault(file, []).extend(found)
    if notes:
        checked.notes[file] = notes
    return row


def _check_changes(
    root: Path, rows: Sequence[Change], base: str, owner: str | None, checked: Checked
) -> None:
    """Find edits of rows that existed at `base`, and rows of several organisations."""
    added = sorted({owner_of(change.path) for change in rows if change.kind == "A"})
    own = owner_slug(owner) if owner is not None else added[0] if len(added) == 1 else None
    if owner is None and len(added) > 1:
        for change in rows:
            message = f"rows of {', '.join(added)} in one change: submit each separately"
            checked.add(change.path, "several_owners", message)
    for change in rows:
        mine = own is not None and owner_of(change.path) == own
        if change.kind == "A" or (change.kind == "D" and mine):
            continue
        if change.kind == "M" and owner is None and _only_verified(root, base, change.path):
            continue
        done = "removed" if change.kind == "D" else "edited"
        message = f"a row that exists at {base} was {done}; a new result is a new revision"
        checked.add(change.path, "row_edited" if mine else "row_of_another", message)


def _only_verified(root: Path, base: str, file: Path) -> bool:
    """Return whether only the verification of a row changed."""
    before = _row_at(root, base, file)
    if before is None or not file.is_file():
        return False
    try:
        after = read_row(file)
    except ConfigError:
        return False
    blank = {"verification": None}
    return before.model_copy(update=blank) == after.model_copy(update=blank)


def changes_since(root: Path, base: str) -> list[Change]:
    """Return the changes of rows and items in the working tree since the merge base with `base`.

    Raises:
        UsageError: `root` is in no git repository, or git does not know `base`.
    """
    fork = _fork(root, base)
    text = _git(root, "diff", "--name-status", "--no-renames", "-z", "--relative", fork, "--", ".")
    parts = text.split("\0")
    found = [
        Change(kind if kind in "AD" else "M", root / name)
        for kind, name in zip(parts[0::2], parts[1::2], strict=False)
    ]
    others = _git(root, "ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    found += [Change("A", root / name) for name in others.split("\0") if name]
    return sorted((one for one in found if _is_row(one.path)), key=lambda change: change.path)


def _row_at(root: Path, base: str, file: Path) -> Row | None:
    """Return a row as it was at the merge base; None where it was missing or not valid."""
    fork = _fork(root, base)
    try:
        text = _git(root, "show", f"{fork}:./{file.relative_to(root).as_posix()}")
        return parse_row(text, f"{base}:{file}")
    except (UsageError, ConfigError):
        return None


def _fork(root: Path, base: str) -> str:
    return _git(root, "merge-base", "--end-of-options", base, "HEAD").strip()


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
