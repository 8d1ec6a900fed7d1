"""Downloads arrive whole and checked, or leave nothing under the final name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lvbench.errors import WeightsError
from lvbench.features.weights import locate
from lvbench.features.weights_catalogue import catalogue
from lvbench.features.weights_download import pull
from tests.features.weights_server import (
    Replace,
    Server,
    checkpoint,
    entry,
    own_caches,
    replaced,
    serving,
    sha256,
    write_catalogue,
)

RIGHT, OTHER = checkpoint(1), checkpoint(2)


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return own_caches(monkeypatch, tmp_path)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Replace]:
    with replaced(monkeypatch, tmp_path) as replace:
        yield replace


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        running.files["/net.safetensors"] = RIGHT
        yield running


@pytest.fixture
def target(own_home: Path) -> Path:
    return own_home / "weights" / "net" / "net.safetensors"


def served(server: Server, content: bytes = RIGHT, **more: Any) -> dict[str, Any]:
    """Return an entry with one file at the server, pinned to `content`."""
    url = f"{server.address}/net.safetensors"
    return entry({"file": "net.safetensors", "url": url, "sha256": sha256(content), **more})


def refused(name: str = "net") -> WeightsError:
    with pytest.raises(WeightsError) as caught:
        pull(catalogue()[name])
    return caught.value


def partial(target: Path) -> Path:
    return target.with_name(f".{target.name}.partial")


def test_the_right_file_is_fetched_once_and_found(
    server: Server, known: Replace, target: Path
) -> None:
    known(net=served(server))
    steps: list[tuple[int, int | None]] = []
    found = pull(catalogue()["net"], lambda done, total: steps.append((done, total)))
    assert (found.path, found.sha256) == (target, sha256(RIGHT))
    assert target.read_bytes() == RIGHT
    assert steps[0] == (0, len(RIGHT))
    assert steps[-1] == (len(RIGHT), len(RIGHT))
    assert locate("net").path == target
    assert pull(catalogue()["net"]).path == target
    assert len(server.asked) == 1
    assert not partial(target).exists()


def test_a_wrong_file_never_gets_its_final_name(
    server: Server, known: Replace, target: Path
) -> None:
    known(net=served(server))
    server.files["/net.safetensors"] = OTHER
    error = refused()
    assert error.code == "weights_checksum"
    assert sha256(OTHER) in error.found
    assert sha256(RIGHT) in error.found
    assert not target.exists()
    assert not partial(target).exists()


def test_a_wrong_file_in_its_place_is_replaced(
    server: Server, known: Replace, target: Path
) -> None:
    known(net=served(server))
    target.parent.mkdir(parents=True)
    target.write_bytes(OTHER)
    assert pull(catalogue()["net"]).sha256 == sha256(RIGHT)
    assert target.read_bytes() == RIGHT


def test_a_cut_download_goes_on_where_it_stopped(
    server: Server, known: Replace, target: Path
) -> None:
    known(net=served(server))
    server.cut_after = len(RIGHT) // 3
    assert pull(catalogue()["net"]).sha256 == sha256(RIGHT)
    assert server.asked[0] == ""
    assert server.asked[1] == f"bytes={len(RIGHT) // 3}-"


def test_a_download_that_stays_cut_is_resumed_by_the_next_command(
    server: Server, known: Replace, target: Path
) -> None:
    known(net=served(server))
    server.cut_after = 1000
    error = refused()
    assert error.code == "weights_download"
    assert "lvbench weights pull net" in error.mend
    assert not target.exists()
    left = partial(target).stat().st_size
    assert 1000 < left < len(RIGHT)
    with pytest.raises(WeightsError, match="weights pull net"):
        locate("net")
    server.cut_after, server.asked = None, []
    assert pull(catalogue()["net"]).sha256 == sha256(RIGHT)
    assert server.asked == [f"bytes={left}-"]


def test_a_server_that_cannot_resume_starts_again(
    server: Server, known: Replace, target: Path
) -> None:
    known(net=served(server))
    partial(target).parent.mkdir(parents=True)
    partial(target).write_bytes(RIGHT[:5000])
    server.ranges = False
    assert pull(catalogue()["net"]).sha256 == sha256(RIGHT)


@pytest.mark.parametrize("left", [OTHER[:5000], RIGHT + b"more"])
def test_what_was_left_of_another_version_is_thrown_away(
    server: Server, known: Replace, target: Path, left: bytes
) -> None:
    known(net=served(server))
    partial(target).parent.mkdir(parents=True)
    partial(target).write_bytes(left)
    assert pull(catalogue()["net"]).sha256 == sha256(RIGHT)


def test_without_a_network_the_error_says_what_is_missing(
    server: Server, known: Replace, target: Path
) -> None:
    # A port that was just closed: nobody listens there.
    with serving() as gone:
        url = f"{gone.address}/net.safetensors"
    known(net=entry({"file": "n", "url": url, "sha256": sha256(RIGHT), "size": len(RIGHT)}))
    error = refused()
    assert error.code == "weights_offline"
    assert "no network" in error.found
    assert "800 kB" in error.found
    assert sha256(RIGHT) in error.found


def test_offline_mode_is_honoured(
    server: Server, known: Replace, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(net=served(server))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    error = refused()
    assert error.code == "weights_offline"
    assert "HF_HUB_OFFLINE" in error.found
    assert server.asked == []


def test_a_file_that_the_server_lacks_is_named(server: Server, known: Replace) -> None:
    known(net=served(server))
    server.files.clear()
    error = refused()
    assert error.code == "weights_download"
    assert "404" in error.found


def test_a_file_without_an_address_is_asked_of_the_user(known: Replace) -> None:
    known(net=entry({"file": "only.pt", "sha256": sha256(RIGHT)}))
    error = refused()
    assert error.code == "weights_missing"
    assert "only.pt" in error.mend


def test_a_full_or_closed_disk_is_said(
    server: Server, known: Replace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known(net=served(server))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LVBENCH_HOME", str(tmp_path / "file"))
    error = refused()
    assert error.code == "weights_download"
    assert "LVBENCH_HOME" in error.mend


def test_a_file_without_a_published_sha256_is_pinned(
    server: Server, known: Replace, target: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"{server.address}/net.safetensors"
    known(net=entry({"file": "net.safetensors", "url": url, "about": len(RIGHT)}))
    # What was left of it cannot be told from another version's, so it is not gone on with.
    partial(target).parent.mkdir(parents=True)
    partial(target).write_bytes(OTHER[:5000])
    assert pull(catalogue()["net"]).sha256 == sha256(RIGHT)
    assert sha256(RIGHT) in capfd.readouterr().err
    target.unlink()
    server.files["/net.safetensors"] = OTHER
    assert refused().code == "weights_checksum"
    assert not target.exists()


SCRIPT = """
import sys
from pathlib import Path
from lvbench.errors import WeightsError
from lvbench.features import weights_catalogue
weights_catalogue._CATALOGUE = Path(sys.argv[1])
from lvbench.features.weights import locate
from lvbench.features.weights_download import pull
try:
    print(pull(weights_catalogue.catalogue()["net"]).path)
    print(locate("net").sha256)
