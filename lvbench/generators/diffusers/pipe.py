"""Load one diffusers pipeline and call it by its signature."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError, GeneratorError, MissingDependencyError, WeightsError
from lvbench.features.torchvision_shim import import_torchvision
from lvbench.generators.contract.pixels import slices
from lvbench.generators.diffusers.config import DiffusionConfig, PipelineConfig

_USUAL = {
    "prompt": "prompt",
    "num_frames": "frames",
    "frame_rate": "fps",
    "fps": "fps",
    "height": "height",
    "width": "width",
    "seed": "seed",
    "image": "image",
    "video": "video",
}
_FILLED_HERE = ("generator", "output_type")


class Pipe:
    """One pipeline, loaded at its first call.

    Args:
        part: Its class, model and arguments.
        config: Device, number type and offloading.
        where: Path of the configuration, for messages.
    """

    def __init__(self, part: PipelineConfig, config: DiffusionConfig, where: str) -> None:
        self._part, self._config, self._where = part, config, where

    @cached_property
    def filled(self) -> dict[str, str]:
        """Return the arguments that are filled from the request, with the value's name.

        Raises:
            ConfigError: The class lacks an argument, or requires another one.
            MissingDependencyError: diffusers is not installed.
        """
        parameters = self._parameters
        part = self._part
        for name in (*part.call, *part.map):
            if name not in parameters:
                near = difflib.get_close_matches(name, parameters, n=1, cutoff=0.0)[0]
                known = ", ".join(parameters)
                raise self._wrong(
                    f"no argument '{name}'; nearest: {near}", f"its arguments are {known}"
                )
        usual = {name: value for name, value in _USUAL.items() if name in parameters}
        filled = {k: v for k, v in {**usual, **part.map}.items() if k not in part.call}
        given = {*filled, *part.call, *_FILLED_HERE}
        unfilled = [n for n, p in parameters.items() if p.default is p.empty and n not in given]
        if unfilled:
            found = f"missing required arguments: {', '.join(unfilled)}"
            raise self._wrong(found, "set them under 'call' or 'map', or choose another class")
        return filled

    def check(self) -> None:
        """Check the configured arguments against the class.

        Raises:
            ConfigError: An argument is unknown, or a required one is missing.
            MissingDependencyError: diffusers is not installed.
        """
        _ = self.filled

    def needs(self, value: str) -> bool:
        """Return whether a call requires this value of the request."""
        parameters = self._parameters
        return any(
            v == value and parameters[n].default is inspect.Parameter.empty
            for n, v in self.filled.items()
        )

    def takes(self, value: str) -> bool:
        """Return whether a call takes this value of the request."""
        return value in self.filled.values()

    def __call__(self, values: Mapping[str, Any], more: Mapping[str, Any]) -> NDArray[np.uint8]:
        """Return the frames of one call.

        Args:
            values: Values of the request; None is not passed.
            more: Further arguments; the configuration takes precedence.

        Raises:
            GeneratorError: The pipeline returns no frames.
            WeightsError: It cannot be loaded.
        """
        import torch

        filled = {name: values[value] for name, value in self.filled.items()}
        arguments = {name: value for name, value in filled.items() if value is not None}
        parameters = self._parameters
        if "generator" in parameters:
            # On the CPU: the same noise on every device.
            arguments["generator"] = torch.Generator("cpu").manual_seed(values["seed"])
        if "output_type" in parameters:
            arguments["output_type"] = "pil"
        result = self._loaded(**{**arguments, **more, **self._part.call})
        frames = getattr(result, "frames", None)
        if frames is None:
            raise GeneratorError(
                f"call {self._part.class_}",
                found=f"it returns {type(result).__name__} without frames",
                where=self._where,
                fix="choose a video pipeline, and do not set 'return_dict'",
            )
        return np.concatenate(list(slices(frames)))

    @cached_property
    def _class(self) -> Any:
        try:
            # A broken torchvision also breaks whatever imports it.
            import_torchvision()
            import diffusers  # type: ignore[import-not-found, unused-ignore]
        except ImportError as error:
            raise MissingDependencyError(
                f"use {self._part.class_}",
                found=f"no module named '{error.name}'",
                where="this Python environment",
                fix="in lvbench's folder: pip install -c constraints.txt -e '.[diffusers]'",
            ) from error
        found = getattr(diffusers, self._part.class_, None)
        if found is None:
            pipelines = [name for name in dir(diffusers) if name.endswith("Pipeline")]
            near = difflib.get_close_matches(self._part.class_, pipelines, n=3, cutoff=0.0)
            found_ = f"diffusers {diffusers.__version__} has no such class"
            raise self._wrong(f"{found_}; nearest: {', '.join(near)}", "correct 'class'")
        return found

    @cached_property
    def _parameters(self) -> dict[str, inspect.Parameter]:
        parameters = dict(inspect.signature(self._class.__call__).parameters)
        del parameters["self"]
        return parameters

    @cached_property
    def _loaded(self) -> Any:
        """Return the pipeline, on its device."""
        import torch

        config = self._config
        revision = {} if config.revision == "unknown" else {"revision": config.revision}
        try:
            pipe = self._class.from_pretrained(
                self._part.model, torch_dtype=_dtypes(torch, config.dtype), **revision
            )
        except (OSError, ValueError, AttributeError, ImportError) as error:
            raise WeightsError(
                f"load {self._part.class_}",
                found=f"{type(error).__name__}: {' '.join(str(error).split())[:300]}",
                where=self._part.model,
                fix="name a folder written by save_pretrained, or download the model: hf download "
                f"{self._part.model}",
            ) from error
        pipe.set_progress_bar_config(disable=True)
        if config.tiling:
            pipe.vae.enable_tiling()
        device = config.device
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        if config.offload == "none":
            return pipe.to(device)
        move = "enable_model_cpu_offload" if config.offload == "model" else None
        getattr(pipe, move or "enable_sequential_cpu_offload")(device=device)
        return pipe

    def _wrong(self, found: str, fix: str) -> ConfigError:
        return ConfigError(
            f"call {self._part.class_}",
            found=found,
            where=self._where,
            fix=fix,
            code="generator_config_invalid",
        )


def _dtypes(torch: Any, said: str | dict[str, str]) -> Any:
    if isinstance(said, str):
        return getattr(torch, said)
    return {part: getattr(torch, name) for part, name in said.items()}
