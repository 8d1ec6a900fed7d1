"""Create a metric, a generator or a protocol, in a checkout or as a plugin package."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from lvbench.errors import UsageError
from lvbench.scaffold.place import (
    Created,
    check_name,
    class_name,
    rendered,
    words,
    write_new,
)

FAMILIES = {
    "drift": "over time",
    "identity": "over time",
    "motion": "motion",
    "seams": "seams",
    "semantics": "text",
}
"""Families that the template serves, with the group of the score table."""
_MOST_COLUMNS = 100 + len("\n")
_REGISTRY = Path("lvbench/generators/registry.py")
_GENERATORS_PAGE = Path("docs/generators.md")
_PROTOCOLS_PAGE = Path("docs/protocols.md")


def new_metric(name: str, family: str, root: Path) -> Created:
    """Write code, card and test of a metric into a checkout; discovery registers it.

    Args:
        name: Registry name, in snake case.
        family: Folder of the metric, one of `FAMILIES`.
        root: Root of the checkout.

    Raises:
        UsageError: The name or family cannot be used, or a file exists.
    """
    _check_metric(name)
    if family not in FAMILIES:
        raise UsageError(
            f"create the metric '{name}'",
            found=f"there is no template for the family '{family}'",
            where="--family",
            fix=f"use one of {', '.join(FAMILIES)}, or copy a metric of that family by hand",
        )
    values = _values("metric", name) | {"group": FAMILIES[family]}
    folder, test = Path("metrics") / family, Path("tests/metrics") / family / f"test_{name}.py"
    contents = {
        folder / f"{name}.py": rendered("metric.py.tmpl", values),
        folder / f"{name}.md": rendered("metric.md.tmpl", values),
        test: rendered("metric_test.py.tmpl", values),
    }
    write_new(root, contents)
    return Created(
        tuple(contents),
        (),
        (
            f"replace the measurement in {folder / name}.py, and its card and test with it",
            f"run: pytest {test}",
            f"run: pytest tests/metrics/test_properties.py -k {name}",
            f"read: lvbench explain {name}",
        ),
    )


def new_generator(name: str, root: Path) -> Created:
    """Write code and test of a generator into a checkout, and register it.

    Args:
        name: Registry name; its module has underscores for hyphens.
        root: Root of the checkout.

    Raises:
        UsageError: The name cannot be used, a file exists, or the registry has another form.
    """
    _check_generator(name)
    values = _values("generator", name)
    stem = name.replace("-", "_")
    registry = _registered(root / _REGISTRY, name, f"lvbench.generators.{stem}:{class_name(name)}")
    page = (root / _GENERATORS_PAGE).read_text("utf-8")
    row = f"| `{name}` | {words(name)} | streamed | none | - |"
    contents = {
        Path("lvbench/generators") / f"{stem}.py": rendered("generator.py.tmpl", values),
        Path("tests/generators") / f"test_{stem}.py": rendered("generator_test.py.tmpl", values),
    }
    write_new(root, contents)
    (root / _REGISTRY).write_text(registry, "utf-8")
    (root / _GENERATORS_PAGE).write_text(_with_row(page, "| NAME |", row), "utf-8")
    code, test = contents
    return Created(
        tuple(contents),
        (_REGISTRY, _GENERATORS_PAGE),
        (
            f"have frames() in {code} yield the clips of your model",
            f"describe it in its row of {_GENERATORS_PAGE}",
            f"run: pytest {test}",
            f"run: lvbench generators check {name}",
        ),
    )


def new_protocol(name: str, like: str, root: Path) -> Created:
    """Write a draft protocol into a checkout, equal to an existing one but for its name.

    Args:
        name: Name of the protocol; its file is `protocols/<name>-v1.yaml`.
        like: Protocol that ships with lvbench, `name` or `name@version`.
        root: Root of the checkout.

    Raises:
        UsageError: The name cannot be used, or the file exists.
        RegistryError: There is no protocol `like`.
    """
    from lvbench.protocol.load import list_protocols

    check_name("protocol", name, {"a protocol": list_protocols(), "another thing": _known()})
    path = Path("protocols") / f"{name}-v1.yaml"
    write_new(root, {path: _draft(name, like)})
    index = root / "protocols" / "index.yaml"
    entry = f"{name}:\n  title: Draft {words(name)}\n  description: >-\n"
    entry += f"    Equal to {like} until it is edited.\n  superseded_by: null\n"
    index.write_text(index.read_text("utf-8") + entry, "utf-8")
    _update_family(root)
    return Created(
        (path,),
        (Path("protocols/index.yaml"), _PROTOCOLS_PAGE),
        (
            f"edit {path}, and title and description in protocols/index.yaml",
            "run: python -m benchmarks.protocol_family docs/protocols.md",
            f"run: lvbench show {name}",
            f"run: pytest tests/protocol -k {name}",
        ),
    )


def new_protocol_file(name: str, like: str, folder: Path) -> Created:
    """Write a draft protocol into a folder that is no checkout; see `new_protocol`."""
    check_name("protocol", name, {"another thing": _known()})
    path = Path(f"{name}-v1.yaml")
    write_new(folder, {path: _draft(name, like)})
    return Created((path,), (), (f"edit {path}", f"run: lvbench plan clips --protocol {path}"))


def new_plugin(kind: str, name: str, folder: Path) -> Created:
    """Write a plugin package with one metric or generator, found by its entry point.

    Args:
        kind: `metric` or `generator`.
        name: Registry name.
        folder: Folder of the package; its name becomes the name of the Python package.

    Raises:
        UsageError: The name cannot be used, or a file exists.
    """
    (_check_metric if kind == "metric" else _check_generator)(name)
    project = folder.resolve().name
    package, stem = re.sub(r"\W", "_", project.lower()), name.replace("-", "_")
    if not package.isidentifier():
        raise UsageError(
            f"create the plugin of the {kind} '{name}'",
            found=f"'{package}' is no name of a Python package",
            where=str(folder),
            fix="choose another folder, as in lvbench-plugin-mine",
        )
    values = _values(kind, name) | {"project": project, "package": package, "kind": kind}
    values |= {"module": f"{package}.{stem}", "group": "over time"}
    contents = {
        Path("pyproject.toml"): rendered("pyproject.toml.tmpl", values),
        Path(package) / "__init__.py": f'"""The {kind} {name} for lvbench."""\n',
        Path(package) / f"{stem}.py": rendered(f"{kind}.py.tmpl", values),
        Path("tests") / f"test_{stem}.py": rendered(f"{kind}_test.py.tmpl", values),
    }
    if kind == "metric":
        contents[Path(package) / f"{stem}.md"] = rendered("metric.md.tmpl", values)
    write_new(folder, contents)
    look = f"explain {name}" if kind == "metric" else f"generators check {name}"
    return Created(
        tuple(folder / path for path in contents),
        (),
        (f"run: pip install --editable {folder}", f"run: pytest {folder}", f"run: lvbench {look}"),
    )


def _values(kind: str, name: str) -> dict[str, str]:
    title = words(name).capitalize()
    return {"name": name, "title": title, "class_name": class_name(name), "kind": kind}


def _check_metric(name: str) -> None:
    from lvbench.metrics.registry import METRICS

    inside = files("lvbench.metrics").iterdir()
    names = {entry.name.removesuffix(".py") for entry in inside}
    check_name(
        "metric", name, {"a metric": METRICS, "a module or family of lvbench.metrics": names}
    )


def _check_generator(name: str) -> None:
    from lvbench.generators.registry import GENERATORS

    inside = files("lvbench.generators").iterdir()
    names = {entry.name.removesuffix(".py").replace("_", "-") for entry in inside}
    taken = {"a module of lvbench.generators": {*names, *(n.replace("-", "_") for n in names)}}
    check_name("generator", name, {**taken, "a generator": GENERATORS})


def _known() -> set[str]:
    """Return the names that `lvbench show` would take for something other than a protocol."""
    from lvbench.features.registry import EXTRACTORS
    from lvbench.generators.registry import GENERATORS
    from lvbench.metrics.registry import METRICS

    return {*EXTRACTORS, *GENERATORS, *METRICS}


def _entries(code: str) -> list[dict[str, str]]:
    """Return the dictionaries of strings that a module's code contains."""
    found: list[dict[str, str]] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Dict) and node.keys:
            try:
                found.append(ast.literal_eval(node))
            except ValueError:
                continue
    return found