except WeightsError as error:
    print(error.code)
"""


def start(catalogue_file: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(catalogue_file)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def test_two_processes_at_once_fetch_once(server: Server, tmp_path: Path, target: Path) -> None:
    server.pause = 1.0
    known_to_all = write_catalogue(tmp_path / "c.yaml", net=served(server))
    processes = [start(known_to_all) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].split() for process in processes]
    assert said == [[str(target), sha256(RIGHT)]] * 2
    assert len(server.asked) == 1
    assert target.read_bytes() == RIGHT


def hub_entry(**more: Any) -> dict[str, Any]:
    hub = {"repo": "org/net", "file": "deep/net.safetensors"}
    return entry({"file": "net.safetensors", "hub": hub, "about": len(RIGHT), **more})


@pytest.mark.parametrize("wanted", [None, RIGHT, OTHER])
def test_a_file_of_the_hub_lives_in_its_cache(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: bytes | None
) -> None:
    server.files["/org/net/resolve/main/deep/net.safetensors"] = RIGHT
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    file = tmp_path / "c.yaml"
    write_catalogue(file, net=hub_entry(**({} if wanted is None else {"sha256": sha256(wanted)})))
    first = start(file).communicate(timeout=60)[0].split()
    kept = [path for path in (tmp_path / "hf").rglob("*") if path.is_file()]
    contents = [path.read_bytes() for path in kept]
    if wanted == OTHER:
        assert first == ["weights_checksum"]
        assert RIGHT not in contents
        return
    assert first[1] == sha256(RIGHT)
    assert Path(first[0]).is_relative_to(tmp_path / "hf" / "hub")
    assert RIGHT in contents
    # From now on it is found without asking anybody.
    server.asked = []
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert start(file).communicate(timeout=60)[0].split() == first
    assert server.asked == []


def test_a_hub_that_cannot_be_reached_is_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as gone:
        monkeypatch.setenv("HF_ENDPOINT", gone.address)
    file = write_catalogue(tmp_path / "c.yaml", net=hub_entry())
    assert start(file).communicate(timeout=60)[0].split() == ["weights_offline"]
