"""Write an audit: audit.html, audit.json, audit.parquet and drop.txt."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvbench import __version__
from lvbench.audit.audit import Audit, as_record
from lvbench.audit.distributions import coding, kilobits, percent, quantities
from lvbench.audit.row import Row
from lvbench.engine.left_out import lines
from lvbench.engine.video_pass.filmstrip import read_layout
from lvbench.report.page.assets import jpeg_address, render_page
from lvbench.report.page.filmstrip import joined
from lvbench.report.tables.rounding import DASH, significant, with_interval
from lvbench.report.tables.table import Cell, Column, Table
from lvbench.report.tables.table import Row as TableRow
from lvbench.results.files import canonical_json, write_atomic
from lvbench.results.journal import file_stem

PAGE, RECORD, TABLE, DROP = "audit.html", "audit.json", "audit.parquet", "drop.txt"
_MOST_FILES, _MOST_DROPPED, _MOST_PAIRS = 500, 40, 20
_STRIP, _MOST_EXAMPLES = 8, 24
_NAMED = {"black_bars": "with black bars", "near_duplicate": "copied in another"}
_COLUMNS = (
    Column("size", "Size", numeric=False),
    Column("rate", "Rate", unit="1/s"),
    Column("seconds", "Length", unit="s"),
    Column("bits", "kbit/s"),
    Column("shots", "Shots"),
    Column("motion", "Motion"),
    Column("frozen", "Frozen", unit="%"),
    Column("sharpness", "Sharpness", unit="dB"),
    Column("lightness", "L*"),
    Column("audio", "Audio", numeric=False),
)


def render_audit(found: Audit) -> str:
    """Return the page of an audit as HTML, the same bytes for the same audit."""
    readable = [row for row in found.rows if row.status == "ok"]
    dropped = found.dropped
    pairs = sorted(found.duplicates, key=lambda d: (-d.share, d.first, d.second))
    drawn, constants = quantities(readable)
    # The embedded data stays small for any number of files; audit.json has all.
    record = as_record(found) if len(found.rows) <= _MOST_FILES else None
    return render_page(
        "audit.html.j2",
        data=record,
        name=found.name,
        version=__version__,
        summary=_summary(found, readable),
        verdict=_verdict(found),
        missing=found.missing,
        left_out=lines(found.left_out),
        by_features=found.diversity is not None,
        coding=coding(readable),
        quantities=drawn,
        constants=constants,
        examples=[(name, still) for name in found.examples[:_MOST_EXAMPLES]
                  if (still := strip(found.folder, name, 1))],
        dropped=[(row, strip(found.folder, row.id, _STRIP)) for row in dropped[:_MOST_DROPPED]],
        more_dropped=max(0, len(dropped) - _MOST_DROPPED),
        pairs=[_pair(found, pair) for pair in pairs[:_MOST_PAIRS]],
        more_pairs=max(0, len(pairs) - _MOST_PAIRS),
        table=_table(found.rows),
        rules=found.rules.in_words(),
    )  # fmt: skip


def _summary(found: Audit, readable: Sequence[Row]) -> str:
    seconds = sum(row.seconds or 0.0 for row in readable)
    size = sum(row.facts.bytes for row in readable if row.facts is not None)
    length = f"{seconds / 3600:.1f} h" if seconds >= 7200 else f"{seconds / 60:.1f} min"
    amount = f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
    return f"{_count(len(found.rows), 'file')} · {length} · {amount}"


def _verdict(found: Audit) -> str:
    dropped = found.dropped
    if dropped:
        counts = Counter(code for row in dropped for code in row.reasons)
        named = [(_NAMED.get(code, code.replace("_", " ")), n) for code, n in counts.most_common()]
        reasons = ", ".join(f"{n} {words}" for words, n in named)
        verdict = f"{len(dropped)} of {len(found.rows)} should be dropped: {reasons}."
    else:
        verdict = "No file should be dropped."
    shared = sum(pair.share < found.rules.duplicate for pair in found.duplicates)
    if shared:
        verdict += f" {_count(shared, 'pair')} of files share a passage."
    if found.diversity is not None:
        different = with_interval(found.diversity.value, found.diversity.low, found.diversity.high)
        verdict += f" Effective number of different files (Vendi score): {different}."
    return verdict


def _pair(found: Audit, pair: Any) -> dict[str, Any]:
    return {
        "summary": f"{pair.seconds:.1f} s, {100 * pair.share:.0f} % of the shorter; "
        f"similarity {pair.similarity:.2f} by "
        f"{'perceptual hash' if pair.by == 'frame_survey' else 'features'}",
        "sides": [
            (name, start, strip(found.folder, name, _STRIP, (start, start + pair.seconds)))
            for name, start in ((pair.first, pair.first_start), (pair.second, pair.second_start))
        ],
    }


def _table(rows: Sequence[Row]) -> Table:
    ordered = sorted(rows, key=lambda row: (not row.reasons, row.id))
    left_out = len(rows) - _MOST_FILES
    notes = (f"{left_out} more files in audit.parquet.",) if left_out > 0 else ()
    return Table(
        "Files",
        "File",
        _COLUMNS,
        tuple(
            TableRow(row.id, row.path, _cells(row), group="to drop" if row.reasons else "to keep")
            for row in ordered[:_MOST_FILES]
        ),
        notes,
    )


def _cells(row: Row) -> tuple[Cell, ...]:
    facts = row.facts
    rate = kilobits(row)
    audio = "" if facts is None else facts.audio_codec or "none"
    return (
        Cell(f"{row.width}×{row.height}" if row.width else DASH),
        _number(row.fps),
        _number(row.seconds),
        _number(rate),
        _number(row.shots, whole=True),
        _number(row.motion),
        _number(percent(row.frozen)),
        _number(row.sharpness),
        _number(row.lightness),
        Cell(audio),
    )


def _number(value: float | None, whole: bool = False) -> Cell:
    if value is None:
        return Cell(DASH)
    return Cell(f"{value:.0f}" if whole else significant(float(value)), value=float(value))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' if number != 1 else ''}"


@dataclass(frozen=True, slots=True)
class Strip:
    """Frames in a row: a `data:` address, and the width that they fill in percent."""

    address: str
    width: float


def strip(
    folder: Path, video: str, frames: int, at: tuple[float, float] | None = None
) -> Strip | None:
    """Return frames of a file, none of them twice; None if it has no filmstrip.

    Args:
        folder: The audit's folder.
        video: Id of the file.
        frames: Number of frames that fill the width.
        at: Start and end in seconds; the entire file if left out.
    """
    file = folder / "thumbnails" / f"{file_stem(video)}.jpg"
    layout = read_layout(file.with_suffix(".json")) if file.is_file() else None
    if layout is None:
        return None
    times, width, height = layout
    first, last = at or (times[0], times[-1])
    middles = [first + (cell + 0.5) / frames * (last - first) for cell in range(frames)]
    cells = sorted({min(range(len(times)), key=lambda i: abs(times[i] - t)) for t in middles})
    jpeg = joined(file, cells, width, height)
    return None if jpeg is None else Strip(jpeg_address(jpeg), 100 * len(cells) / frames)


def write_audit(found: Audit) -> Path:
    """Write the audit's files into its folder and return the page's path.

    drop.txt has a line for each file to drop: its path, a tab, the codes of the reasons.

    Raises:
        StorageError: A file cannot be written.
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
