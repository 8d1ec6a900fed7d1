"""Errors that lvbench raises on purpose, each with a stable code for the item record."""

from __future__ import annotations


class LvbenchError(Exception):
    """State what was asked, what was found, where, and how to fix it.

    It prints as

        cannot ASKED: FOUND
          where: WHERE
          fix:   FIX

    Args:
        asked: The failed action, as a verb phrase ("read the video").
        found: The fact that prevents it.
        where: File, key or name at fault.
        fix: One step that fixes it.
        code: Stable identifier for records and tests; each class has a default.
    """

    code = "error"

    def __init__(
        self, asked: str, *, found: str, where: str, fix: str, code: str | None = None
    ) -> None:
        self.asked, self.found, self.where, self.fix = asked, found, where, fix
        if code is not None:
            self.code = code
        # Further lines of a part align with its first.
        where, fix = (text.replace("\n", "\n" + " " * 9) for text in (where, fix))
        super().__init__(f"cannot {asked}: {found}\n  where: {where}\n  fix:   {fix}")

    def __reduce__(self) -> tuple[object, ...]:
        """Keep the parts when the error crosses a process boundary."""
        return _rebuild, (type(self), self.asked, self.found, self.where, self.fix, self.code)


def _rebuild(
    kind: type[LvbenchError], asked: str, found: str, where: str, fix: str, code: str
) -> LvbenchError:
    return kind(asked, found=found, where=where, fix=fix, code=code)


class UsageError(LvbenchError):
    """The command line is not valid (exit code 2)."""

    code = "usage"


class InputError(LvbenchError, ValueError):
    """A clip, an audio signal or a rate in memory has an unsupported form."""

    code = "input_invalid"


class ConfigError(LvbenchError):
    """A protocol, manifest, run folder or submission is invalid (exit code 3)."""

    code = "config_invalid"


class RegistryError(LvbenchError):
    """No metric, extractor, generator or protocol has that name (exit code 2)."""

    code = "name_unknown"


class MissingDependencyError(LvbenchError):
    """An optional dependency is not installed."""

    code = "dependency_missing"


class WeightsError(LvbenchError):
    """A weights file is missing, or its content is not that of the catalogue."""

    code = "weights_missing"


class VideoDecodeError(LvbenchError):
    """A video cannot be opened or decoded."""

    code = "video_unreadable"


class PairError(LvbenchError):
    """A video and its paired reference cannot be compared frame by frame."""

    code = "pair_differs"


class GeneratorError(LvbenchError):
    """A generator did not return the requested clip."""

    code = "generator_failed"


class ComparabilityError(LvbenchError):
    """Two runs were measured in different ways and must not share a table (exit code 3)."""

    code = "not_comparable"


class StorageError(LvbenchError):
    """A result cannot be written: the disk is full or the folder is read-only (exit code 1)."""

    code = "storage_failed"
