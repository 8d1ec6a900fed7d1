"""At 48 pixels, who is who can be told from the pixels alone, and so can the scenes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.world.grammar import HUES, IDENTITIES, LIGHTS, SCENES, Character
from lvbench.world.palette import HUE_RGB, INK, TINTS
from lvbench.world.render import paint, picture
from tests.world.worlds import staged

SIZE, HALF = 48, 9
SIDE = 2 * HALF + 1
Picture = NDArray[np.float64]
EVERYONE = [Character.of(number) for number in range(IDENTITIES)]


def views(scene: str, light: str, frame: int) -> Iterator[tuple[Picture, Picture]]:
    """Yield everyone's surroundings and the ground there, under a light made even."""
    for who in EVERYONE:
        world = staged(who.text, scene=scene, light=light, seed=who.number)
        truth = world.truth(frame, frame + 1, SIZE, SIZE)
        view = world.render(frame, frame + 1, SIZE, SIZE)[0] / truth.gain[0]
        x, y = np.rint(truth.centres[0, 0]).astype(int)
        # On a plain stage a line is the same all along: it is seen bare at the far end.
        bare = np.repeat(view[:, -1 if x < SIZE / 2 else 0][:, None], SIZE, axis=1)
        room = ((HALF, HALF), (HALF, HALF), (0, 0))
        rows, columns = slice(y, y + SIDE), slice(x, x + SIDE)
        yield np.pad(view, room)[rows, columns], np.pad(bare, room)[rows, columns]


def recognised(scene: str, light: str, frame: int) -> list[str]:
    """Return what was taken for something else, each looked at pixel by pixel.

    Everyone is expected with the centre in the middle of a pixel, which it hardly ever is.
    """
    place = np.arange(-HALF, HALF + 1, dtype=np.float32) / SIZE
    painted = [paint(who, place[None, None], place[None, :, None], SIZE) for who in EVERYONE]
    share = np.stack([covered[0] for covered, _ in painted])[..., None]
    colour = np.stack([colours[0].transpose(1, 2, 0) for _, colours in painted])
    wrong = []
    for who, (view, bare) in zip(EVERYONE, views(scene, light, frame), strict=True):
        apart = np.square(bare * (1 - share) + colour - view).sum(axis=(1, 2, 3))
        taken = EVERYONE[int(apart.argmin())]
        wrong += [f"{who.text} for {taken.text}"] if taken != who else []
    return wrong


@pytest.mark.parametrize("scene", SCENES)
def test_everyone_is_recognised_in_every_scene(scene: str) -> None:
    assert recognised(scene, "noon", 3) == []


@pytest.mark.parametrize("light", LIGHTS)
def test_everyone_is_recognised_in_every_light(light: str) -> None:
    # The cycle is darkest in frame 160.
    assert recognised("meadow", light, 160) == []


def lab(colours: list[tuple[int, int, int]]) -> NDArray[np.float32]:
    image = np.array([colours], np.float32) / 255
    return cv2.cvtColor(image, cv2.COLOR_RGB2LAB)[0]


def test_hues_and_tints_lie_far_apart() -> None:
    for colours, least in ((list(HUE_RGB.values()), 35), (list(TINTS.values()), 35)):
        places = lab(colours)
        assert min(np.linalg.norm(a - b) for a, b in combinations(places, 2)) > least


def test_characters_are_more_colourful_than_all_the_rest() -> None:
    dullest = min(np.hypot(a, b) for _, a, b in lab([HUE_RGB[hue] for hue in HUES]))
    world = staged("red solid disc", level=2)
    others = list(TINTS.values())
    for scene in SCENES:
        world = staged("red solid disc", scene=scene, level=2)
        view, ids = world.render(0, 1, SIZE, SIZE)[0], world.truth(0, 1, SIZE, SIZE).ids[0]
        others += [tuple(colour) for colour in view[(ids == 0) | (ids >= 32)].tolist()]
    # A pixel in a hundred may hold a part of the disc.
    chroma = np.hypot(*lab(others).T[1:])
    assert np.quantile(chroma, 0.99) < dullest


def test_scenes_are_told_apart_by_their_mean_colours() -> None:
    worlds = {scene: staged("red solid disc", scene=scene) for scene in SCENES}
    means = {
        s: w.render(0, 1, SIZE, SIZE)[0, ::40].reshape(-1, 3).mean(0) for s, w in worlds.items()
    }
    closest = min(np.linalg.norm(means[a] - means[b]) for a, b in combinations(SCENES, 2))
    assert closest > 25


@pytest.mark.parametrize("size", [16, 17, 64])
def test_a_picture_for_legends_fills_its_square(size: int) -> None:
    for who in EVERYONE[::5]:
        rgba = picture(who, size)
        assert rgba.shape == (size, size, 4)
        assert rgba.dtype == np.uint8
        alpha = rgba[..., 3]
        assert alpha.max() == 255
        assert np.all(rgba[alpha == 0] == 0)
        rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
        assert len(rows) > 0.75 * size
        assert len(columns) > 0.75 * size
        colours = Counter(map(tuple, rgba[alpha == 255][:, :3].tolist()))
        assert colours[HUE_RGB[who.hue]] > 0.04 * size**2
        if size == 64:
            assert colours.most_common(1)[0][0] in (HUE_RGB[who.hue], INK)
