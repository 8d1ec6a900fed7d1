"""Render self-contained pages: style and script inlined, everything else forbidden by policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from lvbench.printing import visible
from lvbench.results.files import canonical_json

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


import os
from pathlib import Path
from urllib.parse import quote


def render_page(
    template: str, *, data: Any = None, scripts: tuple[str, ...] = ("page.js",), **context: Any
) -> str:
    """Return a self-contained page, the same bytes for the same content.

    Args:
        template: Name of the template.
        data: JSON to embed as the script element `results`; None for none.
        scripts: Scripts to inline, in order.
        context: Variables of the template; every string is escaped.
    """
    from markupsafe import Markup

    environment = _environment()
    script = "\n\n".join(_source(name) for name in scripts)
    return environment.get_template(template).render(
        css=Markup(_source("page.css")),
        script=Markup(script),
        policy=_policy(script),
        data=embedded_json(data) if data is not None else "",
        **context,
    )


def embedded_json(content: Any) -> Markup:
    """Return JSON without characters of markup, safe in HTML for all strings."""
    from markupsafe import Markup

    text = canonical_json(content)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(visible(text))


def _policy(script: str) -> str:
    """Allow this page's own script by its hash, inline styles, embedded images and local video."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; media-src 'self' file:; base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("lvbench.report", "templates"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: Any) -> Any:
    """Make direction characters visible in text; keep markup unchanged."""
    return visible(value) if type(value) is str else value


@cache
def _source(name: str) -> str:
    from importlib.resources import files

    return files("lvbench.report").joinpath("templates", name).read_text("utf-8").strip()


def relative_address(file: Path, folder: Path) -> str | None:
    """Return the address of a file relative to a page, None if they share too short a path.

    The address contains the folders below the common one. If that is the root of the file system
    or the folder of all homes, the address would reveal nearly the entire path of the file.

    Args:
        file: The file.
        folder: The folder of the page.
    """
    own, page = os.path.abspath(file), os.path.abspath(folder)  # noqa: PTH100
    shared = Path(os.path.commonpath([own, page]))
    if shared in (Path(shared.anchor), Path.home().parent):
        return None
    return quote(Path(os.path.relpath(own, page)).as_posix())


def jpeg_address(jpeg: bytes) -> str:
    """Return the `data:` address of a JPEG picture."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