def _registered(registry: Path, name: str, target: str) -> str:
    """Return the registry's code with one entry more, in its alphabetical place."""
    code = registry.read_text("utf-8")
    lines = code.splitlines(keepends=True)
    entry = re.compile(r'(?P<indent>\s+)"(?P<name>[^"]+)": "[\w.]+:\w+",\n')
    found = [(at, m) for at, line in enumerate(lines) if (m := entry.fullmatch(line))]
    if found:
        at = next((at for at, m in found if m["name"] > name), found[-1][0] + 1)
        indent = found[0][1]["indent"]
        new = f'{indent}"{name}": "{target}",\n'
        if len(new) > _MOST_COLUMNS:
            new = f'{indent}"{name}": (\n{indent}    "{target}"\n{indent}),\n'
        lines.insert(at, new)
    edited = "".join(lines)
    if not found or _entries(edited) != [{**before, name: target} for before in _entries(code)]:
        raise UsageError(
            f"register the generator '{name}'",
            found="the registry does not consist of one name and target per line",
            where=str(registry),
            fix=f'add "{name}": "{target}" to it by hand',
        )
    return edited


def _with_row(page: str, head: str, row: str) -> str:
    """Return a page with a row more before the last row of the table that begins with `head`."""
    table = re.search(rf"^{re.escape(head)}.*\n(\|.*\n)*(?=\|.*\n)", page, re.MULTILINE)
    return f"{page[: table.end()]}{row}\n{page[table.end() :]}" if table else page


def _draft(name: str, like: str) -> str:
    """Return the text of a protocol under another name, as a draft of version 1."""
    from lvbench.protocol.load import load_protocol, protocol_path

    load_protocol(like)
    text = protocol_path(like).read_text("utf-8")
    text = re.sub(r"\A(#.*\n)+", "", text)
    text = re.sub(r"^draft: .*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^version: .*$", "version: 1\ndraft: true", text, flags=re.MULTILINE)
    return re.sub(r"^name: .*$", f"name: {name}", text, flags=re.MULTILINE)


def _update_family(root: Path) -> None:
    """Write the table of protocols in docs/protocols.md again."""
    command = [sys.executable, "-m", "benchmarks.protocol_family", str(_PROTOCOLS_PAGE)]
    subprocess.run(command, cwd=root, check=True)
