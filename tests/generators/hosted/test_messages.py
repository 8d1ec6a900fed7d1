"""Places of a call are filled with values of their kind; dotted paths find values in answers."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from lvbench.generators.contract.types import ClipPlan, Request
from lvbench.generators.hosted.messages import PLACES, address, at, filled, values_of
from lvbench.video.manifest.entry import Prompt

REQUEST = Request("a", (Prompt(text="x"), Prompt(start=2.0, text="y")), 5.0, 24.0, 64, 48, 7)
VALUES = values_of(REQUEST, ClipPlan(81, 16.0, 832, 480))


def test_every_place_has_a_value() -> None:
    assert set(VALUES) == set(PLACES)
    assert VALUES["prompts"] == [{"start": 0.0, "text": "x"}, {"start": 2.0, "text": "y"}]
    assert VALUES["seconds"] == 5.0625
    assert (VALUES["fps"], VALUES["frames"], VALUES["size"]) == (16, 81, "832x480")
    assert isinstance(VALUES["fps"], int)


def test_a_body_is_filled_at_every_depth() -> None:
    body = {
        "a": "{frames}",
        "b": [{"c": "{prompt} at {fps}"}, 3, None, True],
        "{seed}": "{prompts}",
    }
    assert filled(body, VALUES) == {
        "a": 81,
        "b": [{"c": "x at 16"}, 3, None, True],
        "{seed}": VALUES["prompts"],
    }


def test_a_place_that_a_prompt_spells_is_not_filled() -> None:
    spelling = replace(REQUEST, prompts=(Prompt(text="{seed}"),))
    values = values_of(spelling, ClipPlan(1, 1.0, 1, 1))
    assert filled({"a": "{prompt}", "b": "a {prompt}"}, values) == {"a": "{seed}", "b": "a {seed}"}


def test_a_picture_is_sent_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x00\xff")
    given = replace(REQUEST, image=tmp_path / "a.png")
    assert base64.b64decode(values_of(given, ClipPlan(1, 1.0, 1, 1))["image"]) == b"\x00\xff"


def test_dotted_paths() -> None:
    answer = {"data": [{"url": "u"}, 2], "n": {"0": "zero"}}
    assert at(answer, "data.0.url") == "u"
    assert at(answer, "data.1") == 2
    assert at(answer, "n.0") == "zero"
    for path in ("data.2", "data.x", "nothing", "data.1.x", ""):
        with pytest.raises(KeyError):
            at(answer, path)


def test_a_jobs_name_is_quoted_in_an_address() -> None:
    assert address("https://a/{job}/x", "../b?c") == "https://a/..%2Fb%3Fc/x"
