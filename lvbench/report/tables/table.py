"""The table model of every output: cells with value, interval, denominator and status."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace

from lvbench.protocol.identity import short_signature, signature_line
from lvbench.report.safe_text import LONGEST_SIGNATURE, printable
from lvbench.report.tables.describe import STATISTICS, describe, gate_in_words
from lvbench.report.tables.rounding import DASH, bounds, with_interval
from lvbench.results.files import canonical_json
from lvbench.results.run import Run
from lvbench.results.schema import Score

ARROWS = {True: "↑", False: "↓", None: ""}
UNAVAILABLE = "unavailable"
METHODS = {"too_few": "no interval: too few independent videos or prompts"}


def heading(title: str, unit: str = "", higher_is_better: bool | None = None) -> str:
    """Return a title with its unit and the arrow of its good direction."""
    return f"{title}{f' ({unit})' if unit else ''} {ARROWS[higher_is_better]}".rstrip()


@dataclass(frozen=True, slots=True)
class Cell:
    """One entry of a table.

    Attributes:
        display: The printed text, rounded.
        value: The unrounded number; None where there is none.
        low: Lower bound of its interval.
        high: Upper bound of its interval.
        hover: The exact bounds, or the reason for a missing value.
        status: `ok`, `not_applicable`, `unavailable` or `failed`.
        gate: Why the value is not ranked, which strikes it through; empty where it is.
        mark: `best` or `second` among ranked rows; empty where it is neither.
    """

    display: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    hover: str = ""
    status: str = "ok"
    gate: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: heading, unit, and the good direction of its numbers."""

    key: str
    title: str
    numeric: bool = True
    unit: str = ""
    higher_is_better: bool | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row: heading, cells, group.

    Attributes:
        level: 0 for a headline, 1 for a component under it.
        rule: Whether a rule above it separates it from the rows before.
        detail: What distinguishes it from rows of the same title.
    """

    key: str
    title: str
    cells: tuple[Cell, ...]
    group: str = ""
    level: int = 0
    higher_is_better: bool | None = None
    rule: bool = False
    detail: str = ""

    @property
    def label(self) -> str:
        """Return the title with its detail, on one line."""
        return f"{self.title} ({self.detail})" if self.detail else self.title


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, in groups; `corner` heads the column of row titles.

    Attributes:
        signature: Signature of all its numbers; empty where rows have separate signatures, or the
            table has no numbers of a run.
        short: The short signature.
    """

    title: str
    corner: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = field(default=())
    signature: str = ""
    short: str = ""

    def grouped(self) -> Iterator[tuple[str, list[Row]]]:
        """Yield each group with its rows, in the order of the rows."""
        for group in dict.fromkeys(row.group for row in self.rows):
            yield group, [row for row in self.rows if row.group == group]

    def remarks(self) -> list[str]:
        """Return, for outputs without hover, why cells are empty or struck through.

        Rows with the same reason share a line; a line that a longer one contains is left out.
        """
        found: dict[str, dict[str, None]] = {}
        for row in self.rows:
            for cell in row.cells:
                why = cell.gate or (cell.hover if cell.status != "ok" else "")
                if why:
                    found.setdefault(why, {})[row.label] = None
        return [
            f"{', '.join(titles)}: {why}"
            for why, titles in found.items()
            if not any(
                why != w and why in w and titles.keys() <= t.keys() for w, t in found.items()
            )
        ]


def score_table(run: Run, real: Run | None = None) -> Table:
    """Return the score table of a run: grouped, headlines before their components.

    Unavailable metrics are at the end, a row each.

    Args:
        run: The run.
        real: A run of real videos by the same protocol, shown in a column of its own.
    """
    keys = sorted(
        (key for key in run.scores if not is_redundant(key, run)),
        key=lambda key: (run.scores[key].status == UNAVAILABLE, describe(key).order),
    )
    rows = tuple(_row(key, run.scores[key], real) for key in keys)
    columns = (
        Column("value", "Value"),
        *((Column("real", "Real video"),) if real is not None else ()),
        Column("unit", "Unit", numeric=False),
        Column("statistic", "Over videos", numeric=False),
        Column("videos", "Videos"),
    )
    return Table(
        run.record.title,
        "Score",
        columns,
        rows,
        signature=printable(signature_line(run.record), LONGEST_SIGNATURE),
        short=printable(short_signature(run.record)),
    )


