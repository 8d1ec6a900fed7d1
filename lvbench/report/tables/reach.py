"""Addresses in pages that tell nobody where on a machine they were made."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote


def relative_address(file: Path, beside: Path) -> str | None:
    """Return the address of a file relative to a page, None where they have too little in common.

    It names the folders below the one that holds both. Where that is the root of the file system
    or the folder of all homes, the address would tell nearly all of the file's path.

    Args:
        file: The file.
        beside: The folder in which the page lies.
    """
    own, page = os.path.abspath(file), os.path.abspath(beside)  # noqa: PTH100
    shared = Path(os.path.commonpath([own, page]))
    if shared in (Path(shared.anchor), Path.home().parent):
        return None
    return quote(Path(os.path.relpath(own, page)).as_posix())
