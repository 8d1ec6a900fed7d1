"""Sampling switches: published remedies against drift, and presets built from them."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args, get_type_hints

from lvbench.errors import UsageError

Sampler = Literal["frame", "chunk", "rolling"]
Solver = Literal["euler", "heun", "renoise"]
Correct = Literal["none", "colour"]
Noise = Literal["frame", "shared"]
Dtype = Literal["float32", "bfloat16", "int8"]


@dataclass(frozen=True, slots=True)
class Switches:
    """Sampling settings; each switch is a published remedy or its absence.

    Attributes:
        sampler: `rolling`, the last frames at rising noise levels (Rolling Diffusion; Diffusion
            Forcing's pyramid); `frame` by frame; `chunk` by chunk, its frames at one level.
        chunk: Frames of a chunk.
        overlap: Frames of the preceding chunk that are recomputed as the past of a chunk.
        steps: Denoising steps per frame.
        shift: Warp of the steps towards noise (1: even).
        opening: Steps of a clip's first frame, warped by 3: it has no past and determines the
            layout; 0 for as many as the others. Does not apply to chunks.
        solver: `euler`; `heun`, two passes a step; `renoise`, fresh noise after every step (Self
            Forcing).
        noise: `frame`: independent noise for each frame; `shared`: the same noise for all frames
            of a clip (as FreeNoise repeats noise).
        history_noise: Noise level added to the past and passed to the network (Diffusion Forcing).
        sink: First frames of the clip that every later frame attends to (LongLive, Rolling
            Forcing).
        window: Largest number of visible frames, including the frame itself; 0 for that of
            training.
        recache: Frames after which keys and values of the past are recomputed; 0 for never.
        reset: Seconds after which the past is dropped and the noise repeats; 0 for never (as in
            sink collapse, or chunks generated independently).
        history_guidance: Strength of guidance by the past (DFoT); 0 for none.
        cfg: Strength of classifier-free guidance by the prompt; 1 for none.
        prompt_seconds: Seconds after which the prompt is withheld; 0 for never.
        memory: Frames of an earlier view from the same place that are recalled on return.
        correct: `colour` moves mean colours back to those of the shot's first second.
        clamp: Whether predicted frames are clamped to the pixel range.
        dtype: `float32`; `bfloat16` or `int8` for matrix products.
        prune: Share of each block's hidden units that is removed.
    """

    sampler: Sampler = "rolling"
    chunk: int = 8
    overlap: int = 8
    steps: int = 5
    shift: float = 1.0
    opening: int = 16
    solver: Solver = "euler"
    noise: Noise = "frame"
    history_noise: float = 0.05
    sink: int = 0
    window: int = 0
    recache: int = 0
    reset: float = 0.0
    history_guidance: float = 0.0
    cfg: float = 1.5
    prompt_seconds: float = 0.0
    memory: int = 0
    correct: Correct = "none"
    clamp: bool = True
    dtype: Dtype = "float32"
    prune: float = 0.0

    def __post_init__(self) -> None:
        wrong = [
            name for name, low, high in _LIMITS if not low <= float(getattr(self, name)) <= high
        ]
        wrong += [name for name, words in _WORDS.items() if getattr(self, name) not in words]
        if wrong:
            name = wrong[0]
            limits = {n: f"{low:g} to {high:g}" for n, low, high in _LIMITS}
            allowed = limits.get(name) or " or ".join(_WORDS.get(name, ()))
            raise _refused(f"{name}={getattr(self, name)}", f"give {allowed}")

    def changed(self, text: str) -> Switches:
        """Return the switches updated by `name=value,name=value`.

        Raises:
            UsageError: A switch is unknown, or a value is invalid.
        """
        changes = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            name, mark, value = part.partition("=")
            if not mark or name not in _KINDS:
                raise _refused(f"'{part}'", f"switches are {', '.join(_KINDS)}, as NAME=VALUE")
            changes[name] = _value(name, value)
        return replace(self, **changes)

    def text(self) -> str:
        """Return the switches that differ from the default, in the format of `changed`."""
        plain = Switches()
        differ = [f.name for f in fields(self) if getattr(self, f.name) != getattr(plain, f.name)]
        return ",".join(f"{name}={str(getattr(self, name)).lower()}" for name in differ)


def switch_help() -> dict[str, str]:
    """Return the description of each switch, by name, from the class docstring."""
    text = inspect.cleandoc(Switches.__doc__ or "").partition("Attributes:")[2]
    entries = [" ".join(part.split()) for part in re.split(r"\n {4}(?=\w)", text)]
    pairs = (entry.partition(": ") for entry in entries if entry)
    return {name: description for name, _, description in pairs}


_KINDS = get_type_hints(Switches)
_WORDS = {name: get_args(kind) for name, kind in _KINDS.items() if get_args(kind)}
_LIMITS = (
    ("chunk", 1, 64), ("overlap", 0, 64), ("steps", 1, 1000), ("shift", 0.1, 20),
    ("opening", 0, 1000), ("history_noise", 0, 1), ("sink", 0, 8), ("window", 0, 256),
    ("recache", 0, 1e6), ("reset", 0, 1e6), ("history_guidance", 0, 20), ("cfg", 0, 20),
    ("prompt_seconds", 0, 1e6), ("memory", 0, 8), ("prune", 0, 0.9),
)  # fmt: skip

# The presets; the last five are deliberately bad, by sampler settings alone.
SAMPLING = {
    "default": Switches(),
    "drift-demo": Switches(
        sampler="frame",
        steps=2,
        window=3,
        clamp=False,
        history_guidance=0.3,
        history_noise=0.0,
        cfg=1.0,
    ),
    "seam-demo": Switches(sampler="chunk", chunk=16, overlap=0),
    "freeze-demo": Switches(sampler="frame", sink=2, window=3, noise="shared"),
    "reset-demo": Switches(sampler="frame", reset=16.0),
    "forget-demo": Switches(sampler="frame", window=4, prompt_seconds=4.0),
}


def switches(text: str) -> tuple[str, Switches]:
    """Return name and switches of `preset` or `preset,switch=value,...`.

    The preset may also be a size (`tiny`), which is sampled with default switches.

    Raises:
        UsageError: A switch is unknown, or a value is invalid.
    """
    name, _, changes = text.partition(",")
    return name, SAMPLING.get(name, Switches()).changed(changes)


def _value(name: str, text: str) -> Any:
    kind = _KINDS[name]
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise _refused(f"{name}={text}", "give true or false")
        return text.lower() == "true"
    if kind not in (int, float):
        return text
    try:
        return kind(text)
    except ValueError as error:
        raise _refused(f"{name}={text}", f"give a number ({kind.__name__})") from error


def _refused(found: str, fix: str) -> UsageError:
    return UsageError(
        "set a switch of the reference model", found=found, where="the switches", fix=fix
    )
