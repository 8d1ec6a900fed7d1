"""Decide which files to drop, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lvbench.audit.duplicates import Duplicate
from lvbench.audit.row import Row


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds from which a file is dropped.

    Attributes:
        shortest: Seconds.
        smallest: Pixels of the shorter side.
        frozen: Frozen fraction.
        black_bars: Share of the picture that is a black border.
        dark: Median lightness, L*.
        duplicate: Share of the shorter file that another one contains.
    """

    shortest: float = 1.0
    smallest: int = 240
    frozen: float = 0.5
    black_bars: float = 0.05
    dark: float = 5.0
    duplicate: float = 0.8

    def in_words(self) -> list[tuple[str, str]]:
        """Return each rule's code and description."""
        return [
            ("unreadable", "cannot be decoded to its end"),
            ("too_short", f"shorter than {self.shortest:g} s"),
            ("too_small", f"shorter side under {self.smallest} px"),
            ("static", f"frozen for {100 * self.frozen:g} % of the time or more"),
            ("black_bars", f"black bars take {100 * self.black_bars:g} % of the picture or more"),
            ("dark", f"median lightness under {self.dark:g} of 100"),
            (
                "near_duplicate",
                f"{100 * self.duplicate:g} % or more of it is in a larger file",
            ),
        ]


def apply_rules(rows: Sequence[Row], duplicates: Sequence[Duplicate], rules: Rules) -> list[Row]:
    """Return the rows with the reasons to drop them.

    Of two files with the same footage the one with more pixels is kept, of equally large ones
    the longer, then the one with more bytes, then the first by name. A file that is dropped for
    another reason replaces no other file.
    """
    own = {row.id: _own_reasons(row, rules) for row in rows}
    by_id = {row.id: row for row in rows}
    copies = _copies(by_id, own, duplicates, rules)
    return [
        replace(row, reasons=own[row.id] | ({"near_duplicate": copies[row.id]}
                                            if row.id in copies else {}))
        for row in rows
    ]  # fmt: skip


def _own_reasons(row: Row, rules: Rules) -> dict[str, str]:
    if row.status != "ok":
        return {"unreadable": f"{row.code}: {row.detail}"}
    found = {}
    if (row.seconds or 0.0) < rules.shortest:
        found["too_short"] = f"{row.seconds or 0:.2f} s"
    side = min(row.width or 0, row.height or 0)
    if side < rules.smallest:
        found["too_small"] = f"{row.width}×{row.height}"
    if row.frozen is not None and row.frozen >= rules.frozen:
        found["static"] = f"frozen for {100 * row.frozen:.0f} % of the time"
    if row.black_bars is not None and row.black_bars >= rules.black_bars:
        found["black_bars"] = f"black bars take {100 * row.black_bars:.1f} % of the picture"
    if row.lightness is not None and row.lightness < rules.dark:
        found["dark"] = f"median lightness {row.lightness:.1f}"
    return found


def _copies(
    rows: Mapping[str, Row],
    own: Mapping[str, Mapping[str, str]],
    duplicates: Sequence[Duplicate],
    rules: Rules,
) -> dict[str, str]:
    """Return for each copy its original; the best file of all comes first."""
    partners: dict[str, list[tuple[str, Duplicate]]] = {}
    for pair in duplicates:
        if pair.share >= rules.duplicate:
            partners.setdefault(pair.first, []).append((pair.second, pair))
            partners.setdefault(pair.second, []).append((pair.first, pair))
    kept: set[str] = set()
    found: dict[str, str] = {}
    for name in sorted(partners, key=lambda name: (bool(own[name]), _worth(rows[name]))):
        of = next((pair for pair in partners[name] if pair[0] in kept), None)
        if of is not None:
            found[name] = f"{100 * of[1].share:.0f} % of the shorter is equal to {of[0]}"
        elif not own[name]:
            kept.add(name)
    return found


def _worth(row: Row) -> tuple[float, float, float, str]:
    pixels = (row.width or 0) * (row.height or 0)
    size = row.facts.bytes if row.facts is not None else 0
    return -pixels, -(row.seconds or 0.0), -size, row.id
