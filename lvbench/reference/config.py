"""Configuration of reference models: network sizes and training recipes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from lvbench.errors import UsageError
from lvbench.world.grammar import HUES, PATTERNS, SCENES, SHAPES

WORDS = (*SCENES, *SHAPES, *HUES, *PATTERNS)  # words that select training clips


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Sizes that determine the network's tensors.

    Attributes:
        size: Height and width of a frame in pixels.
        patch: Height and width of the patch that becomes one token.
        width: Length of a token.
        depth: Blocks.
        heads: Attention heads.
        window: Frames of the training context, including the new frame.
        fps: Frames per second.
        reach: Largest displacement in pixels when a pixel is copied from the frame before.
    """

    size: int
    patch: int
    width: int
    depth: int
    heads: int
    window: int
    fps: float = 8.0
    reach: int = 2

    @property
    def patches(self) -> int:
        """Return the number of patches of a frame."""
        return (self.size // self.patch) ** 2


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """Training settings: with the network's sizes they determine every bit of the weights.

    Attributes:
        steps: Steps in all.
        batch: Clips in a step.
        seed: Seed of weights, data order and noise.
        levels: Levels of the world that clips are drawn from, equally often.
        without: Words excluded from prompts: scenes, shapes, hues, patterns.
        only: Words of which a clip must have at least one, if any are given.
        short_until: Step up to which windows have half the frames (a curriculum).
        learning_rate: Peak of the learning rate.
        warm_up: Steps over which it rises.
        decay: Steps at the end over which it falls to zero; 0 for a constant rate.
        teacher_forcing: Share of steps in which every frame is denoised given a clean past; in
            the others every frame, past included, has its own noise level.
        history_noise: Largest noise level of the past in a teacher-forced step.
        drop_prompt: Share of clips without prompt, for classifier-free guidance.
        images: Share of steps on single frames, `window` times as many: first frames have no past
            and are rare in windows.
        memory: Share of clips whose first two frames come from earlier in the same shot.
        self_rollout: Share of teacher-forced steps whose past is the model's own prediction.
        distil: Guidance scale to distil from a frozen copy of the weights, so that sampling needs
            one forward pass; 0 for none.
        augment: Augmentations: `mirror`, `hue`, `speed`.
        average: Decay of the exponential moving average of the weights.
        dtype: `float32`, or `bfloat16` for products of matrices.
    """

    steps: int
    batch: int = 8
    seed: int = 0
    levels: tuple[int, ...] = (0, 1)
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    short_until: int = 0
    learning_rate: float = 2e-3
    warm_up: int = 100
    decay: int = 0
    teacher_forcing: float = 0.7
    history_noise: float = 0.15
    drop_prompt: float = 0.1
    images: float = 0.0
    memory: float = 0.15
    self_rollout: float = 0.0
    distil: float = 0.0
    augment: tuple[str, ...] = ()
    average: float = 0.999
    dtype: str = "float32"

    def __post_init__(self) -> None:
        unknown = [word for word in (*self.without, *self.only) if word not in WORDS]
        if unknown:
            raise UsageError(
                "choose training clips by their words",
                found=f"no scene, shape, hue or pattern '{unknown[0]}'",
                where="the training recipe",
                fix=f"choose from {', '.join(WORDS)}",
            )

    def as_json(self) -> dict[str, Any]:
        """Return the configuration as plain JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ModelPreset:
    """A network size with its training recipe."""

    network: NetworkConfig
    training: TrainingConfig


PRESETS = {
    "nano": ModelPreset(
        NetworkConfig(size=32, patch=8, width=96, depth=4, heads=2, window=8),
        TrainingConfig(steps=400, levels=(0,), warm_up=20, decay=100),
    ),
    "tiny": ModelPreset(
        NetworkConfig(size=48, patch=8, width=192, depth=8, heads=3, window=16),
        TrainingConfig(steps=6000, batch=4, short_until=2400, decay=1200, dtype="bfloat16"),
    ),
    "base": ModelPreset(
        NetworkConfig(size=96, patch=12, width=448, depth=10, heads=7, window=32, reach=3),
        TrainingConfig(
            steps=4000,
            batch=64,
            levels=(0, 1, 2, 3),
            short_until=1600,
            learning_rate=1e-3,
            warm_up=300,
            decay=1000,
            dtype="bfloat16",
        ),
    ),
}


def preset(name: str, *, window: int | None = None, **changes: Any) -> ModelPreset:
    """Return the preset `name` with changes to its window and training recipe.

    Raises:
        UsageError: There is no preset of that name.
    """
    if name not in PRESETS:
        raise UsageError(
            "use a preset of the reference model",
            found=f"no preset '{name}'",
            where="lvbench.reference",
            fix=f"choose one of {', '.join(PRESETS)}",
        )
    found = PRESETS[name]
    network = replace(found.network, window=window or found.network.window)
    return ModelPreset(network, replace(found.training, **changes))
