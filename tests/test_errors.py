"""Errors have four parts and a stable code, and survive a process boundary."""

from __future__ import annotations

import inspect
import pickle

import pytest

from lvbench import errors
from lvbench.cli.main import exit_code
from lvbench.errors import LvbenchError

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, LvbenchError)
]


def make(kind: type[LvbenchError], **more: str) -> LvbenchError:
    return kind("read it", found="nothing", where="a.mp4", fix="put it there", **more)


@pytest.mark.parametrize("kind", KINDS)
def test_message_has_all_four_parts(kind: type[LvbenchError]) -> None:
    text = str(make(kind))
    assert text == "cannot read it: nothing\n  where: a.mp4\n  fix:   put it there"


def test_further_lines_align_with_the_first() -> None:
    error = LvbenchError("read", found="no file", where="a\nb", fix="first\nthen")
    assert str(error).splitlines()[1:] == [
        "  where: a",
        "         b",
        "  fix:   first",
        "         then",
    ]
    assert (error.where, error.fix) == ("a\nb", "first\nthen")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("more", [{}, {"code": "own_code"}])
def test_pickling_keeps_kind_parts_and_code(kind: type[LvbenchError], more: dict[str, str]) -> None:
    error = make(kind, **more)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert (back.asked, back.found, back.where, back.fix, back.code) == (
        error.asked,
        error.found,
        error.where,
        error.fix,
        error.code,
    )
    assert str(back) == str(error)


def test_every_kind_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes) >= 9


def test_a_code_of_one_error_does_not_become_that_of_its_class() -> None:
    make(errors.ConfigError, code="other")
    assert make(errors.ConfigError).code == "config_invalid"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.UsageError, 2),
        (errors.RegistryError, 2),
        (errors.ConfigError, 3),
        (errors.ComparabilityError, 3),
        (errors.StorageError, 1),
        (errors.MissingDependencyError, 1),
    ],
)
def test_exit_codes(kind: type[LvbenchError], code: int) -> None:
    assert exit_code(make(kind)) == code
