"""Import torchvision where its compiled operators cannot load, as with a CPU-only torch."""

from __future__ import annotations

import importlib
import re
import sys
import threading
from types import ModuleType
from typing import Any

from lvbench.errors import MissingDependencyError

_MISSING_OPERATOR = re.compile(r"operator torchvision::(\w+) does not exist")
_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_MAX_OPERATORS = 5

_lock = threading.Lock()
# torch drops a schema when the library object that defined it is collected.
_declared: dict[str, Any] = {}


def import_torchvision() -> tuple[ModuleType, bool]:
    """Import torchvision, declaring the operators that its own import does not find.

    The registry's torchvision wheel is built for CUDA. With a torch without CUDA its extension
    does not load, and the import fails at `torchvision::nms`, an operator that was never declared;
    pip reports no conflict. Declaring the name is enough for everything but the box operators,
    which still refuse to run. Where the first import works nothing is changed. Import open_clip
    and lpips after this call.

    Returns:
        The module, and whether operators had to be declared in this process.

    Raises:
        MissingDependencyError: torchvision is not installed, or no declaration fixes it.

    Source: pytorch/vision issues 8985, 9077 and 9085.
    """
    with _lock:
        for _ in range(_MAX_OPERATORS):
            try:
                return importlib.import_module("torchvision"), bool(_declared)
            except ModuleNotFoundError as error:
                raise _not_installed(error) from error
            except RuntimeError as error:
                missing = _MISSING_OPERATOR.fullmatch(str(error))
                if missing is None:
                    raise
                if missing[1] in _declared:
                    break
                _forget_half_imported()
                _declare(missing[1])
        raise MissingDependencyError(
            "import torchvision",
            found=f"its import still fails after declaring {', '.join(_declared)}",
            where="the installed pair of torch and torchvision",
            fix="install the pair that constraints.txt names",
            code="torchvision_broken",
        )


def _forget_half_imported() -> None:
    for name in [n for n in sys.modules if n == "torchvision" or n.startswith("torchvision.")]:
        del sys.modules[name]


def _declare(operator: str) -> None:
    from torch.library import Library

    fragment = Library("torchvision", "FRAGMENT")
    fragment.define(operator + _SIGNATURE)
    _declared[operator] = fragment


def _not_installed(error: ModuleNotFoundError) -> MissingDependencyError:
    return MissingDependencyError(
        "import torchvision",
        found=f"no module named '{error.name}'",
        where="this Python environment",
        fix="in lvbench's folder: pip install -c constraints.txt -e '.[learned]'",
    )