def score_cell(score: Score) -> Cell:
    """Return the cell of a score: rounded value and interval, or a dash with the reason."""
    if score.value is None:
        return Cell(DASH, hover=reason(score), status=score.status)
    return Cell(
        with_interval(score.value, score.ci_low, score.ci_high),
        value=score.value,
        low=score.ci_low,
        high=score.ci_high,
        hover=_interval_in_words(score),
        gate=gate_in_words(score),
    )


def reason(score: Score) -> str:
    """Return why a score has no value."""
    state = score.status.replace("_", " ")
    code = f" ({score.code})" if score.code else ""
    return f"{state}{code}" + (f": {score.detail}" if score.detail else "")


def denominator(score: Score) -> Cell:
    """Return the number of videos of a score: `60`, or `58/60` where some failed."""
    full = score.n_scored == score.n_expected
    display = f"{score.n_scored}" if full else f"{score.n_scored}/{score.n_expected}"
    hover = "" if full else f"{score.n_failed} of {score.n_expected} videos failed"
    return Cell(display, value=float(score.n_scored), hover=hover)


def repeats_headline(key: str, run: Run) -> bool:
    """Return whether a component equals its metric's headline (the end level of a similarity)."""
    about = describe(key)
    headline = run.scores.get(about.record)
    return about.component is not None and headline == run.scores[key]


def is_redundant(key: str, run: Run) -> bool:
    """Return whether a component adds nothing to its metric's row.

    It repeats the headline; or it has no value, and its headline has none or no video has it.
    """
    score, about = run.scores[key], describe(key)
    if about.component is None:
        return False
    headline = run.scores.get(about.record)
    empty = score.value is None and score.status != "failed"
    silent = headline is None or headline.value is None or score.code == "absent"
    return (empty and silent) or repeats_headline(key, run)


def _row(key: str, score: Score, real: Run | None) -> Row:
    about, shown = describe(key), readable(score)
    other = None if real is None else real.scores.get(key)
    return Row(
        key,
        about.title,
        (
            score_cell(shown),
            *((_real_cell(other, score),) if real is not None else ()),
            Cell(shown.unit),
            Cell(STATISTICS[about.statistic]),
            denominator(score),
        ),
        group="not available here" if score.status == UNAVAILABLE else about.group,
        level=0 if about.component is None else 1,
        higher_is_better=score.higher_is_better,
    )


def _real_cell(real: Score | None, generated: Score) -> Cell:
    """Return the value of real video, which has none measured during generation."""
    if real is None or real.value is None or real.measured:
        return Cell(DASH, hover="the run of real videos has no value")
    cell = replace(score_cell(real), gate="")
    if not is_worse(real, generated):
        return cell
    return replace(
        cell,
        display=f"{cell.display} (worse)",
        hover=f"{cell.hover}; real video is worse than the generated videos on this score",
    )


def is_worse(score: Score, other: Score) -> bool:
    """Return whether a score with a direction is worse than another, and their intervals apart."""
    if score.higher_is_better is None:
        return False
    better, worse = (other, score) if score.higher_is_better else (score, other)
    low, high = better.ci_low, worse.ci_high
    return low is not None and high is not None and high < low


def _interval_in_words(score: Score) -> str:
    measured = "; measured during generation" if score.measured else ""
    if score.ci_low is None and score.ci_high is None:
        return METHODS.get(score.ci_method or "", f"{score.value:.6g}") + measured
    limits = f"95 % interval {bounds(score.ci_low, score.ci_high)}, {score.ci_method}"
    return f"{score.value:.6g}, {limits}{measured}"


def table_json(table: Table) -> str:
    """Return the table as strict JSON, the same bytes for the same table."""
    return canonical_json(asdict(table), indent=2) + "\n"


_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def readable(score: Score) -> Score:
    """Return a score of bytes in the largest unit below its value; any other unchanged."""
    value = score.value
    if score.unit != "bytes" or value is None:
        return score
    scale, unit = next(((s, u) for s, u in _BYTES if value >= s), (1.0, "bytes"))

    def scaled(number: float | None) -> float | None:
        return None if number is None else number / scale

    return score.model_copy(
        update={
            "value": scaled(value),
            "ci_low": scaled(score.ci_low),
            "ci_high": scaled(score.ci_high),
            "unit": unit,
        }
    )
