"""Extractors with weights: found by content, loaded late, run at one fixed shape."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import MissingDependencyError, WeightsError
from lvbench.features.base import Arrays, Extractor
from lvbench.video.frames import Frames
from lvbench.weights.catalogue import PULL, catalogue, pull_command
from lvbench.weights.checkpoint import load_into, read_tensors
from lvbench.weights.locate import Located, locate


@dataclass(frozen=True, slots=True)
class Place:
    """Describe where networks find their weights and where they run; it changes no number.

    Attributes:
        weights: A file, or a folder whose files are matched by content; None for the cache.
        device: `cpu`, `cuda`, `cuda:1`, `mps`, or `auto`.
    """

    weights: Path | None = None
    device: str = "cpu"


class NetworkExtractor(Extractor):
    """Run a network on blocks of one fixed shape, the last one of a video padded.

    A subclass sets `spec` in its constructor and defines how a frame is prepared, how the network
    is built, and its features of a batch. `attach` finds the checkpoint; torch and the checkpoint
    are loaded at the first block, not before.

    Attributes:
        weights: Names of the catalogue's entries that it loads.
        modules: Modules that must be installed, as they are imported.
    """

    weights: tuple[str, ...]
    modules: tuple[str, ...] = ("torch",)

    _files: dict[str, Path]
    _place: Place = Place()
    _network: Any = None

    def attach(self, place: Place) -> None:
        """Find the weights; nothing is loaded yet.

        Raises:
            MissingDependencyError: A module that the network needs is not installed.
            WeightsError: A file is missing (with the command that fetches it), or has another
                content than its entry.
        """
        for module in self.modules:
            if find_spec(module) is None:
                raise MissingDependencyError(
                    f"run the extractor '{self.spec.name}'",
                    found=f"no module named '{module}'",
                    where="this Python environment",
                    fix="in lvbench's folder: pip install -c constraints.txt -e '.[learned]'",
                )
        found: dict[str, Located] = {}
        errors: dict[str, WeightsError] = {}
        for name in self.weights:
            try:
                found[name] = locate(name, place.weights)
            except WeightsError as error:
                errors[name] = error
        if errors:
            raise self._all_at_once(errors)
        self._files = {name: one.path for name, one in found.items()}
        self._place = place
        checksums = "+".join(one.sha256 for one in found.values())
        self.spec = replace(self.spec, weights_sha256=checksums)

    def _all_at_once(self, errors: Mapping[str, WeightsError]) -> WeightsError:
        """Return one error that names every missing file; another fault is returned as it is."""
        first = next(iter(errors.values()))
        if len(errors) < 2 or any(error.code != WeightsError.code for error in errors.values()):
            return first
        pulled = [catalogue()[name] for name, e in errors.items() if e.fix.startswith(PULL)]
        fixes = [pull_command(pulled)] if pulled else []
        fixes += [e.fix for e in errors.values() if not e.fix.startswith(PULL)]
        return WeightsError(
            f"run the extractor '{self.spec.name}'",
            found="; ".join(error.found for error in errors.values()),
            where=first.where,
            fix="; ".join(fixes),
        )

    @property
    def network(self) -> Any:
        """Return the bare network, loaded at the first call."""
        if self._network is None:
            if not hasattr(self, "_files"):
                self.attach(self._place)
            self._network = self.load(self._files, self.device)
        return self._network

    @property
    def device(self) -> str:
        """Return the device that networks run on: `auto` is CUDA where available."""
        if self._place.device != "auto":
            return self._place.device
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"

    @abstractmethod
    def load(self, files: dict[str, Path], device: str) -> Any:
        """Return the network, ready to run on `device`, from the catalogue's files by name."""

    @abstractmethod
    def pixels(self, frames: Frames) -> NDArray[Any]:
        """Return the publisher's preprocessing of each frame alone, first dimension `n`."""

    @abstractmethod
    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return the features of one full batch.

        Args:
            batch: Prepared frames `(batch, ...)`; for pairs `(batch + 1, ...)`; for windows
                `(batch, length, ...)`.
        """

    def prepare(self, frames: Frames) -> Frames:
        """Return the frames as the network reads them."""
        return Frames(frames.pts, prepared=np.ascontiguousarray(self.pixels(frames)))

    def __call__(self, frames: Frames) -> Arrays:
        """Return the features of a block, padded to the batch of the spec and cut again."""
        if frames.prepared is None:
            frames = self.prepare(frames)
        pixels = frames.prepared
        assert pixels is not None
        if self.spec.windows is not None:
            pixels = pixels.reshape(-1, self.spec.windows.length, *pixels.shape[1:])
        overlap = 1 if self.spec.sampling == "pairs" else 0
        given, full = len(pixels) - overlap, self.spec.batch
        missing = full - given
        if missing:
            pixels = np.concatenate([pixels, np.repeat(pixels[-1:], missing, axis=0)])
        features = self.encode(pixels)
        return {name: array[:given] for name, array in features.items()} if missing else features


class TorchExtractor(NetworkExtractor):
    """Run a torch module, with architecture and weights defined separately."""

    @abstractmethod
    def architecture(self) -> Any:
        """Return the torch module with random weights."""

    def load(self, files: dict[str, Path], device: str) -> Any:
        """Return the network, in evaluation mode on `device`, from the catalogue's files.

        The default reads a safetensors file or a checkpoint of tensors into `architecture()`;
        one whose names differ overrides it.

        Raises:
            WeightsError: The file has other tensors than the network (`weights_mismatch`).
        """
        network = self.architecture()
        (path,) = files.values()
        load_into(network, read_tensors(path), path)
        return network.eval().requires_grad_(False).to(device)
