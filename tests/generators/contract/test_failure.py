"""Whatever a model raises becomes the failure of one clip, with a code."""

from __future__ import annotations

import pytest

from lvbench.errors import ConfigError
from lvbench.generators.contract.failure import failure
from lvbench.generators.contract.types import GeneratorInfo, Request

INFO = GeneratorInfo("model", "1", "none")
REQUEST = Request("a", (), 1.0, 8.0, 32, 16, 0)
OutOfMemoryError = type("OutOfMemoryError", (RuntimeError,), {})


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("CUDA error"), "generator_failed"),
        (MemoryError(), "generator_out_of_memory"),
        (OutOfMemoryError("CUDA out of memory"), "generator_out_of_memory"),
        (TimeoutError("too late"), "generator_timeout"),
    ],
)
def test_the_code_says_what_kind_it_was(error: Exception, code: str) -> None:
    found = failure(error, INFO, REQUEST)
    assert found.code == code
    assert type(error).__name__ in found.found
    assert found.where == "model"


def test_an_error_of_our_own_keeps_its_parts() -> None:
    given = ConfigError("read", found="this", where="there", fix="so", code="not_world_text")
    found = failure(given, INFO, REQUEST)
    assert (found.found, found.where, found.fix) == ("this", "there", "so")
    assert found.code == "not_world_text"
    assert found.asked == "make the clip 'a'"
