"""Hash the code that a metric or a fault runs, to know which results are out of date."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

OF_METRICS = ("lvbench.metrics", "lvbench.features", "lvbench.stats")
OF_PLANTING = ("lvbench.validity",)


def code_hash(modules: tuple[str, ...], within: tuple[str, ...] = OF_METRICS) -> str:
    """Return 12 hex digits that change when the code of modules changes.

    Comments, docstrings and layout do not count. What a module imports counts as well, as far as
    it is in one of the packages `within`, or in the module's own top-level package if that is
    another one than lvbench.

    Args:
        modules: Dotted names of the modules.
        within: Packages whose modules are followed.

    Examples:
        >>> from lvbench.validity.code_hash import code_hash
        >>> len(code_hash(("lvbench.stats.drift",)))
        12
    """
    own = {name.partition(".")[0] for name in modules} - {"lvbench"}
    followed = (*within, *sorted(own))
    seen: dict[str, str] = {}
    waiting = list(modules)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen[name], imported = _parsed(name, followed)
        waiting += imported
    text = "\n".join(f"{name} {digest}" for name, digest in sorted(seen.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _inside(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@cache
def _parsed(name: str, within: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return the digest of a module's code, and the modules of `within` that it imports."""
    path = _file(name)
    if path is None:
        return "", ()
    tree = ast.parse(path.read_bytes())
    imported = tuple(dict.fromkeys(_imports(tree, within)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node, clean=False
        ):
            del node.body[0]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), imported


def _imports(tree: ast.AST, within: tuple[str, ...]) -> Iterator[str]:
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            names = [node.module]
            file = _file(node.module) if _inside(node.module, within) else None
            if file is not None and file.name == "__init__.py":
                whole = [f"{node.module}.{alias.name}" for alias in node.names]
                names = [name if _file(name) is not None else node.module for name in whole]
        yield from (name for name in names if _inside(name, within))


@cache
def _file(name: str) -> Path | None:
    """Return the source file of a module; None for what is no module in Python."""
    try:
        spec = find_spec(name)
    except (ImportError, AttributeError, ValueError):
        return None
    origin = None if spec is None else spec.origin
    return Path(origin) if origin is not None and origin.endswith(".py") else None
