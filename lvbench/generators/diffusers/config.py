"""Configuration of a diffusers pipeline."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from lvbench.generators.contract.config import Count, GeneratorConfig, Strict
from lvbench.generators.contract.plan import Limits
from lvbench.generators.diffusers.facts import FACTS, Continues, PipelineFacts

_UNKNOWN = PipelineFacts(None, Limits())

Value = Literal["prompt", "frames", "fps", "width", "height", "seed", "image", "video"]


class PipelineConfig(Strict):
    """One pipeline.

    Attributes:
        class: Its class in diffusers.
        model: Folder, or name on the Hub.
        call: Arguments of every call, passed unchanged.
        map: Further arguments to fill from the request, in addition to the standard names.
    """

    class_: Annotated[str, Field(alias="class")]
    model: str
    call: Annotated[dict[str, Any], Field(default_factory=dict)]
    map: Annotated[dict[str, Value], Field(default_factory=dict)]


class DiffusionConfig(GeneratorConfig, PipelineConfig):
    """A diffusers pipeline as a generator.

    Attributes:
        dtype: Number type, as in `bfloat16`; or one per component, as in
            `{default: bfloat16, vae: float32}`.
        device: `auto`, `cpu`, `cuda`, ...
        offload: What is kept in main memory while idle: `none`, `model` or `sequential`.
        tiling: Whether the decoder works in tiles.
        continues: How a clip longer than the window is generated; by default as known for the
            class.
        overlap: Frames that a window shares with the one before.
        first: Another pipeline for the first window, if this one needs a picture.
    """

    dtype: str | dict[str, str] = "float32"
    device: str = "auto"
    offload: Literal["none", "model", "sequential"] = "none"
    tiling: bool = False
    continues: Continues | None = None
    overlap: Count | None = None
    first: PipelineConfig | None = None

    def facts(self) -> PipelineFacts:
        """Return the known facts of the class, overridden by the file."""
        known = FACTS.get(self.class_, _UNKNOWN)
        limits = replace(known.limits, **self.limits.model_dump(exclude_unset=True))
        overlap = self.overlap or known.overlap
        if known.own is not None:
            window, shared = (self.call.get(name) for name in known.own)
            limits = replace(limits, most_frames=window or limits.most_frames)
            overlap = shared or overlap
        elif known.continues == "itself" and "latent_window_size" in self.call:
            # FramePack's window is in latent frames of four frames each, after a picture.
            limits = replace(limits, most_frames=4 * self.call["latent_window_size"] + 1)
        return replace(
            known,
            fps=self.fps or known.fps,
            limits=limits,
            continues=self.continues or known.continues,
            overlap=overlap,
        )
