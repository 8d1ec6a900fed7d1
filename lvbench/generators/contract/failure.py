"""Say what became of a clip that could not be made, with a code that the run keeps."""

from __future__ import annotations

from lvbench.errors import GeneratorError, LvbenchError
from lvbench.generators.contract.types import GeneratorInfo, Request

_MENDS = {
    "generator_out_of_memory": "ask for smaller or shorter clips, or free memory",
    "generator_timeout": "raise the time limit, or ask for shorter clips",
    "generator_failed": "fix the generator",
}
_AGAIN = "then run the same command again: made clips are kept"


def failure(error: Exception, info: GeneratorInfo, request: Request) -> GeneratorError:
    """Return the error of a clip, whatever a generator raised while it made it."""
    asked = f"make the clip '{request.id}'"
    if isinstance(error, LvbenchError):
        return GeneratorError(
            asked, found=error.found, where=error.where, fix=error.fix, code=error.code
        )
    code = _code(error)
    return GeneratorError(
        asked,
        found=f"{type(error).__name__}: {error}",
        where=info.name,
        fix=f"{_MENDS[code]}, {_AGAIN}",
        code=code,
    )


def _code(error: Exception) -> str:
    # torch's error of a full GPU is a RuntimeError of this name, and torch need not be there.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return "generator_out_of_memory"
    return "generator_timeout" if isinstance(error, TimeoutError) else "generator_failed"
