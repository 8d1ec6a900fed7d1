"""Rows of a board share a table by their clips, and a column where the score was measured alike."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import cache
from typing import Any

from lvbench.engine.aggregation.score_identity import ScoreIdentities
from lvbench.engine.video_pass.tools import build_tools
from lvbench.leaderboard.board import Section, sections
from lvbench.leaderboard.collect import Entry
from lvbench.leaderboard.comparable import other_identities
from lvbench.leaderboard.exports import board_csv
from lvbench.leaderboard.schema import Curve, Row
from lvbench.protocol.identity import Identity
from lvbench.protocol.schema import Protocol
from tests.leaderboard.conftest import make_run

REAL, OTHER = "a" * 64, "b" * 64
CURVE = Curve(title="t", unit="", t=[0.0, 1.0], median=[0.0, 1.0], low=[], high=[])


@cache
def _identity(segment: float) -> Identity:
    names = ("exposure_drift", "flow_smoothness", "fvd")
    prompts = {"file": "p.jsonl", "sha256": REAL, "seconds": 8.0, "fps": 8.0, "width": 32,
               "height": 32}  # fmt: skip
    protocol = Protocol.model_validate({
        "name": "lvb-smoke", "version": 1, "segment_seconds": segment, "prompts": prompts,
        "metrics": [{"name": name, "version": 1} for name in names],
    })  # fmt: skip
    return build_tools(protocol).identity


def _entry(model: str, fvd: float, drift: float, real: str | None, segment: float = 0.5) -> Entry:
    own = replace(_identity(segment), real=real)
    run = make_run({"fvd": fvd, "exposure_drift": drift, "flow_smoothness": 1.0}, hash=own.hash)
    ids = ScoreIdentities(own)
    scores = {k: s.model_copy(update={"identity": ids.short(k)}) for k, s in run.scores.items()}
    row = Row(
        model=model, organisation="Lab", revision="1", curves={"exposure_drift": CURVE},
        run=run.model_copy(update={"scores": scores}), lock={"hash": own.hash, **own.content()},
    )  # fmt: skip
    return Entry(row)


def _cells(section: Section, key: str) -> dict[str, Any]:
    at = 1 + section.keys.index(key)
    return {row.title: row.cells[at] for row in section.table.rows}


def test_rows_with_other_real_sets_share_a_table_and_all_other_scores() -> None:
    entries = [
        _entry("a", 5.0, 1.0, REAL),
        _entry("b", 9.0, 2.0, REAL),
        _entry("c", 1.0, 3.0, OTHER),
    ]
    (section,) = sections(entries)
    assert [entry.row.model for entry in section.entries] == ["a", "b", "c"]
    fvd, drift = _cells(section, "fvd"), _cells(section, "exposure_drift")
    assert [drift[m].mark for m in "abc"] == ["best", "second", ""]
    # The lowest distance is from another real set: shown, and first of nothing.
    assert fvd["c"].display == "1.00 ± 0.10 (other real set)"
    assert (fvd["c"].value, fvd["c"].mark) == (None, "")
    assert "not ranked with the others: other real set" in fvd["c"].hover
    assert (fvd["a"].mark, fvd["a"].display) == ("best", "5.00 ± 0.10")
    (note,) = (note for note in section.table.notes if "other real set" in note)
    assert "ranked only among comparable rows" in note
    # Every row has drift, so drift ranks; distance, which c has not, is no part of the mean.
    assert [(rank.best, rank.worst) for rank in section.ranks if rank] != []
    ids = {entry.record.protocol.hash[:12] for entry in entries}
    assert all(one in section.heading and one in section.table.short for one in ids)


def test_another_length_of_segments_takes_the_curves_out_too() -> None:
    entries = [
        _entry("a", 5.0, 1.0, REAL),
        _entry("b", 6.0, 1.0, REAL),
        _entry("c", 7.0, 0.0, REAL, 1.0),
    ]
    (section,) = sections(entries)
    assert "(other segment length)" in _cells(section, "exposure_drift")["c"].display
    assert _cells(section, "fvd")["c"].display == "7.00 ± 0.10"
    alike = {entry.row.model: entry for entry in section.comparable}
    assert "exposure_drift" in alike["a"].row.curves
    assert "exposure_drift" not in alike["c"].row.curves
    assert "exposure_drift" not in alike["c"].record.scores
    assert "fvd" in alike["c"].record.scores


def test_the_column_is_the_most_common_identitys_whatever_the_order() -> None:
    rows = [
        _entry(m, 1.0, 1.0, real).row for m, real in zip("abc", (OTHER, REAL, REAL), strict=True)
    ]
    assert [set(found) for found in other_identities(rows)] == [{"fvd"}, set(), set()]
    assert [set(found) for found in other_identities(rows[::-1])] == [set(), set(), {"fvd"}]
    assert other_identities([]) == []


def test_what_is_stated_in_no_run_comes_from_the_lock() -> None:
    rows = [_entry(m, 1.0, 1.0, real).row for m, real in (("a", REAL), ("b", OTHER))]
    bare = [
        row.model_copy(
            update={
                "run": row.run.model_copy(
                    update={
                        "scores": {
                            key: score.model_copy(update={"identity": None})
                            for key, score in row.run.scores.items()
                        }
                    }
                )
            }
        )
        for row in rows
    ]
    assert other_identities(bare) == [{}, {"fvd": "other real set"}]
    assert other_identities([bare[0], rows[1]]) == [{}, {"fvd": "other real set"}]


def test_the_tables_for_programs_name_the_identity_and_what_is_apart() -> None:
    (section,) = sections([_entry("a", 5.0, 1.0, REAL), _entry("b", 1.0, 3.0, OTHER)])
    lines = list(csv.DictReader(io.StringIO(board_csv([section]))))
    told = {(line["model"], line["score"]): line for line in lines}
    assert told["b", "fvd"]["not_comparable"] == "other real set"
    assert told["a", "fvd"]["not_comparable"] == told["b", "exposure_drift"]["not_comparable"] == ""
    same = [told[model, "exposure_drift"]["identity"] for model in "ab"]
    assert same[0] == same[1] != told["a", "fvd"]["identity"] != told["b", "fvd"]["identity"]
