"""Fill the places of a call to a hosted model, and find values in its answers."""

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
    """Refuse places that do not exist, anywhere in a body.

    Raises:
        ValueError: There is one.
    """
    known = tuple(known)
    for text in _texts(content):
        for place in _PLACE.findall(text):
            if place not in known:
                raise ValueError(f"unknown place {{{place}}}; places are {_shown(known)}")


def values_of(request: Request, plan: ClipPlan) -> dict[str, Any]:
    """Return what the places of a body stand for; lengths, rate and size are the plan's."""
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
    """Return a body with its places filled; a text that is one place becomes the value itself."""
    if isinstance(content, dict):
        return {key: filled(value, values) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [filled(value, values) for value in content]
    if not isinstance(content, str):
        return content
    whole = _PLACE.fullmatch(content)
    if whole:
        return values[whole[1]]
    return _PLACE.sub(lambda found: str(values[found[1]]), content)


def address(template: str, job: str) -> str:
    """Return an address with the job's name in it."""
    return template.replace("{job}", quote(job, safe=""))


def at(answer: Any, path: str) -> Any:
    """Return what stands at a dotted path, numbers being places in lists.

    Raises:
        KeyError: Nothing does.
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
    """Return a whole number as one: many services refuse 8.0 where they want 8."""
    return int(number) if number == int(number) else number


def _shown(places: Iterable[str]) -> str:
    return " ".join(f"{{{place}}}" for place in places)
