"""Look names up lazily, with helpful errors: built-in map, decorator, entry points."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from lvbench.errors import RegistryError

T = TypeVar("T")


class Registry(Generic[T]):
    """Map names to objects that are imported only when asked for.

    Args:
        kind: Singular noun for messages and for the entry-point group `lvbench.<kind>s`.
        builtin: Name to `"module:attribute"`.
    """

    def __init__(self, kind: str, builtin: Mapping[str, str]) -> None:
        self.kind = kind
        self._targets: dict[str, str] = dict(builtin)
        self._loaded: dict[str, T] = {}
        self._plugins_read = False

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that registers an object; a taken name is refused."""

        def remember(value: T) -> T:
            if name in self._targets or name in self._loaded:
                raise RegistryError(
                    f"register {self.kind} '{name}'",
                    found="that name is taken",
                    where=repr(value),
                    mend="choose another name",
                    code="name_taken",
                )
            self._loaded[name] = value
            return value

        return remember

    def names(self) -> list[str]:
        """Return every known name, sorted."""
        self._read_plugins()
        return sorted({*self._targets, *self._loaded})

    def get(self, name: str) -> T:
        """Return the object of that name; raise `RegistryError` with the three nearest names."""
        if name not in self._loaded:
            if name not in self._targets:
                self._read_plugins()
            if name not in self._targets and name not in self._loaded:
                raise self._unknown(name)
            if name not in self._loaded:
                module, _, attribute = self._targets[name].partition(":")
                self._loaded[name] = getattr(import_module(module), attribute)
        return self._loaded[name]

    def __contains__(self, name: str) -> bool:
        return name in self.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def _read_plugins(self) -> None:
        if self._plugins_read:
            return
        self._plugins_read = True
        for entry in entry_points(group=f"lvbench.{self.kind}s"):
            if entry.name in self._targets:
                raise RegistryError(
                    f"load plugin {self.kind} '{entry.name}'",
                    found="a built-in of that name exists",
                    where=entry.value,
                    mend="uninstall the plugin or rename its entry point",
                    code="name_taken",
                )
            self._targets[entry.name] = entry.value

    def _unknown(self, name: str) -> RegistryError:
        near = difflib.get_close_matches(name, self.names(), n=3, cutoff=0.0)
        return RegistryError(
            f"find {self.kind} '{name}'",
            found=f"no {self.kind} of that name; nearest: {', '.join(near) or 'none'}",
            where=f"the {self.kind} registry",
            mend=f"see them all with 'lvbench list {self.kind}s'",
        )
