"""Read tensors from a checkpoint file, never code; load them into a network, all or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lvbench.errors import WeightsError
from lvbench.reading import require_bounded


def read_tensors(path: Path) -> dict[str, Any]:
    """Return the tensors of a `.safetensors` file or of a torch checkpoint, by name.

    A torch checkpoint is read with `weights_only=True`; tensors wrapped in `state_dict` or
    `model`, or named `module.…`, are unwrapped.

    Raises:
        WeightsError: The file cannot be read as tensors (`weights_unreadable`).
    """
    try:
        if _is_safetensors(path):
            from safetensors.torch import load_file

            tensors: dict[str, Any] = load_file(path)
        else:
            import torch

            require_bounded(path)
            tensors = torch.load(path, map_location="cpu", weights_only=True)
            for wrapper in ("state_dict", "model"):
                if isinstance(tensors.get(wrapper), Mapping):
                    tensors = tensors[wrapper]
    except Exception as error:
        raise WeightsError(
            "read a checkpoint",
            found=f"{type(error).__name__}: {error}",
            where=str(path),
            fix="fetch it again with 'lvbench weights pull NAME'",
            code="weights_unreadable",
        ) from error
    return {name.removeprefix("module."): tensor for name, tensor in tensors.items()}


def _is_safetensors(path: Path) -> bool:
    """Return whether the content is safetensors: names of files prove nothing."""
    with path.open("rb") as file:
        start = file.read(9)
    return len(start) == 9 and start[8:] == b"{"


def load_into(network: Any, tensors: Mapping[str, Any], path: Path) -> None:
    """Load tensors into a torch module, strictly.

    Raises:
        WeightsError: A name or shape differs (`weights_mismatch`).
    """
    try:
        network.load_state_dict(tensors, strict=True)
    except RuntimeError as error:
        raise WeightsError(
            f"load weights into {type(network).__name__}",
            found=str(error).splitlines()[0][:300],
            where=str(path),
            fix="give the file that the catalogue names: 'lvbench weights list'",
            code="weights_mismatch",
        ) from error
