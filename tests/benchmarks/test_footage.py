"""Pairs of labelled clips on a toy index: which are counted, and what is right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks.agreement import Side, share, sides
from benchmarks.footage import in_short, of_its_kind, orders, read_index, with_papers
from benchmarks.ratings import grid_view_agreement, models_alike, rater_agreement, read_ratings


def clip(model: str, role: str, prompt: str = "p0", **more: Any) -> dict[str, Any]:
    given = {"set": "df_abl", "model": model, "id": prompt, "role": role, "prompt": "a sea"}
    return given | {"path": f"df_abl/{model}/{prompt}.mp4"} | more


def mark(label: str, strength: int) -> dict[str, Any]:
    return {"label": label, "strength": strength, "onset": 1.0}


DRIFT = "exposure/saturation drift"
CLIPS = [
    clip("sf", "baseline", labels_blind=[mark(DRIFT, 3), mark("identity change", 1)]),
    clip("ds", "ablation", labels_blind=True, labels=[mark(DRIFT, 1)]),
    clip("pc", "method", labels_blind=[mark("none", 0)], rank_stays_the_same=0),
    clip("sf", "baseline", "p1", labels_blind=[], rank_stays_the_same=1),
    clip("pc", "method", "p1", labels_blind=[], rank_stays_the_same=0),
    clip("sf", "baseline", "p2", labels_blind=None),
]
FOUND = read_index(json.dumps({"clips": CLIPS}))
NAMES = [found.id for found in FOUND]


def test_labels_count_from_both_places_and_none_is_zero() -> None:
    assert [c.strengths.get(DRIFT) for c in FOUND] == [3, 1, 0, 0, 0, None]
    assert FOUND[0].group == "df_abl/p0"
    assert NAMES[0] == "df_abl-sf-p0"
    assert FOUND[2].strengths["rank: stays the same"] == 0


def test_only_pairs_of_one_prompt_with_other_labels_are_counted() -> None:
    exposure = dict(zip(NAMES, (-9.0, -1.0, -1.0, -5.0, 0.0, 0.0), strict=True))
    (own,) = [
        s for kind, key, s in of_its_kind(FOUND, {"exposure_drift": exposure}) if kind == DRIFT
    ]
    found = share(own)
    assert found is not None
    # Right on (3, 1) and (3, 0), a tie on (1, 0); p1 has no difference.
    assert found.value == pytest.approx(2.5 / 3)
    assert (found.pairs, found.groups, found.low) == (3, 1, None)
    assert not list(of_its_kind(FOUND, {"freeze": exposure}))
    label, seen, ranked, papers = in_short(FOUND, {"exposure_drift": exposure})["exposure_drift"]
    assert (label, seen) == (found, None)
    assert (ranked and ranked.value, papers and papers.value) == (1.0, 0.875)


def test_a_paper_orders_baseline_ablation_method() -> None:
    ordered = [(better.id, worse.id) for better, worse in orders(FOUND)]
    assert ordered == [
        ("df_abl-ds-p0", "df_abl-sf-p0"),
        ("df_abl-pc-p0", "df_abl-sf-p0"),
        ("df_abl-pc-p0", "df_abl-ds-p0"),
        ("df_abl-pc-p1", "df_abl-sf-p1"),
    ]
    values = dict(zip(NAMES[:5], (-9.0, -1.0, -2.0, 0.0, -5.0), strict=True))
    ((key, found, by_set),) = with_papers(FOUND, {"exposure_drift": values})
    assert (key, found.value, by_set) == ("exposure_drift", 0.5, {"df_abl": "2/4"})


def test_a_user_study_orders_its_two_models_alone() -> None:
    names = ("freenoise_videocrafter2", "fifo_videocrafter2", "lavie_seine")
    page = [clip(name, "baseline", set="fifo_page") for name in names]
    ((better, worse),) = orders(read_index(json.dumps({"clips": page})))
    assert (better.model, worse.model) == (names[1], names[0])
    neutral = [clip("a", "baseline", set="sf_comp"), clip("b", "method", set="sf_comp")]
    assert not list(orders(read_index(json.dumps({"clips": neutral}))))


def test_the_interval_is_over_prompts() -> None:
    one = share([Side("a", 1.0)] * 90 + [Side("b", 0.0)] * 10)
    assert one is not None
    assert (one.value, one.low, one.high) == (0.9, 0.0, 1.0)
    assert share([]) is None
    assert sides({"a": 1.0}, {"a": 1.0, "b": 0.0}, {"a": "g", "b": "g"}) == []


def test_a_rater_without_an_opinion_counts_half_and_a_zero_is_missing() -> None:
    entries = [{"human_anno": {"x": [5, 5, 5], "y": [1, 1, 5], "z": [0, 3, 3]}}]
    assert read_ratings(entries)["z"] == [[3, 3]]
    assert rater_agreement(entries) == (pytest.approx(2.5 / 3), 3)


def test_a_score_of_the_files_is_compared_with_the_mean_of_the_raters() -> None:
    rated = {"x": [5, 4], "y": [1, 0], "z": [2, 2]}
    entries = [{"human_anno": rated, "grid_view": {"x": 3, "y": 1, "z": 1}}] * 2
    found = grid_view_agreement(entries)
    assert found is not None
    assert (found.value, found.pairs, found.groups) == (pytest.approx(2.5 / 3), 6, 2)
    assert grid_view_agreement([{"human_anno": rated}]) is None
    assert models_alike({"x": 3, "y": 2, "z": 1}, {"x": 1, "y": 1, "z": 0}) == (2.5, 3)
