"""The protocols of the world ask for what they say, and compare with the renderer's own clips."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from lvbench.engine.aggregation.real_set import shipped_real_set
from lvbench.engine.evaluate import evaluate
from lvbench.engine.video_pass.tools import build_tools
from lvbench.generators.contract.requests import requests
from lvbench.generators.production.produce import produce
from lvbench.protocol.load import load_protocol, protocols_folder
from lvbench.protocol.schema import PromptEntry
from lvbench.results.real_set_file import read_real_set
from lvbench.world.draw import TEST_SEEDS
from lvbench.world.grammar import CAMERAS, LEVELS, LIGHTS, SCENES, level, schedule

NAMES = ["lvb-world", "lvb-world-180s"]


def prompts_of(name: str) -> PromptEntry:
    prompts = load_protocol(name).prompts
    assert prompts is not None
    return prompts


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_is_of_the_level_that_it_names(name: str) -> None:
    asked = requests(prompts_of(name))
    path = protocols_folder() / prompts_of(name).file
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(asked) == len(lines) == 24
    for request, line in zip(asked, lines, strict=True):
        assert request.id.startswith(line["id"])
        shots = schedule([(prompt.start, prompt.text) for prompt in request.prompts])
        assert level(shots) == line["level"]
        assert request.cuts == tuple(shot.start for shot in shots[1:])
        assert shots[-1].start < request.seconds - 5
        assert request.seed in TEST_SEEDS
        # Where the prompt changes the light, brightness is no drift.
        changes = line["level"] == 3 or shots[0].light == "cycle"
        assert all(("light" in prompt.persist) != changes for prompt in request.prompts)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limit", [12, 24])
def test_the_first_twelve_are_balanced_like_all(name: str, limit: int) -> None:
    asked = requests(prompts_of(name))[:limit]
    shots = [schedule([(p.start, p.text) for p in request.prompts]) for request in asked]
    assert set(Counter(level(one) for one in shots).values()) == {limit // LEVELS}
    assert set(Counter(one[0].scene for one in shots).values()) == {limit // len(SCENES)}
    assert set(Counter(len(one[0].cast) for one in shots).values()) == {limit // 3}
    lit = [one[0].light for one in shots if level(one) > 1]
    assert set(Counter(lit).values()) == {limit // 2 // len(LIGHTS)}
    assert {shot.camera for one in shots for shot in one} == set(CAMERAS)
    # Enough clips to give drift of exposure an interval.
    steady = [request for request in asked if "light" in request.prompts[0].persist]
    assert len(steady) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_it_needs_ships_with_it(name: str) -> None:
    protocol = load_protocol(name)
    assert not build_tools(protocol).unavailable
    real = shipped_real_set(protocol)
    assert real is not None
    assert protocol.real is not None
    assert real.digest == protocol.real.sha256
    kept = read_real_set(protocols_folder() / protocol.real.file).set
    assert kept is not None
    assert len(kept.videos) >= 2 * 24  # enough to split for the floor
    seeds = prompts_of(name).seeds
    assert not [one for one in kept.videos if any(f"seed{seed}." in one for seed in seeds)]


def test_the_renderer_is_near_its_own_and_a_tint_is_detected(tmp_path: Path) -> None:
    """A run from a generator to scores, of the first eight prompts, four seconds of each."""
    text = (protocols_folder() / "lvb-world-v1.yaml").read_text()
    short = tmp_path / "short-v1.yaml"
    short.write_text(text.replace("seconds: 60.0", "seconds: 8.0"))
    protocol = load_protocol(str(short))
    scores = []
    for number, generator in enumerate(["oracle", "degraded-oracle:colour=0.5@0,blur=12@0"]):
        folder = tmp_path / str(number)
        made = produce(generator, protocol, folder / "videos", limit=8, beside=tmp_path)
        run = evaluate(made, out=folder, protocol=str(short), workers=1, device="cpu")
        scores.append(run.scores)
    clean, spoilt = scores
    for key, better in (("world_fvd", -1), ("world_light", -1), ("world_clip_consistency", 1)):
        values = [found[key].value for found in (clean, spoilt)]
        assert None not in values
        assert better * (values[0] - values[1]) > 0  # type: ignore[operator]
    assert clean["world_clip_text.scene"].value == 1
    assert clean["world_fvd.floor"].value is not None
    assert clean["exposure_drift"].n_expected < clean["world_light"].n_expected == 8
