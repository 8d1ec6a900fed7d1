"""Names are found lazily; a wrong, taken or broken one is refused with help and harms no other."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import lvbench.registry
from lvbench.errors import MissingDependencyError, RegistryError
from lvbench.registry import Registry

BUILTIN = {
    "exposure_drift": "colours:Exposure",
    "colour_drift": "collections:OrderedDict",
    "sharpness_drift": "collections:Counter",
    "freeze": "collections:deque",
}


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Install plugins by entry point; their modules lie in the folder that is returned."""
    entries = [
        EntryPoint("fine", "plugin_fine:Fine", "lvbench.metrics"),
        EntryPoint("twice", "plugin_fine:Fine", "lvbench.metrics"),
        EntryPoint("twice", "plugin_other:Other", "lvbench.metrics"),
        EntryPoint("freeze", "plugin_fine:Fine", "lvbench.metrics"),
        EntryPoint("broken", "plugin_broken:Broken", "lvbench.metrics"),
        EntryPoint("lacking", "plugin_lacking:Lacking", "lvbench.metrics"),
        EntryPoint("renamed", "plugin_fine:Gone", "lvbench.metrics"),
    ]
    monkeypatch.setattr(
        lvbench.registry, "entry_points", lambda group: [e for e in entries if e.group == group]
    )
    (tmp_path / "plugin_fine.py").write_text("class Fine: pass\n")
    (tmp_path / "plugin_broken.py").write_text("1 / 0\n")
    (tmp_path / "plugin_lacking.py").write_text("import no_such_module_here\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in ("plugin_fine", "plugin_broken", "plugin_lacking"):
        sys.modules.pop(name, None)


def registry() -> Registry[type]:
    return Registry("metric", BUILTIN)


def test_unknown_name_gets_the_three_nearest_and_the_command_that_lists_all() -> None:
    with pytest.raises(RegistryError) as caught:
        registry().get("exposur_drift")
    assert caught.value.found.endswith("nearest: exposure_drift, colour_drift, sharpness_drift")
    assert "lvbench list metrics" in caught.value.fix
    assert caught.value.code == "name_unknown"


def test_nothing_is_imported_until_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "registered_late.py").write_text("class Late: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    lazy: Registry[type] = Registry("metric", {"late": "registered_late:Late"})
    assert lazy.names() == ["late"]
    assert "late" in lazy
    assert "registered_late" not in sys.modules
    assert lazy.get("late").__name__ == "Late"
    assert lazy.get("late") is lazy.get("late")
    del sys.modules["registered_late"]


@pytest.mark.parametrize("name", ["freeze", "mine"])
def test_registering_a_taken_name_is_refused(name: str) -> None:
    filled = registry()
    filled.register("mine")(int)
    with pytest.raises(RegistryError) as caught:
        filled.register(name)(str)
    assert caught.value.code == "name_taken"
    assert filled.get("mine") is int


def test_decorator_returns_what_it_registers_and_lists_it() -> None:
    filled = registry()

    @filled.register("mine")
    class Mine:
        pass

    assert filled.get("mine") is Mine
    assert list(filled) == sorted([*BUILTIN, "mine"])


def test_plugins_are_listed_without_being_imported(plugins: Path) -> None:
    names = registry().names()
    assert {"fine", "twice", "broken", "lacking", *BUILTIN} <= set(names)
    assert "plugin_fine" not in sys.modules


def test_a_plugin_is_found_by_its_entry_point(plugins: Path) -> None:
    assert registry().get("fine").__name__ == "Fine"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("broken", "ZeroDivisionError"),
        ("lacking", "no_such_module_here"),
        ("renamed", "Gone"),
    ],
)
def test_a_plugin_that_does_not_import_fails_alone_and_by_name(
    plugins: Path, name: str, found: str
) -> None:
    filled = registry()
    with pytest.raises(MissingDependencyError) as caught:
        filled.get(name)
    assert found in caught.value.found
    assert name in caught.value.asked
    assert filled.get("fine").__name__ == "Fine"
    assert name in filled.names()


@pytest.mark.parametrize("name", ["freeze", "twice"])
def test_a_name_that_several_claim_is_refused_only_when_asked_for(plugins: Path, name: str) -> None:
    filled = registry()
    with pytest.raises(RegistryError) as caught:
        filled.get(name)
    assert caught.value.code == "name_taken"
    assert "plugin_fine:Fine" in caught.value.found
    assert filled.get("colour_drift").__name__ == "OrderedDict"


def test_a_plugin_may_also_register_itself_by_the_decorator(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    filled = registry()
    entry = EntryPoint("own", "plugin_decorated:Own", "lvbench.metrics")
    monkeypatch.setattr(lvbench.registry, "entry_points", lambda group: [entry])
    (tmp_path / "plugin_decorated.py").write_text(
        "import builtins\n@builtins.lvbench_test_registry.register('own')\nclass Own: pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("builtins.lvbench_test_registry", filled, raising=False)
    assert filled.get("own") is filled.get("own")
    del sys.modules["plugin_decorated"]


def test_parameters_are_checked_by_name_and_kind() -> None:
    from lvbench.errors import ConfigError
    from lvbench.metrics.registry import build

    assert build("colour_drift", {"minimum_chroma": 3}).parameters() == {"minimum_chroma": 3}
    for parameters in ({"minimum_chroma": "x"}, {"minimum_chrome": 2.0}):
        with pytest.raises(ConfigError, match="minimum_chrom") as error:
            build("colour_drift", parameters)
        assert "its parameters are minimum_chroma" in str(error.value)
