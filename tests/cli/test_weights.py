"""`lvbench weights` lists, fetches and checks, and its exit code says how that went."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lvbench.cli import doctor
from lvbench.cli.main import run
from lvbench.cli.weights import weights
from lvbench.errors import UsageError
from lvbench.weights.catalogue import catalogue
from tests.weights.weights_server import (
    Replace,
    Server,
    checkpoint,
    entry,
    own_caches,
    replaced,
    serving,
    sha256,
)

RIGHT, OTHER = checkpoint(1, 1000), checkpoint(2, 1000)


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return own_caches(monkeypatch, tmp_path)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """Serve `one` rightly and `two` wrongly; `three` has no address."""
    with serving() as running, replaced(monkeypatch, tmp_path) as replace:
        running.files = {"/one": RIGHT, "/two": OTHER}
        known_entries(replace, running.address)
        yield running


def known_entries(replace: Replace, address: str) -> None:
    pinned = {"sha256": sha256(RIGHT), "size": len(RIGHT)}
    replace(
        one=entry({"file": "one.pt", "addresses": [f"{address}/one"], **pinned}),
        two=entry({"file": "two.pt", "addresses": [f"{address}/two"], "sha256": "0" * 64}),
        three=entry({"file": "three.pt", "sha256": "1" * 64, "size": 2000}),
    )


def call(*arguments: str) -> tuple[int, Result]:
    result = CliRunner().invoke(weights, list(arguments), standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.return_value or 0, result


def test_the_catalogue_is_listed_with_what_pins_it() -> None:
    rows = json.loads(call("list", "--json")[1].stdout)
    assert [row["name"] for row in rows] == list(catalogue())
    listed = {row["name"]: row for row in rows}
    assert listed["raft_large"]["identity"] == f"sha256 {listed['raft_large']['sha256']}"
    assert listed["amt_s"]["licence"]["weights"] == "CC-BY-NC-SA-4.0"
    assert listed["amt_s"]["addresses"] == ["hf://lalala125/AMT@main/amt-s.pth"]
    # Nothing is here but what ships with lvbench.
    present = {name for name, row in listed.items() if row["state"] == "present"}
    assert present == {name for name, row in listed.items() if row["shipped"]}
    assert present >= {"mobilenet_v2", "yunet", "niqe_image_params", "world_clip"}
    assert {row["state"] for row in rows} == {"present", "weights_missing"}
    table = call("list")[1].stdout.splitlines()
    for name in catalogue():
        (line,) = (line for line in table if line.startswith(f"{name} "))
        assert ("ships with lvbench" in line) == (name in present)
    assert any("605 MB" in line for line in table)


@pytest.mark.assets
def test_a_folders_files_are_listed_as_present(assets: Path) -> None:
    rows = json.loads(call("list", "--json", "--weights", str(assets / "assets"))[1].stdout)
    present = {row["name"] for row in rows if row["state"] == "present"}
    assert present >= {"raft_small", "squeezenet1_1", "mobilenet_v2", "yunet", "mobilefacenet"}
    assert not present & {"i3d", "clip_vit_b_32", "raft_large"}


def test_pull_fetches_and_verify_agrees(server: Server, own_home: Path) -> None:
    code, result = call("pull", "one")
    path = own_home / "weights" / "one" / "one.pt"
    assert code == 0
    assert f"{path} (sha256 {sha256(RIGHT)})" in result.stdout
    code, result = call("verify")
    assert code == 0
    assert "1 right, 0 wrong, 2 missing" in result.stdout
    path.write_bytes(OTHER)
    code, result = call("verify")
    assert code == 1
    assert "WRONG  one" in result.stdout
    assert "wrong file" in call("list")[1].stdout


def test_what_fails_hinders_no_other(server: Server, own_home: Path) -> None:
    code, result = call("pull", "two", "three", "one")
    assert code == 1
    assert "not fetched: two (size not known), three (2 kB)" in result.stderr
    assert (own_home / "weights" / "one" / "one.pt").read_bytes() == RIGHT


def test_all_is_what_has_an_address(server: Server) -> None:
    code, result = call("pull", "--all")
    assert code == 1
    assert "not fetched: two (size not known)" in result.stderr
    assert "three" not in result.stderr


def test_the_failure_of_an_address_is_a_line_and_the_next_is_tried(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with replaced(monkeypatch, tmp_path) as replace:
        addresses = [f"{server.address}/absent", f"{server.address}/one"]
        replace(net=entry({"file": "net.pt", "addresses": addresses, "sha256": sha256(RIGHT)}))
        code, result = call("pull", "net")
    assert code == 0
    assert f"net: {server.address}/absent failed: HTTP 404" in result.stderr


def test_non_commercial_weights_need_a_flag(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with replaced(monkeypatch, tmp_path) as replace:
        licence = {"code": "MIT", "weights": "CC-BY-NC-4.0"}
        file = {"file": "n.pt", "addresses": [f"{server.address}/one"], "sha256": sha256(RIGHT)}
        replace(net={**entry(file), "licence": licence})
        code, result = call("pull", "net")
        assert (code, server.asked) == (1, [])
        assert "lvbench weights pull net --accept-noncommercial" in result.stderr
        assert call("pull", "--all")[1].output == ""
        assert call("pull", "--all", "--accept-noncommercial")[0] == 0
        assert len(server.asked) == 1


def test_offline_everything_that_is_missing_is_listed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code, result = call("pull", "one", "two")
    assert code == 1
    assert f"not fetched: one ({len(RIGHT) / 1e3:.3g} kB), two (size not known)" in result.stderr
    assert server.asked == []


def test_a_protocols_weights_are_those_its_metrics_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    code, result = call("pull", "--protocol", "lvb-smoke")
    assert code == 0
    files = [line.partition(":") for line in result.output.splitlines() if line]
    assert {name for name, _, _ in files} == {
        "brisque_model_live", "brisque_range_live", "niqe_image_params",
    }  # fmt: skip
    assert all("shipped" in path for _, _, path in files), "nothing is fetched"


@pytest.mark.parametrize("arguments", [[], ["i3"], ["yunet", "no_such"]])
def test_a_wrong_name_is_refused_before_anything_is_fetched(arguments: list[str]) -> None:
    with pytest.raises(UsageError, match="weights list"):
        call("pull", *arguments)


def test_the_command_is_known() -> None:
    assert run(["weights", "verify"]) == 0


def test_the_doctor_counts_them_and_names_a_wrong_one(server: Server, own_home: Path) -> None:
    (counted,) = doctor.check_weights()
    assert counted.level == "note"
    assert "0 of 3" in counted.found
    call("pull", "one")
    (own_home / "weights" / "two").mkdir()
    (own_home / "weights" / "two" / "two.pt").write_bytes(OTHER)
    wrong, counted = doctor.check_weights()
    assert wrong.level == "problem"
    assert sha256(OTHER) in wrong.found
    assert "lvbench weights pull two" in wrong.fix
    assert "1 of 3" in counted.found
