"""The shim fixes exactly one failure of torchvision's import, and touches nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SHIM = "from lvbench.features import torchvision_shim as shim\n"


def run_fresh(code: str, path: Path | None = None) -> str:
    """Run code in a new interpreter, `path` ahead of the installed packages."""
    env = {**os.environ, "PYTHONPATH": str(path or "")}
    done = subprocess.run(
        [sys.executable, "-c", SHIM + code], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def fake_torchvision(folder: Path, source: str) -> Path:
    package = folder / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(source)
    return folder


def test_the_installed_torchvision_imports_and_carries_its_dependants() -> None:
    """The shim is used only where the plain import fails; a second call gives the same answer."""
    out = run_fresh(
        "module, shimmed = shim.import_torchvision()\n"
        "import open_clip, lpips, torch\n"
        "from torchvision.models import squeezenet1_1\n"
        "y = squeezenet1_1().eval()(torch.zeros(1, 3, 64, 64))\n"
        "print(module.__name__, tuple(y.shape), shimmed == bool(shim._declared))\n"
        "print((module, shimmed) == shim.import_torchvision(), shimmed)"
    )
    plain = subprocess.run(
        [sys.executable, "-c", "import torchvision"], capture_output=True, text=True, check=False
    )
    needed = "operator torchvision::" in plain.stderr
    assert out == f"torchvision (1, 1000) True\nTrue {needed}"


def test_nothing_is_declared_where_the_first_import_works(tmp_path: Path) -> None:
    out = run_fresh(
        "import sys\nprint(shim.import_torchvision()[1], shim._declared, 'torch' in sys.modules)",
        fake_torchvision(tmp_path, ""),
    )
    assert out == "False {} False"


def test_another_failure_passes_through_untouched(tmp_path: Path) -> None:
    out = run_fresh(
        "try:\n"
        "    shim.import_torchvision()\n"
        "except RuntimeError as error:\n"
        "    print(error, shim._declared)",
        fake_torchvision(tmp_path, "raise RuntimeError('CUDA driver too old')"),
    )
    assert out == "CUDA driver too old {}"


def test_names_that_no_declaration_mends_are_reported(tmp_path: Path) -> None:
    out = run_fresh(
        "from lvbench.errors import MissingDependencyError\n"
        "try:\n"
        "    shim.import_torchvision()\n"
        "except MissingDependencyError as error:\n"
        "    print(error.code, list(shim._declared))",
        fake_torchvision(
            tmp_path, "raise RuntimeError('operator torchvision::odd does not exist')"
        ),
    )
    assert out == "torchvision_broken ['odd']"


def test_a_missing_torchvision_names_the_command_that_installs_it(tmp_path: Path) -> None:
    out = run_fresh(
        "from lvbench.errors import MissingDependencyError\n"
        "try:\n"
        "    shim.import_torchvision()\n"
        "except MissingDependencyError as error:\n"
        "    print(error.code, error.found, 'learned' in error.fix)",
        fake_torchvision(tmp_path, "import absent_module"),
    )
    assert out == "dependency_missing no module named 'absent_module' True"
