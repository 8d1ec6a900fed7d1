"""Every registered generator that needs no network keeps the contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from lvbench.generators.contract.conformance import check
from lvbench.generators.registry import GENERATORS, build
from tests.generators.diffusers.tiny_pipelines import save
from tests.generators.hosted.fake_service import KEY, Service, configuration, rendered, serving


def reference(_: str, folder: Path) -> str:
    """Return the argument for a small network of random weights."""
    from lvbench.reference.checkpoint import save_weights
    from tests.reference.conftest import small_network

    network = small_network()
    save_weights(folder / "small.safetensors", network, network.state_dict(), 0)
    return f":{folder / 'small.safetensors'}"


def pipeline(_: str, folder: Path) -> str:
    """Return the argument for a tiny pipeline of a real class."""
    content = {
        "class": "WanPipeline",
        "model": str(save("WanPipeline", folder / "wan")),
        "call": {"num_inference_steps": 2, "max_sequence_length": 16},
    }
    (folder / "wan.yaml").write_text(yaml.safe_dump(content))
    return f":{folder / 'wan.yaml'}"


def clips(_: str, folder: Path) -> str:
    """Return the argument for a folder with one clip."""
    made = build("noise")
    (folder / "clips").mkdir()
    made.make(made.example(), folder / "clips" / "example.mp4")
    return f":{folder / 'clips'}"


# What each needs after its name; one that is not named here needs nothing.
ARGUMENTS: dict[str, Callable[[str, Path], str]] = {
    "command": lambda program, _: f":{program}",
    "degraded-oracle": lambda *_: ":seam=6@0.5,exposure=-0.3,swap=1,forget=1,audio=0.1",
    "diffusers": pipeline,
    "folder": clips,
    "http": lambda _, folder: f":{folder / 'fake.yaml'}",
    "reference": reference,
}


def test_arguments_are_of_generators_that_exist() -> None:
    assert set(ARGUMENTS) <= set(GENERATORS)


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve a hosted model on this machine, and describe it."""
    monkeypatch.setenv("FAKE_KEY", KEY)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(Service(rendered(tmp_path))) as running:
        (tmp_path / "fake.yaml").write_text(yaml.safe_dump(configuration(running)))
        yield


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("name", list(GENERATORS))
def test_it_keeps_the_contract(name: str, program: str, tmp_path: Path) -> None:
    argument = ARGUMENTS[name](program, tmp_path) if name in ARGUMENTS else ""
    generator = build(f"{name}{argument}")
    found = list(check(generator))
    assert not [finding for finding in found if finding.status == "fail"]
    kept = [finding for finding in found if finding.status == "pass"]
    assert len(kept) >= 7
