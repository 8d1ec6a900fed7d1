"""Name, signature and docstring of a function that is made from a metric's class."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from lvbench.metrics.base import AnyMetric


def described(
    function: Callable[..., Any],
    name: str,
    kind: type[AnyMetric],
    inputs: Sequence[inspect.Parameter],
    about: str,
    example: Sequence[str],
) -> None:
    """Give the function made for a metric its name, signature and docstring."""
    own = inspect.signature(kind).parameters.values()
    keywords = [p.replace(kind=p.KEYWORD_ONLY) for p in [*inputs[2:], *own]]
    doc = inspect.cleandoc(kind.__doc__ or "").partition("\n\nArgs:")[0]
    doc = doc.partition("\n\nAttributes:")[0]
    lines = "".join(f"    >>> {line}\n" for line in example)
    own_about = section_of(kind, "Args")
    function.__doc__ = f"{doc}\n\nArgs:\n    {about}{own_about}\nExamples:\n{lines}"
    function.__name__ = function.__qualname__ = name
    function.__module__ = kind.__module__
    vars(function)["__signature__"] = inspect.Signature([*inputs[:2], *keywords])


def section_of(kind: type, title: str) -> str:
    """Return the lines of one section of a docstring."""
    text = inspect.cleandoc(kind.__doc__ or "").partition(f"\n\n{title}:\n")[2]
    return "".join(f"{line}\n" for line in text.partition("\n\n")[0].splitlines())
