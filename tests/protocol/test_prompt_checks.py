"""Every check of a prompt set finds the fault that it is there for, on its line and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lvbench.errors import ConfigError
from lvbench.protocol.load import protocols_folder
from lvbench.protocol.prompt_checks import check_prompt_set

SET = protocols_folder() / "prompts-standard-v1.jsonl"
Row = dict[str, Any]
Change = Callable[[Row], object]
EVERYTHING = ["identity", "scene", "light", "style"]


def rows() -> list[Row]:
    """Return the standard set's lines."""
    return [json.loads(text) for text in SET.read_text("utf-8").splitlines()]


def write(path: Path, changed: list[Row]) -> Path:
    """Write a set."""
    path.write_text("".join(json.dumps(row) + "\n" for row in changed), "utf-8")
    return path


def line(**changed: Any) -> Change:
    """Return a change of keys of a line."""
    return lambda row: row.update(changed)


def part(k: int, **changed: Any) -> Change:
    """Return a change of keys of segment `k`."""
    return lambda row: row["segments"][k].update(changed)


def said(k: int, old: str, new: str) -> Change:
    """Return a change of words in segment `k`."""

    def change(row: Row) -> None:
        text = row["segments"][k]["text"]
        assert old in text
        row["segments"][k]["text"] = text.replace(old, new, 1)

    return change


def every(change: Change) -> Change:
    """Return a change of every segment."""
    return lambda row: [change(segment) for segment in row["segments"]]


def all_of(*changes: Change) -> Change:
    """Return changes one after another."""
    return lambda row: [change(row) for change in changes]


def copy(k: int, old: str, new: str) -> Change:
    """Return a change that makes segment `k` the one before, but for a word."""
    return lambda row: row["segments"][k].update(
        text=row["segments"][k - 1]["text"].replace(old, new)
    )


def sounds(*ordered: tuple[int, str]) -> Change:
    """Return a change of the ordered sounds."""
    return line(sounds=[{"segment": k, "text": text} for k, text in ordered])


GOAT = "several_subjects-02"
MUTATIONS: dict[str, tuple[str, Change, str, str]] = {
    "schema": (GOAT, line(difficulty=7), "difficulty", "less than or equal to 3"),
    "another category": (GOAT, line(id="return-99-goat"), "id", "several_subjects-"),
    "number taken": (GOAT, line(id="several_subjects-01-goat"), "id", "too"),
    "id taken": (GOAT, line(id="several_subjects-01-chess-park"), "id", "is in line"),
    "too few segments": (GOAT, line(difficulty=3), "segments", "6 to 8"),
    "too short": (GOAT, part(0, text="A white goat stands."), "segments.0.text", "4 words"),
    "too long": (GOAT, said(0, "hazy", "hazy " * 30), "segments.0.text", "8 to 45"),
    "no full stop": (GOAT, said(0, "sky.", "sky"), "segments.0.text", "full stop"),
    "foreign letter": (GOAT, said(0, "hazy", "h\u00e4zy"), "segments.0.text", "\u00e4"),
    "figure": (GOAT, said(0, "bright", "2"), "segments.0.text", "characters 2"),
    "doubled space": (GOAT, said(0, "A ", "A  "), "segments.0.text", "spaces"),
    "small letter first": (GOAT, said(0, "A ", "a "), "segments.0.text", "capital letter"),
    "a name": (GOAT, said(0, "red", "Paris"), "segments.0.text", "no names"),
    "a quotation": (GOAT, said(0, "collar", '"MAX"'), "segments.0.text", "text_and_signs"),
    "sign": ("text_and_signs-03", said(0, "LAKE", "Lake"), "segments.0.text", "in capitals"),
    "a brand": (GOAT, said(0, "red", "tesla"), "segments.0.text", "a brand"),
    "harm": (GOAT, said(0, "red", "bloody"), "segments.0.text", "harm"),
    "pointing back": (GOAT, said(2, "hops", "again hops"), "segments.2.text", "another segment"),
    "pronoun": (GOAT, said(2, "A speckled brown hen", "It"), "segments.2.text", "name the"),
    "no change": (GOAT, copy(1, "goat", "goat"), "segments.1.text", "of the segment before"),
    "subject not named again": (
        GOAT,
        part(2, text="Both animals play on top of each other in gloomy weather."),
        "segments.2.text",
        "identity and scene must stay",
    ),
    "view in other words": (
        "return-01",
        part(2, text="An old man rubs crystal high above foaming waves at sunrise."),
        "segments.2.text",
        "lamp-room is shown",
    ),
    "sound in silence": (GOAT, said(1, "chews", "rings"), "segments.1.text", "'rings' is heard"),
    "sound not in the text": (
        "sound_events-01",
        sounds((1, "a passing dog"), (3, "one stroke on a gong")),
        "sounds.0.text",
        "does not name",
    ),
    "sound elsewhere": (GOAT, sounds((0, "a goat"), (1, "a hen")), "sounds", "no other category"),
    "no sound": ("slow_and_quiet-01", line(category="sound_events"), "sounds", "no other category"),
    "one sound": ("sound_events-04", sounds((1, "a chirp of a stone")), "sounds", "at least 2"),
    "persist out of order": (GOAT, part(1, persist=["style", "light"]), "segments.1.persist", "in"),
    "persist twice": (GOAT, part(1, persist=["style"] * 2), "segments.1.persist", "each once"),
    "style may change": (GOAT, part(1, persist=["scene"]), "segments.1.persist", "style must"),
    "more than action changes": (
        "one_subject-01",
        part(1, persist=["identity", "scene", "style"]),
        "segments.1.persist",
        "must stay",
    ),
    "cut undeclared": (GOAT, part(1, persist=["style"]), "segments.1.persist", "no cut"),
    "cut out of place": (GOAT, line(cuts=[1]), "cuts", "no cut is planned"),
    "cut left out": ("planned_cuts-02", line(cuts=[1, 2]), "cuts", "segments 3 do not"),
    "switch that shows nothing": (
        "one_subject-09",
        all_of(copy(1, "at the centre", "in the centre"), line(switches=[1])),
        "switches",
        "segment 1 shares",
    ),
    "view shown once": (GOAT, part(1, view="bale"), "segments.1.view", "bale is shown once"),
    "scene stays in another view": (
        "return-01",
        part(1, persist=["scene", "light", "style"]),
        "segments.1.persist",
        "view changes",
    ),
    "no return": ("return-06", every(lambda s: s.pop("view", None)), "segments", "come back"),
    "gap too long": (
        "return-01",
        all_of(part(2, at=0.75), part(3, at=0.875)),
        "segments",
        "difficulty 1 has 0 to 0.25",
    ),
    "gap too short": (
        "return-09",
        all_of(*(part(k, view="square") for k in (1, 2, 3))),
        "segments",
        "difficulty 3 has 0.5 to 1",
    ),
    "light stays": (
        "light_and_weather-01",
        every(lambda s: s.update(persist=EVERYTHING)),
        "segments",
        "light changes in 0 of 4",
    ),
    "more than light changes": (
        "light_and_weather-01",
        part(1, persist=["scene", "style"]),
        "segments.1.persist",
        "only light",
    ),
    "nothing to be read": (
        "text_and_signs-03",
        every(lambda s: s.update(text=s["text"].replace('"LAKE"', "a lake"))),
        "segments",
        "no text to read",
    ),
    "another's storyline": (
        "several_subjects-03",
        line(segments=rows()[0]["segments"]),
        "segments",
        "100% of its runs of three words are those of one_subject-01",
    ),
    "another's segment": (
        GOAT,
        lambda row: row["segments"][4].update(text=rows()[2]["segments"][0]["text"]),
        "segments.4.text",
        "100% of its words are those of one_subject-03-clockmaker-watch, segment 0",
    ),
}


