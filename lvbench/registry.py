"""Look names up lazily, with helpful errors: built-in map, decorator, entry points."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from inspect import signature
from typing import Any, Generic, TypeVar

from lvbench.errors import ConfigError, LvbenchError, MissingDependencyError, RegistryError

T = TypeVar("T")


class Registry(Generic[T]):
    """Map names to objects that are imported on first use.

    Args:
        kind: Singular noun for messages and for the entry-point group `lvbench.<kind>s`.
        builtin: Name to `"module:attribute"`.
    """

    def __init__(self, kind: str, builtin: Mapping[str, str]) -> None:
        self.kind = kind
        self._targets: dict[str, str] = dict(builtin)
        self._registered: dict[str, T] = {}
        self._plugins: dict[str, list[str]] | None = None

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that registers an object; a name that is in use is refused."""

        def remember(value: T) -> T:
            # A module may register the object that the map or its entry point names, and no other.
            promised = f"{getattr(value, '__module__', '')}:{getattr(value, '__qualname__', '')}"
            taken = self._targets.get(name, promised) != promised or name in self._registered
            if taken:
                raise RegistryError(
                    f"register {self.kind} '{name}'",
                    found="that name is taken",
                    where=repr(value),
                    fix="choose another name",
                    code="name_taken",
                )
            self._registered[name] = value
            return value

        return remember

    def names(self) -> list[str]:
        """Return every known name, sorted, without an import."""
        return sorted({*self._targets, *self._registered, *self._found_plugins()})

    def get(self, name: str) -> T:
        """Return the object with that name.

        Raises:
            RegistryError: No object has that name (lists the three nearest), or several have it.
            MissingDependencyError: The object cannot be imported. Others are not affected.
        """
        targets = [self._targets[name]] if name in self._targets else []
        targets += [t for t in self._found_plugins().get(name, []) if t not in targets]
        if len(targets) > 1:
            raise self._contested(name, targets)
        if name not in self._registered:
            if not targets:
                raise self._unknown(name)
            # Importing a module may itself register the name, by the decorator.
            value = self._import(name, targets[0])
            self._registered.setdefault(name, value)
        return self._registered[name]

    def __contains__(self, name: str) -> bool:
        return name in self.names()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def _found_plugins(self) -> dict[str, list[str]]:
        """Return the entry points' targets by name, read once; several may claim one name."""
        if self._plugins is None:
            self._plugins = {}
            for entry in entry_points(group=f"lvbench.{self.kind}s"):
                self._plugins.setdefault(entry.name, []).append(f"{entry.module}:{entry.attr}")
        return self._plugins

    def _import(self, name: str, target: str) -> T:
        module, _, attribute = target.partition(":")
        try:
            value: T = getattr(import_module(module), attribute)
        except LvbenchError:
            raise
        # An error in a plugin's module affects that plugin only.
        except Exception as error:
            raise MissingDependencyError(
                f"import the {self.kind} '{name}'",
                found=f"{type(error).__name__}: {error}",
                where=target,
                fix="install its requirements, or reinstall or remove the package that provides it",
            ) from error
        return value

    def _contested(self, name: str, targets: list[str]) -> RegistryError:
        return RegistryError(
            f"find {self.kind} '{name}'",
            found=f"several objects have that name: {', '.join(targets)}",
            where=f"the {self.kind} registry",
            fix="uninstall the plugin, or rename its entry point",
            code="name_taken",
        )

    def _unknown(self, name: str) -> RegistryError:
        near = difflib.get_close_matches(name, self.names(), n=3, cutoff=0.0)
        return RegistryError(
            f"find {self.kind} '{name}'",
            found=f"no {self.kind} has that name; nearest: {', '.join(near) or 'none'}",
            where=f"the {self.kind} registry",
            fix=f"list them with 'lvbench list {self.kind}s'",
        )


def construct(kind: str, name: str, factory: Callable[..., T], parameters: Mapping[str, Any]) -> T:
    """Return `factory(**parameters)`; each parameter must have the type of its default.

    Raises:
        ConfigError: A parameter is unknown, of the wrong type, or refused by the factory.
    """
    defaults = {p.name: p.default for p in signature(factory).parameters.values()}
    wrong = [
        f"{key} is {value!r}, its default is {defaults[key]!r}"
        for key, value in parameters.items()
        if isinstance(defaults.get(key), int | float | str)
        and isinstance(value, str) != isinstance(defaults[key], str)
    ]
    try:
        if wrong:
            raise TypeError("; ".join(wrong))
        return factory(**parameters)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"set up the {kind} '{name}'",
            found=str(error),
            where=f"parameters {dict(parameters)}",
            fix=f"its parameters are {', '.join(defaults) or 'none'}",
        ) from error
