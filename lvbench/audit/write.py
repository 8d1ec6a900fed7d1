"""Write what an audit found: audit.html, audit.json, audit.parquet and drop.txt."""

from __future__ import annotations

import io
from pathlib import Path

from lvbench.audit.audit import Audit, as_record
from lvbench.audit.page import render_audit
from lvbench.results.files import canonical_json, write_atomic

PAGE, RECORD, TABLE, DROP = "audit.html", "audit.json", "audit.parquet", "drop.txt"


def write_audit(found: Audit) -> Path:
    """Write the audit's files into its folder and return the page's path.

    drop.txt has a line for each file to drop: its path, a tab, the reasons' codes.

    Raises:
        StorageError: They cannot be written.
    """
    folder = found.folder
    lines = [f"{row.path}\t{','.join(row.reasons)}\n" for row in found.dropped]
    write_atomic(folder / DROP, "".join(lines))
    write_atomic(folder / RECORD, canonical_json(as_record(found), indent=1) + "\n")
    write_atomic(folder / TABLE, _parquet(found))
    write_atomic(folder / PAGE, render_audit(found))
    return folder / PAGE


def _parquet(found: Audit) -> bytes:
    import pandas as pd

    rows = [row.flat() | {"reasons": ",".join(row.reasons)} for row in found.rows]
    packed = io.BytesIO()
    pd.DataFrame(rows).to_parquet(packed, index=False)
    return packed.getvalue()
