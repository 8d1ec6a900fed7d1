"""Weights are found by what they are, and another network is never taken for them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lvbench.errors import WeightsError
from lvbench.features.network import NetworkExtractor
from lvbench.features.registry import EXTRACTORS, build, needed_by, users
from lvbench.weights import store as weights_store
from lvbench.weights.catalogue import catalogue, hub_file, readable
from lvbench.weights.locate import Located, locate, missing, verify
from tests.weights.weights_server import (
    Replace,
    checkpoint,
    entry,
    git_blob,
    own_caches,
    replaced,
    sha256,
)

ONE, TWO = checkpoint(1), checkpoint(2)


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    return own_caches(monkeypatch, tmp_path)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Replace]:
    with replaced(monkeypatch, tmp_path) as replace:
        yield replace


def put(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def refused(name: str, source: Path | None = None) -> WeightsError:
    with pytest.raises(WeightsError) as caught:
        locate(name, source)
    return caught.value


def pinned(content: bytes, **more: Any) -> dict[str, Any]:
    return {"file": "a.safetensors", "sha256": sha256(content), "size": len(content), **more}


@pytest.mark.assets
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("raft_small", "flow/raft-small.pth"),
        ("squeezenet1_1", "perceptual/squeezenet1_1_torchvision_fp16.safetensors"),
        ("mobilenet_v2", "image_nets/mobilenet_v2_onnxzoo_folded_features.safetensors"),
        ("mobilefacenet", "faces/MobileFaceNet.onnx"),
    ],
)
def test_the_real_files_are_found_in_their_folder(assets: Path, name: str, file: str) -> None:
    folder = assets / "assets"
    expected = {e["file"]: e["sha256"] for e in json.loads((folder / "index.json").read_text())}
    # A file that is given stands for what does not ship.
    for source in (folder, *([] if catalogue()[name].shipped else [folder / file])):
        found = locate(name, source)
        assert found.path == folder / file
        assert found.sha256 == expected[file]


@pytest.mark.assets
def test_a_folder_without_a_file_names_what_would_fetch_it(assets: Path) -> None:
    error = refused("raft_large", assets / "assets")
    assert error.code == "weights_missing"
    assert "21.1 MB" in error.found
    assert "fcfa4125d6418f4de95d84aec20a3c5f4e205101715a79f193243c186ac9a7e1" in error.found
    assert error.fix == "lvbench weights pull raft_large (21.1 MB)"


def test_what_extractors_load_is_in_the_catalogue() -> None:
    loaded = {
        weights
        for name in EXTRACTORS
        if isinstance(extractor := build(name), NetworkExtractor)
        for weights in extractor.weights
    }
    assert loaded <= catalogue().keys()
    assert "clip_vit_b_32" in users()["clip_vit_b_32"]


def test_every_file_says_where_its_checksum_is_from() -> None:
    for one in catalogue().values():
        for file in one.files:
            assert file.source, (one.name, file.file)


def test_the_page_on_weights_names_every_entry() -> None:
    page = (Path(__file__).parents[2] / "docs" / "weights.md").read_text()
    assert [name for name in catalogue() if f"`{name}`" not in page] == []


def test_what_ships_is_what_the_catalogue_promises_and_nothing_else() -> None:
    folder = weights_store.shipped_folder()
    shipped = {
        file.file: file for one in catalogue().values() for file in one.files if file.shipped
    }
    assert shipped.keys() | {"NOTICE"} == {path.name for path in folder.iterdir()}
    notice = (folder / "NOTICE").read_text()
    for name, file in shipped.items():
        content = (folder / name).read_bytes()
        assert (sha256(content), len(content)) == (file.sha256, file.size)
        assert name in notice
    assert sum(file.size or 0 for name, file in shipped.items() if name[:5] != "world") < 9.8e6


def test_what_ships_is_found_without_any_folder(own_home: Path) -> None:
    for name, one in catalogue().items():
        if one.shipped:
            assert locate(name).path == weights_store.shipped_folder() / one.main.file
            assert not missing([name])


def kind(address: str) -> int:
    if address.startswith("https://media.githubusercontent.com/"):
        return 2
    return int(address.startswith("https://raw.githubusercontent.com/"))


def test_addresses_are_pinned_and_githubs_lfs_comes_last() -> None:
    unpinned = set()
    for one in catalogue().values():
        for file in one.files:
            kinds = [kind(address) for address in file.addresses]
            assert kinds == sorted(kinds), file.addresses
            for address in file.addresses:
                hub = hub_file(address)
                pinned = re.search(r"/[0-9a-f]{40}/", address) or "github" not in address
                if not (pinned if hub is None else re.fullmatch("[0-9a-f]{40}", hub.revision)):
                    unpinned.add(address)
    # Of these the full commit is published nowhere that could be read; the sha256 decides.
    assert unpinned == {
        "hf://ddrfan/RAFT@main/raft-small.pth",
        "hf://ddrfan/RAFT@main/raft-things.pth",
        "hf://lalala125/AMT@main/amt-s.pth",
        "https://github.com/chaofengc/IQA-PyTorch/releases/download/v0.1-weights/"
        "musiq_spaq_ckpt-358bb6af.pth",
    }


def test_what_an_extractor_needs_is_told_with_its_size() -> None:
    (clip,) = needed_by("clip_vit_b_32")
    assert clip.command == "lvbench weights pull clip_vit_b_32 (605 MB)"
    assert needed_by("dis") == []
    assert [readable(n) for n in (None, 12, 2373, 1_710_000_000)] == [
        "size not known",
        "12 bytes",
        "2.37 kB",
        "1.71 GB",
    ]


def test_a_folder_is_searched_by_content_and_not_by_name(tmp_path: Path, known: Replace) -> None:
    known(net=entry(pinned(ONE)))
    folder = tmp_path / "given"
    put(folder / "a.safetensors", TWO)
    right = put(folder / "deep" / "whatever.bin", ONE)
    assert locate("net", folder).path == right


def test_a_git_blob_id_serves_where_no_sha256_is_known(tmp_path: Path, known: Replace) -> None:
    known(blob=entry({"file": "b.pt", "git_blob": git_blob(ONE), "about": len(ONE)}))
    one, two = put(tmp_path / "in" / "x", ONE), put(tmp_path / "in" / "y", TWO)
    assert locate("blob", tmp_path / "in").path == one
    assert refused("blob", two).code == "weights_checksum"


def test_a_file_of_which_no_checksum_is_known_is_no_entry(known: Replace) -> None:
    known(net=entry({"file": "a.safetensors", "about": 605_000_000}))
    with pytest.raises(ValueError, match="neither sha256 nor git_blob"):
        catalogue()


def test_of_several_files_the_preferred_one_is_taken(tmp_path: Path, known: Replace) -> None:
    known(net=entry(pinned(ONE), {"file": "b.pt", "sha256": sha256(TWO), "size": len(TWO)}))
    folder = tmp_path / "in"
    second = put(folder / "2", TWO)
    assert locate("net", folder).path == second
    first = put(folder / "9", ONE)
    assert locate("net", folder).path == first


def test_a_wrong_file_in_its_place_is_named(tmp_path: Path, known: Replace) -> None:
    known(net=entry(pinned(ONE)))
    wrong = put(tmp_path / "in" / "a.safetensors", TWO)
    error = refused("net", tmp_path / "in")
    assert error.code == "weights_checksum"
    assert error.where == str(wrong)
    assert sha256(TWO) in error.found
    assert sha256(ONE) in error.found
    put(wrong, ONE[:1000])
    assert "1000 bytes" in refused("net", tmp_path / "in").found


def test_another_network_is_refused_by_name(tmp_path: Path, known: Replace) -> None:
    other = {"file": "o.pt", "git_blob": git_blob(TWO), "network": "rgb_imagenet, another one"}
    known(net=entry(pinned(ONE), others=[other], fingerprint="table"), three=entry(pinned(b"3")))
    path = put(tmp_path / "in" / "o.pt", TWO)
    for source in (path, tmp_path / "in"):
        error = refused("net", source)
        assert error.code == "weights_checksum"
        assert "rgb_imagenet, another one" in error.found
    assert "the weights 'three'" in refused("net", put(tmp_path / "x", b"3")).found


def test_the_known_other_i3d_networks_are_in_the_catalogue() -> None:
    others = {other.git_blob: other.network for other in catalogue()["i3d"].others}
    assert "rgb_imagenet" in others["2958652e0c9c48a65010c0ebda5c9cfd4edc7c18"]
    assert "rgb_imagenet" in others["73a4fd1d87eb3dbd97f33a9779fa1caa3d28111a"]


def test_a_given_converted_file_is_left_to_its_tensors(tmp_path: Path, known: Replace) -> None:
    known(net=entry({"file": "b.pt", "git_blob": git_blob(TWO)}, fingerprint="table"))
    path = put(tmp_path / "converted.safetensors", ONE)
    assert locate("net", path).sha256 == sha256(ONE)
    assert refused("net", tmp_path).code == "weights_missing"


def test_weights_yaml_puts_own_files_in_an_entrys_place(tmp_path: Path, known: Replace) -> None:
    known(net=entry(pinned(ONE)))
    folder = tmp_path / "in"
    put(folder / "published.safetensors", ONE)
    mine = put(folder / "mine.safetensors", TWO)
    names = folder / "weights.yaml"
    names.write_text("net: mine.safetensors\nnew_net: {file: mine.safetensors}\n")
    for name in ("net", "new_net"):
        assert locate(name, folder).path == mine
        assert locate(name, folder).sha256 == sha256(TWO)
    names.write_text(f"net: {{file: mine.safetensors, sha256: {sha256(TWO)}}}\n")
    assert locate("net", folder).path == mine
    names.write_text(f"net: {{file: mine.safetensors, sha256: {sha256(ONE)}}}\n")
    assert refused("net", folder).code == "weights_checksum"


@pytest.mark.parametrize(
    "text", ["net: [", "- net", "net: absent.pt", "net: {sha: 1}", "net: {file: a, size: 2}", "net"]
)
def test_a_wrong_weights_yaml_is_refused(tmp_path: Path, known: Replace, text: str) -> None:
    known(net=entry(pinned(ONE)))
    put(tmp_path / "in" / "a", ONE)
    put(tmp_path / "in" / "weights.yaml", text.encode())
    assert refused("net", tmp_path / "in").code == "weights_override"


def test_an_unknown_name_gets_the_nearest() -> None:
    error = refused("clip_vit_b32")
    assert error.code == "weights_unknown"
    assert "clip_vit_b_32" in error.found
    assert refused("i3d", Path("no/such/place")).code == "weights_missing"


def test_a_folder_is_completed_by_the_cache(tmp_path: Path, known: Replace, own_home: Path) -> None:
    known(net=entry(pinned(ONE)))
    (tmp_path / "empty").mkdir()
    assert refused("net", tmp_path / "empty").code == "weights_missing"
    pulled = put(own_home / "weights" / "net" / "a.safetensors", ONE)
    assert locate("net", tmp_path / "empty").path == pulled
    assert locate("net").path == pulled


HUB = "hf://org/net@main/model.safetensors"


def in_hub_cache(tmp_path: Path, content: bytes, commit: str = "0" * 40) -> Path:
    repo = tmp_path / "hf" / "hub" / "models--org--net"
    return put(repo / "snapshots" / commit / "model.safetensors", content)


def test_the_hubs_cache_is_looked_at_whatever_the_revision(tmp_path: Path, known: Replace) -> None:
    known(net=entry(pinned(ONE, addresses=[HUB])))
    wrong = in_hub_cache(tmp_path, TWO)
    assert refused("net").where == str(wrong)
    right = in_hub_cache(tmp_path, ONE, "a" * 40)
    assert locate("net").path == right


def test_missing_lists_each_once_with_size_and_command(tmp_path: Path, known: Replace) -> None:
    known(a=entry(pinned(ONE)), b=entry(pinned(TWO, addresses=["http://127.0.0.1:9/b"])))
    put(tmp_path / "in" / "x", ONE)
    (one,) = missing(["a", "b", "b"], tmp_path / "in")
    assert (one.name, one.size, one.code) == ("b", len(TWO), "weights_missing")
    assert one.identity == f"sha256 {sha256(TWO)}"
    assert one.command.startswith("lvbench weights pull b (")


def test_a_file_is_hashed_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "x", ONE)
    computed = []
    compute = weights_store._compute
    monkeypatch.setattr(weights_store, "_compute", lambda *a: computed.append(a) or compute(*a))
    assert weights_store.checksums(path) == weights_store.checksums(path)
    assert weights_store.checksums(path).git_blob == git_blob(ONE)
    assert len(computed) == 1
    put(path, TWO)
    os.utime(path, ns=(1, 1))
    assert weights_store.checksums(path).sha256 == sha256(TWO)
    assert len(computed) == 2
    weights_store.checksums(path, remember=False)
    assert len(computed) == 3


def test_a_home_that_cannot_be_written_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: Replace
) -> None:
    known(net=entry(pinned(ONE, addresses=[HUB])))
    monkeypatch.setenv("LVBENCH_HOME", str(put(tmp_path / "file", b"") / "home"))
    path = in_hub_cache(tmp_path, ONE)
    assert locate("net").path == path


def test_a_spoiled_note_is_as_good_as_none(tmp_path: Path, own_home: Path) -> None:
    path = put(tmp_path / "x", ONE)
    weights_store.checksums(path)
    (note,) = (own_home / "hashes").glob("[!.]*.json")
    for text in ("{", "[]", '{"file": {}}'):
        note.write_text(text)
        assert weights_store.checksums(path).sha256 == sha256(ONE)


def test_verify_reads_again_what_was_remembered(
    tmp_path: Path, known: Replace, own_home: Path
) -> None:
    known(a=entry(pinned(ONE)), b=entry(pinned(TWO)))
    path = put(own_home / "weights" / "a" / "a.safetensors", ONE)
    time = path.stat().st_mtime_ns
    assert verify() == {"a": Located(path, sha256(ONE))}
    # A bit of the disk has flipped: neither size nor time tell.
    put(path, ONE[:-1] + bytes([ONE[-1] ^ 1]))
    os.utime(path, ns=(time, time))
    assert locate("a").path == path
    verdict = verify()["a"]
    assert isinstance(verdict, WeightsError)
    assert verdict.code == "weights_checksum"
    assert refused("a").code == "weights_checksum"


def test_what_lvbench_ships_is_found_beside_any_file_or_folder(tmp_path: Path) -> None:
    other = tmp_path / "i3d.pt"
    other.write_bytes(b"another network")
    for source in (None, tmp_path, other):
        found = locate("world_identity", source)
        assert found.path.parent == weights_store.shipped_folder()