def test_the_standard_set_has_no_fault() -> None:
    assert check_prompt_set(SET) == []


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutated_line_is_found_by_line_and_key(tmp_path: Path, name: str) -> None:
    beginning, change, key, message = MUTATIONS[name]
    near = ("one_subject", beginning[: beginning.index("-")])
    changed = [row for row in rows() if row["category"] in near]
    number = next(k for k, row in enumerate(changed) if row["id"].startswith(beginning))
    change(changed[number])
    faults = check_prompt_set(write(tmp_path / "set.jsonl", changed), whole=False)
    assert {fault.line for fault in faults} == {number + 1}
    assert [f for f in faults if f.key == key and message in f.message], faults


def without(**kept: Any) -> Callable[[list[Row]], list[Row]]:
    """Return a choice of the lines whose keys differ from these."""
    return lambda found: [r for r in found if any(r[key] != v for key, v in kept.items())]


def no_switches(found: list[Row]) -> list[Row]:
    return [row | {"switches": []} for row in found]


@pytest.mark.parametrize(
    ("chosen", "key", "message"),
    [
        (lambda found: found[:100], "the set", "100 prompts; at least 120"),
        (without(category="return"), "category", "return 0"),
        (without(category="return", difficulty=2), "difficulty", "1 4, 2 0, 3 4"),
        (no_switches, "switches", "0 prompts have some; at least 24"),
        (without(category="return", difficulty=3), "view", "gaps of 0.5 to 1 of the clip"),
    ],
)
def test_an_unbalanced_set_is_found_but_not_where_only_lines_are_checked(
    tmp_path: Path, chosen: Callable[[list[Row]], list[Row]], key: str, message: str
) -> None:
    path = write(tmp_path / "set.jsonl", chosen(rows()))
    faults = check_prompt_set(path)
    assert [f for f in faults if f.line == 0 and f.key == key and message in f.message], faults
    assert check_prompt_set(path, whole=False) == []


def test_an_empty_file_is_no_set_and_a_missing_one_an_error(tmp_path: Path) -> None:
    assert check_prompt_set(write(tmp_path / "set.jsonl", []))[0].message == "no prompt"
    with pytest.raises(ConfigError, match="prompt set"):
        check_prompt_set(tmp_path / "none.jsonl")


def test_a_line_that_is_no_json_hides_no_other_fault(tmp_path: Path) -> None:
    path = write(tmp_path / "set.jsonl", [row | {"id": "no"} for row in rows()[:2]])
    path.write_text(path.read_text("utf-8") + "{\n\n", "utf-8")
    found = [(fault.line, fault.key) for fault in check_prompt_set(path, whole=False)]
    assert found == [(1, "id"), (2, "id"), (3, "the line"), (4, "the line")]
