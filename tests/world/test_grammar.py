"""The grammar: every line that it can say comes back, and nothing else is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvbench.errors import ConfigError
from lvbench.world.grammar import (
    CAMERAS,
    EXAMPLE,
    IDENTITIES,
    LIGHTS,
    MOST_CAST,
    SCENES,
    Character,
    Shot,
    level,
    parse,
    schedule,
)

numbers = st.lists(st.integers(0, IDENTITIES - 1), min_size=1, max_size=MOST_CAST, unique=True)
DISC = "cast=red solid disc"


def line(scene: str = "snow", cast: str = DISC, camera: str = "still", light: str = "noon") -> str:
    return f"scene={scene}; {cast}; camera={camera}; light={light}"


@given(
    st.sampled_from(SCENES),
    numbers,
    st.sampled_from(CAMERAS),
    st.sampled_from(LIGHTS),
    st.floats(0, 1e6),
)
def test_every_shot_comes_back_from_its_line(
    scene: str, cast: list[int], camera: str, light: str, start: float
) -> None:
    shot = Shot(start, scene, tuple(map(Character.of, cast)), camera, light)
    assert parse(shot.text, start) == shot
    assert parse(shot.text.replace(" ", "   ").replace(";", " ; "), start) == shot


def test_the_example_is_canonical() -> None:
    assert parse(EXAMPLE).text == EXAMPLE


def test_identities_are_numbered() -> None:
    everyone = [Character.of(number) for number in range(IDENTITIES)]
    assert len(set(everyone)) == IDENTITIES == 120
    assert [who.number for who in everyone] == list(range(IDENTITIES))
    with pytest.raises(ConfigError, match="give 0 to 119"):
        Character.of(IDENTITIES)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("A baker kneads dough on a wooden table.", "instead of 'scene=...'"),
        ("", "instead of 'scene=...'"),
        (line(scene="medow"), "'medow' is not a scene; nearest: meadow"),
        (line(cast="cast=rad solid disc"), "nearest: red"),
        (line(cast="cast=red stripy disc"), "nearest: striped"),
        (line(cast="cast=red solid disk"), "nearest: disc"),
        (line(cast="cast=red disc"), "instead of 'HUE PATTERN SHAPE'"),
        (line(cast="cast="), "instead of 'HUE PATTERN SHAPE'"),
        (line(cast=DISC + ", red solid disc"), "named twice"),
        (line(cast=DISC + ", blue solid disc, pink solid disc, cyan solid disc"), "4 members"),
        (line(camera="pan up"), "is not a camera"),
        (line(light="Noon"), "nearest: noon"),
        (line() + "; sound=on", "5 parts instead of 4"),
        (line().rpartition(";")[0], "3 parts instead of 4"),
        ("cast=red solid disc; scene=snow; camera=still; light=noon", "instead of 'scene=...'"),
        (line() + "\n" + line(), "7 parts"),
    ],
)
def test_any_other_text_is_refused_with_the_grammar(text: str, hint: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(text)
    assert refused.value.code == "not_world_text"
    assert hint in str(refused.value)
    for word in ("meadow", "striped", "triangle", "return left", "cycle", "purple"):
        assert word in refused.value.fix


@pytest.mark.parametrize("starts", [(), (1.0,), (0.0, 0.0), (0.0, 5.0, 3.0)])
def test_a_schedule_out_of_order_is_refused(starts: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="start the first at 0"):
        schedule([(start, line()) for start in starts])


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([line()], 0),
        ([line(camera="pan left")], 1),
        ([line(light="dusk")], 2),
        ([line(camera="pan left", light="cycle")], 2),
        ([line(cast="cast=red solid disc, red spotted disc")], 2),
        ([line(), line(scene="city")], 3),
    ],
)
def test_a_level_has_all_that_is_named(lines: list[str], wanted: int) -> None:
    assert level(schedule([(9.0 * i, text) for i, text in enumerate(lines)])) == wanted
