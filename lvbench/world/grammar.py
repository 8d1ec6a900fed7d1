"""The closed grammar of the world's prompts: one line of text is one shot."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from lvbench.errors import ConfigError

SCENES = ("meadow", "harbour", "desert", "city", "snow", "forest")
SHAPES = ("disc", "square", "triangle", "ring", "cross")
HUES = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink")
PATTERNS = ("solid", "striped", "spotted")
CAMERAS = ("still", "pan left", "pan right", "return left", "return right")
LIGHTS = ("noon", "dusk", "cycle")
IDENTITIES = len(SHAPES) * len(HUES) * len(PATTERNS)
MOST_CAST = 3
LEVELS = 4

EXAMPLE = "scene=meadow; cast=red striped disc, blue solid square; camera=return right; light=cycle"
_KEYS = ("scene", "cast", "camera", "light")
_GRAMMAR = (
    f"write a line such as '{EXAMPLE}'; scene: {', '.join(SCENES)}; cast: 1 to {MOST_CAST} "
    f"different members 'HUE PATTERN SHAPE' with hue: {', '.join(HUES)}; "
    f"pattern: {', '.join(PATTERNS)}; shape: {', '.join(SHAPES)}; "
    f"camera: {', '.join(CAMERAS)}; light: {', '.join(LIGHTS)}"
)


@dataclass(frozen=True, slots=True)
class Character:
    """Appearance of a cast member, which never changes.

    Attributes:
        shape: One of `SHAPES`.
        hue: One of `HUES`.
        pattern: One of `PATTERNS`.
    """

    shape: str
    hue: str
    pattern: str

    def __post_init__(self) -> None:
        _known("hue", self.hue, HUES, self.text)
        _known("pattern", self.pattern, PATTERNS, self.text)
        _known("shape", self.shape, SHAPES, self.text)

    @property
    def text(self) -> str:
        """Return its words, hue first."""
        return f"{self.hue} {self.pattern} {self.shape}"

    @property
    def number(self) -> int:
        """Return its number among the `IDENTITIES`, from 0."""
        row = SHAPES.index(self.shape) * len(HUES) + HUES.index(self.hue)
        return row * len(PATTERNS) + PATTERNS.index(self.pattern)

    @classmethod
    def of(cls, number: int) -> Character:
        """Return the character of that number."""
        if not 0 <= number < IDENTITIES:
            raise _refused(
                f"no character number {number}",
                str(number),
                f"give 0 to {IDENTITIES - 1}",
            )
        row, pattern = divmod(number, len(PATTERNS))
        shape, hue = divmod(row, len(HUES))
        return cls(SHAPES[shape], HUES[hue], PATTERNS[pattern])


@dataclass(frozen=True, slots=True)
class Shot:
    """Content of one prompt, until the start of the next.

    Attributes:
        start: Seconds since the clip's start.
        scene: One of `SCENES`.
        cast: 1 to `MOST_CAST` different characters, the first in front.
        camera: One of `CAMERAS`.
        light: One of `LIGHTS`.
    """

    start: float
    scene: str
    cast: tuple[Character, ...]
    camera: str
    light: str

    def __post_init__(self) -> None:
        _known("scene", self.scene, SCENES, self.text)
        _known("camera", self.camera, CAMERAS, self.text)
        _known("light", self.light, LIGHTS, self.text)
        if not 1 <= len(self.cast) <= MOST_CAST:
            raise _refused(f"{len(self.cast)} members in the cast", self.text)
        if len(set(self.cast)) < len(self.cast):
            raise _refused("a member of the cast is named twice", self.text)

    @property
    def text(self) -> str:
        """Return the canonical line, the inverse of `parse`."""
        cast = ", ".join(member.text for member in self.cast)
        return f"scene={self.scene}; cast={cast}; camera={self.camera}; light={self.light}"


def parse(text: str, start: float = 0.0) -> Shot:
    """Return the shot described by a prompt.

    Args:
        text: One line of the grammar; blanks around separators are ignored.
        start: Seconds since the clip's start.

    Raises:
        ConfigError: The text does not match the grammar (`not_world_text`).
    """
    values = {}
    parts = text.split(";")
    for key, part in zip(_KEYS, parts, strict=False):
        name, mark, value = (" ".join(piece.split()) for piece in part.partition("="))
        if name != key or not mark:
            raise _refused(f"'{part.strip()}' instead of '{key}=...'", text)
        values[key] = value
    if len(parts) != len(_KEYS):
        raise _refused(f"{len(parts)} parts instead of {len(_KEYS)}", text)
    cast = tuple(_member(words.split(), text) for words in values["cast"].split(","))
    for key, words in (("scene", SCENES), ("camera", CAMERAS), ("light", LIGHTS)):
        _known(key, values[key], words, text)
    return Shot(start, values["scene"], cast, values["camera"], values["light"])


def schedule(prompts: Sequence[tuple[float, str]]) -> tuple[Shot, ...]:
    """Return the shots of a prompt schedule.

    Args:
        prompts: Start in seconds and text of each; the first starts at 0, starts increase.

    Raises:
        ConfigError: A text does not match the grammar, or the starts are not in order.
    """
    shots = tuple(parse(text, start) for start, text in prompts)
    check_starts(shots)
    return shots


def check_starts(shots: Sequence[Shot]) -> None:
    """Refuse shots that do not start at 0 or whose starts do not increase."""
    starts = [shot.start for shot in shots]
    if not starts or starts[0] != 0 or sorted(set(starts)) != starts:
        raise ConfigError(
            "read the prompt schedule",
            found=f"prompts start at {starts or 'no time'}",
            where="the prompts' start times",
            fix="start the first at 0 and each later one after the one before",
        )


def level(shots: Sequence[Shot]) -> int:
    """Return the lowest level whose vocabulary covers the shots.

    0: one shot of solid characters, camera still, noon. 1: the camera moves. 2: patterns, dusk
    and the cycle of light. 3: several shots.
    """
    if len(shots) > 1:
        return 3
    if any(m.pattern != "solid" for s in shots for m in s.cast):
        return 2
    if any(shot.light != "noon" for shot in shots):
        return 2
    return int(any(shot.camera != "still" for shot in shots))


def _member(words: list[str], text: str) -> Character:
    if len(words) != 3:
        raise _refused(f"'{' '.join(words)}' instead of 'HUE PATTERN SHAPE'", text)
    hue, pattern, shape = words
    for kind, word, known in (
        ("hue", hue, HUES),
        ("pattern", pattern, PATTERNS),
        ("shape", shape, SHAPES),
    ):
        _known(kind, word, known, text)
    return Character(shape, hue, pattern)


def _known(kind: str, word: str, known: tuple[str, ...], text: str) -> None:
    if word not in known:
        nearest = difflib.get_close_matches(word, known, n=1, cutoff=0.0)[0]
        raise _refused(f"'{word}' is not a {kind}; nearest: {nearest}", text)


def _refused(found: str, text: str, fix: str = _GRAMMAR) -> ConfigError:
    return ConfigError(
        "read the world's prompt", found=found, where=repr(text), fix=fix, code="not_world_text"
    )
