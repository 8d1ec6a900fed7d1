"""Where a row and its items lie under leaderboards/, and whose they are."""

from __future__ import annotations

import re
from pathlib import Path

from lvbench.leaderboard.items import SUFFIX
from lvbench.leaderboard.schema import Row


def slug(name: str) -> str:
    """Return a name as it stands in a path."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)


def place(row: Row) -> str:
    """Return where a row's file belongs under leaderboards/."""
    # Two underscores end the organisation: in its name there is never more than one.
    folder = f"{owner_slug(row.organisation)}__{slug(row.model)}"
    return f"{row.run.protocol.name}/{folder}/{slug(row.revision)}.json"


def owner_slug(organisation: str) -> str:
    """Return an organisation as it stands in a path."""
    return re.sub(r"_+", "_", slug(organisation)).strip("_") or "-"


def items_file(row: Path) -> Path:
    """Return where the items of a row lie."""
    return row.with_name(row.name.removesuffix(".json") + SUFFIX)


def owner_of(file: Path) -> str:
    """Return the organisation that a row or its items belong to, as it stands in the path."""
    return file.parent.name.partition("__")[0]
