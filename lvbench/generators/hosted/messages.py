"""Fill the placeholders of a call to a hosted model, and look up values in its responses."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from lvbench.generators.contract.types import ClipPlan, Request

PLACES = (
    *("id", "prompt", "prompts", "seconds", "frames", "fps", "width", "height", "size"),
    *("seed", "image"),
)
_PLACE = re.compile(r"\{([A-Za-z_]*)\}")


def check_places(content: Any, known: Iterable[str] = PLACES) -> None:
    """Refuse unknown placeholders anywhere in a body.

    Raises:
        ValueError: A placeholder is unknown.
    """
    known = tuple(known)
    for text in _texts(content):
        for place in _PLACE.findall(text):
            if place not in known:
                raise ValueError(f"unknown placeholder {{{place}}}; use {_shown(known)}")


def values_of(request: Request, plan: ClipPlan) -> dict[str, Any]:
    """Return the values of the placeholders; length, rate and size are the plan's."""
    prompts = [{"start": prompt.start, "text": prompt.text} for prompt in request.prompts]
    image = request.image
    return {
        "id": request.id,
        "prompt": prompts[0]["text"] if prompts else "",
        "prompts": prompts,
        "seconds": _plain(plan.seconds),
        "frames": plan.frames,
        "fps": _plain(plan.fps),
        "width": plan.width,
        "height": plan.height,
        "size": f"{plan.width}x{plan.height}",
        "seed": request.seed,
        "image": None if image is None else base64.b64encode(image.read_bytes()).decode(),
    }


def filled(content: Any, values: Mapping[str, Any]) -> Any:
    """Return a filled body; a string that is a single placeholder becomes the value itself."""
    if isinstance(content, dict):
        return {key: filled(value, values) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [filled(value, values) for value in content]
    if not isinstance(content, str):
        return content
    single = _PLACE.fullmatch(content)
    if single:
        return values[single[1]]
    return _PLACE.sub(lambda found: str(values[found[1]]), content)


def address(template: str, job: str) -> str:
    """Return a URL with the job id filled in."""
    return template.replace("{job}", quote(job, safe=""))


def at(answer: Any, path: str) -> Any:
    """Return the value at a dotted path; numbers are list indices.

    Raises:
        KeyError: The path does not exist.
    """
    found = answer
    for part in path.split("."):
        try:
            found = found[int(part)] if isinstance(found, list) else found[part]
        except (KeyError, IndexError, TypeError, ValueError):
            raise KeyError(path) from None
    return found


def _texts(content: Any) -> Iterable[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _texts(value)


def _plain(number: float) -> float | int:
    """Return an integer if the value is integral: many services refuse 8.0 for 8."""
    return int(number) if number == int(number) else number


def _shown(places: Iterable[str]) -> str:
    return " ".join(f"{{{place}}}" for place in places)
