"""Downloads arrive whole and checked, or leave nothing under the final name."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from lvbench.errors import WeightsError
from lvbench.weights import download as weights_download
from lvbench.weights.catalogue import catalogue
from lvbench.weights.download import pull
from lvbench.weights.locate import locate
from tests.weights.weights_server import (
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
    address = f"{server.address}/net.safetensors"
    return entry(
        {"file": "net.safetensors", "addresses": [address], "sha256": sha256(content), **more}
    )


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


def test_a_wrong_file_is_kept_under_another_name(
    server: Server, known: Replace, target: Path
) -> None:
    known(net=served(server))
    server.files["/net.safetensors"] = OTHER
    error = refused()
    assert error.code == "weights_checksum"
    assert sha256(OTHER) in error.found
    assert sha256(RIGHT) in error.found
    kept = target.with_name(f"net.safetensors.wrong-{sha256(OTHER)[:8]}")
    assert str(kept) in error.found
    assert kept.read_bytes() == OTHER
    assert not target.exists()
    assert not partial(target).exists()
    with pytest.raises(WeightsError, match="weights pull net"):
        locate("net")


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
    assert "lvbench weights pull net" in error.fix
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
        address = f"{gone.address}/net.safetensors"
    known(net=served(server, addresses=[address], size=len(RIGHT)))
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
    assert "only.pt" in error.fix


def test_a_full_or_closed_disk_is_said(
    server: Server, known: Replace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    known(net=served(server))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LVBENCH_HOME", str(tmp_path / "file"))
    error = refused()
    assert error.code == "weights_download"
    assert "LVBENCH_HOME" in error.fix


POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256(RIGHT)}\nsize 800\n"
BUDGET = b"<html><h1>This repository exceeded its LFS budget.</h1></html>"


def test_each_address_is_tried_until_one_gives_the_file(
    server: Server, known: Replace, target: Path
) -> None:
    server.refusals = {"/budget": (403, BUDGET)}
    server.files |= {"/wrong": OTHER, "/pointer": POINTER.encode()}
    paths = ["/budget", "/absent", "/wrong", "/pointer", "/net.safetensors"]
    known(net=served(server, addresses=[server.address + path for path in paths]))
    said: list[str] = []
    assert pull(catalogue()["net"], say=said.append).path == target
    assert target.read_bytes() == RIGHT
    assert [line.split()[1] for line in said] == [server.address + path for path in paths[:-1]]
    reasons = (
        "HTTP 403 Forbidden: This repository exceeded its LFS budget.",
        "HTTP 404",
        "wrong content",
        "a Git LFS pointer came instead of the file",
    )
    assert all(reason in line for line, reason in zip(said, reasons, strict=True))
    # Nothing else is left there but the wrong file.
    kept = {path.name for path in target.parent.iterdir() if not path.name.endswith(".lock")}
    assert kept == {target.name, f"{target.name}.wrong-{sha256(OTHER)[:8]}"}


def test_when_all_fail_every_address_is_listed_with_its_reason(
    server: Server, known: Replace, target: Path
) -> None:
    with serving() as gone:
        pass
    server.refusals = {"/budget": (403, BUDGET)}
    paths = [f"{server.address}/budget", f"{server.address}/absent", f"{gone.address}/x"]
    known(net=served(server, addresses=paths))
    error = refused()
    assert error.code == "weights_download"
    for path, reason in zip(paths, ("LFS budget", "HTTP 404", "no network"), strict=True):
        assert any(path in line and reason in line for line in error.found.splitlines())
    assert "lvbench weights pull net" in error.fix


def test_a_cut_download_goes_on_at_the_next_address(
    server: Server, known: Replace, target: Path
) -> None:
    with serving() as cutting:
        cutting.files, cutting.cut_after = {"/cut": RIGHT}, 1000
        addresses = [f"{cutting.address}/cut", f"{server.address}/net.safetensors"]
        known(net=served(server, addresses=addresses))
        assert pull(catalogue()["net"]).sha256 == sha256(RIGHT)
    assert server.asked == ["bytes=4000-"]


def test_a_server_that_sends_too_little_is_left(
    server: Server, known: Replace, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights_download, "_WINDOW", 0.5)
    server.files["/headers"] = RIGHT
    known(net=served(server, addresses=[f"{server.address}/{n}" for n in ("headers", "x")]))
    # Bytes come all the time, in the head and in the body, but too few of them.
    for drip, slow_head in ((0.05, False), (0.0, True)):
        server.drip, server.slow_head = drip, slow_head
        begin = monotonic()
        error = refused()
        assert monotonic() - begin < 10
        assert "bytes came in 0.5 s" in error.found
        partial(target).unlink(missing_ok=True)


def test_a_body_without_end_is_left(server: Server, known: Replace, target: Path) -> None:
    known(net=served(server, size=1000))
    error = refused()
    assert "more than" in error.found
    assert not partial(target).exists()


def test_what_a_server_writes_cannot_steer_the_terminal(server: Server, known: Replace) -> None:
    known(net=served(server))
    server.refusals = {"/net.safetensors": (403, b"\x1b[2J\x1b]0;title\x07 no" + b"x" * 5000)}
    found = refused().found
    assert "\x1b" not in found
    assert "\x07" not in found
    assert len(found) < 800


def test_non_commercial_weights_are_fetched_only_if_that_is_accepted(
    server: Server, known: Replace, target: Path
) -> None:
    licence = {"code": "MIT", "weights": "CC-BY-NC-SA-4.0"}
    known(net={**served(server), "licence": licence})
    error = refused()
    assert error.code == "weights_licence"
    assert "CC-BY-NC-SA-4.0" in error.found
    assert "lvbench weights pull net --accept-noncommercial" in error.fix
    assert server.asked == []
    assert pull(catalogue()["net"], accept_noncommercial=True).path == target


SCRIPT = """
import sys
from pathlib import Path
from lvbench.errors import WeightsError
from lvbench.weights import catalogue as weights_catalogue
weights_catalogue._CATALOGUE = Path(sys.argv[1])
from lvbench.weights.locate import locate
from lvbench.weights.download import pull
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


@pytest.mark.parametrize("name", ["HF_ENDPOINT", None])
def test_an_address_on_the_hub_is_its_server_and_revision(
    server: Server, known: Replace, monkeypatch: pytest.MonkeyPatch, target: Path, name: str | None
) -> None:
    known(net=served(server, addresses=["hf://org/net@v1/deep/net.safetensors"]))
    if name is None:
        monkeypatch.setattr(weights_download, "_HUB", server.address)
    else:
        monkeypatch.setenv(name, f"{server.address}/")
    server.files["/org/net/resolve/v1/deep/net.safetensors"] = RIGHT
    assert pull(catalogue()["net"]).path == target
