"""Names and folders of new files: check a name, find the checkout, write what does not exist."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from lvbench.errors import UsageError

MOST_LETTERS = 30
_SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_KEBAB = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Created:
    """List what a command wrote.

    Attributes:
        written: New files, relative to the folder in which they are.
        edited: Files to which the command added lines.
        next_steps: What to do next, a line each.
    """

    written: tuple[Path, ...]
    edited: tuple[Path, ...]
    next_steps: tuple[str, ...]


def class_name(name: str) -> str:
    """Return the class of a metric or generator: `temporal_flicker` is `TemporalFlicker`."""
    return "".join(word.capitalize() for word in re.split("[_-]", name))


def words(name: str) -> str:
    """Return a name as words of a sentence: `temporal_flicker` is `temporal flicker`."""
    return re.sub("[_-]", " ", name)


def check_name(kind: str, name: str, taken: Mapping[str, Iterable[str]]) -> None:
    """Refuse a name that is malformed or taken.

    Args:
        kind: `metric`, `generator` or `protocol`.
        name: The name requested.
        taken: Names in use, by what they are: `{"a metric": ["freeze", ...]}`.

    Raises:
        UsageError: The name cannot be used; the message states why.
    """
    pattern = _SNAKE if kind == "metric" else _KEBAB
    marks = "underscores" if kind == "metric" else "underscores or hyphens"
    found = None
    if not pattern.fullmatch(name) or keyword.iskeyword(name):
        found = "the name is no lower-case identifier"
    elif len(name) > MOST_LETTERS:
        found = f"the name has {len(name)} characters, at most {MOST_LETTERS} are allowed"
    for what, names in taken.items():
        if name in names:
            found = f"the name is that of {what}"
    if found:
        raise UsageError(
            f"create the {kind} '{name}'",
            found=found,
            where=f"the name '{name}'",
            fix=f"choose another: small letters, digits and {marks}, as in my_{kind}",
        )


def find_checkout(start: Path) -> Path:
    """Return the root of the lvbench checkout that contains `start`.

    Raises:
        UsageError: No parent folder is one.
    """
    for folder in (start, *start.parents):
        if (folder / "metrics" / "registry.py").is_file() and (folder / "lvbench").is_dir():
            return folder
    raise UsageError(
        "find the checkout of lvbench",
        found="neither this folder nor a parent of it is one",
        where=str(start),
        fix="run the command in a clone of the repository, or give --plugin FOLDER",
    )


def rendered(template: str, values: Mapping[str, str]) -> str:
    """Return a template's text with the values in it; a Python file must be free of clashes.

    Raises:
        UsageError: A class or function of the file would hide a name that the file imports.
    """
    source = files("lvbench.scaffold").joinpath("templates", template).read_text("utf-8")
    text = Template(source).substitute(values)
    if template.endswith(".py.tmpl"):
        _refuse_clash(text, values["name"])
    return text


def _refuse_clash(code: str, name: str) -> None:
    body = ast.parse(code).body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.asname or alias.name for node in imports for alias in node.names}
    defined = {node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    if names & defined:
        raise UsageError(
            f"create '{name}'",
            found=f"its file imports another {', '.join(sorted(names & defined))}",
            where=f"the name '{name}'",
            fix="choose a longer name",
        )


def write_new(root: Path, contents: Mapping[Path, str]) -> None:
    """Write files that do not exist yet: all of them, or none.

    Args:
        root: Folder to which the paths are relative.
        contents: Text by path.

    Raises:
        UsageError: One of the files exists.
    """
    for path in contents:
        if (root / path).exists():
            raise UsageError(
                f"write {path}",
                found="the file exists, and nothing is overwritten",
                where=str(root / path),
                fix="choose another name, or remove the file",
            )
    for path, text in contents.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
