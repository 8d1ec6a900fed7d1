"""Weights of the reference model: shipped presets and files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lvbench.errors import MissingDependencyError, WeightsError
from lvbench.reading import open_regular, parse_json
from lvbench.reference.config import PRESETS, NetworkConfig

FORMAT = "lvbench-reference-1"
WEIGHTS = "weights.safetensors"
_LONGEST_HEADER = 10**7


@dataclass(frozen=True, slots=True)
class Weights:
    """A weights file and its metadata, read without torch.

    Attributes:
        path: The file.
        sha256: Its checksum.
        network: Sizes of the network.
        about: The file's metadata: step, training.
    """

    path: Path
    sha256: str
    network: NetworkConfig
    about: dict[str, Any]


def shipped() -> dict[str, Path]:
    """Return the weights shipped with the package, by preset."""
    folder = Path(str(resources.files("lvbench.reference"))) / "weights"
    return {path.parent.name: path for path in sorted(folder.glob(f"*/{WEIGHTS}"))}


def weights_of(name: str) -> Weights:
    """Return the weights of a preset, or of a file.

    Args:
        name: A preset, or the path of a file from `lvbench reference train`.

    Raises:
        WeightsError: The preset has no shipped weights, or the file is not a checkpoint.
    """
    here = shipped()
    if name in PRESETS and name not in here:
        raise WeightsError(
            f"load the reference model '{name}'",
            found=f"no weights are shipped for it; shipped: {', '.join(here) or 'none'}",
            where="lvbench.reference",
            fix=f"train it: lvbench reference train {name} --out FOLDER, then use "
            f"reference:FOLDER/{WEIGHTS}",
        )
    path = here.get(name, Path(name))
    about = read_metadata(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Weights(path, digest, NetworkConfig(**about["network"]), about)


def read_metadata(path: Path) -> dict[str, Any]:
    """Return the metadata of a weights file.

    Raises:
        WeightsError: The file is missing, or not a checkpoint.
    """
    try:
        with open_regular(path) as file:
            length = int.from_bytes(file.read(8), "little")
            header = parse_json(file.read(min(length, _LONGEST_HEADER)).decode())
        about: dict[str, Any] = parse_json(header["__metadata__"]["lvbench"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise refused(path, f"{type(error).__name__}: {error}") from error
    if about.get("format") != FORMAT:
        raise refused(path, f"format {about.get('format')!r} instead of {FORMAT!r}")
    return about


def require_torch() -> None:
    """Check that the packages that run the network are installed.

    Raises:
        MissingDependencyError: torch or safetensors is missing.
    """
    for module in ("torch", "safetensors"):
        if find_spec(module) is None:
            raise MissingDependencyError(
                "run the reference model",
                found=f"no module named '{module}'",
                where="this Python environment",
                fix="in lvbench's folder: pip install -c constraints.txt -e '.[learned]'",
            )


def refused(path: Path, found: str) -> WeightsError:
    """Return the error for a file that is not a checkpoint."""
    return WeightsError(
        "read a checkpoint of the reference model",
        found=found,
        where=str(path),
        fix="give a file from 'lvbench reference train', or a preset listed by 'lvbench reference "
        "info'",
    )
