"""A hosted model is asked, waited for and fetched from; the key is seen by the service alone."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from lvbench.errors import ConfigError, GeneratorError
from lvbench.generators.contract.base import Request
from lvbench.generators.hosted.hosted import Hosted
from lvbench.generators.registry import build
from lvbench.video.decoding.decode import probe
from lvbench.video.manifest.entry import Prompt
from tests.generators.hosted.fake_service import KEY, Service, configuration, rendered, serving

REQUEST = Request("boat", (Prompt(text='a "boat" {seed}'),), 1.0, 8.0, 64, 48, 7)

Asked = Callable[..., Hosted]


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("FAKE_KEY", KEY)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (tmp_path / "server").mkdir()
    with serving(Service(rendered(tmp_path / "server"))) as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def hosted(service: Service, tmp_path: Path, waits: list[float]) -> Asked:
    """Return a maker of generators for the service, with changes; waiting takes no time."""

    def make(**changes: Any) -> Hosted:
        path = tmp_path / "fake.yaml"
        path.write_text(yaml.safe_dump(configuration(service, **changes)))
        return Hosted(str(path), sleep=waits.append)

    return make


def failed(generator: Hosted, folder: Path, request: Request = REQUEST) -> GeneratorError:
    with pytest.raises(GeneratorError) as caught:
        generator.make(request, folder / "out" / "boat.mp4")
    assert KEY not in str(caught.value)
    assert not (folder / "out" / "boat.mp4").exists()
    return caught.value


def test_a_clip_is_asked_for_waited_for_and_fetched(
    service: Service, hosted: Asked, tmp_path: Path, waits: list[float]
) -> None:
    working = 200, {"data": {"status": "working"}}, {}
    service.poll = [working, working]
    clip = hosted().make(REQUEST, tmp_path / "out" / "boat.mp4")
    assert probe(clip.path).width == 64
    assert clip.seams is None
    assert clip.cost["generated_seconds"] == 1.0
    assert clip.cost["price"] == 0.25
    [submitted] = service.of("POST", "/v1/videos")
    # A place that is all of a text keeps its kind; a prompt's braces are left alone.
    assert submitted.body == {
        "prompt": 'a "boat" {seed}',
        "options": {"seconds": 1, "seed": 7, "size": "64x48"},
    }
    assert waits == [0.01, 0.01]
    assert [c.path for c in service.of("GET", "videos")] == ["/v1/videos/job%2F0"] * 3
    assert all(c.headers["Authorization"] == f"Bearer {KEY}" for c in service.calls)


def test_the_key_stands_in_no_file(hosted: Asked, tmp_path: Path) -> None:
    generator = hosted()
    generator.make(REQUEST, tmp_path / "out" / "boat.mp4")
    assert KEY not in repr(vars(generator))
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes()


def test_the_key_is_not_sent_where_the_files_are_elsewhere(
    service: Service, hosted: Asked, tmp_path: Path
) -> None:
    with serving(Service(service.make)) as store:
        store._jobs = service._jobs
        service.elsewhere = store.address
        hosted().make(REQUEST, tmp_path / "boat.mp4")
    assert "Authorization" not in store.calls[0].headers


def test_the_key_does_not_follow_a_redirect(
    service: Service, hosted: Asked, tmp_path: Path
) -> None:
    with serving(Service(service.make)) as store:
        store._jobs = service._jobs
        service.file = [(302, b"", {"Location": f"{store.address}/files/0"})]
        hosted().make(REQUEST, tmp_path / "boat.mp4")
    assert "Authorization" not in store.calls[0].headers


def test_what_passes_is_tried_again_with_longer_waits_and_one_key(
    service: Service, hosted: Asked, tmp_path: Path, waits: list[float]
) -> None:
    service.submit = [(500, {}, {}), (502, {}, {}), (503, {}, {})]
    service.poll = [(504, {}, {})]
    service.file = [(500, {}, {})]
    hosted().make(REQUEST, tmp_path / "boat.mp4")
    assert waits == [1, 2, 4, 1, 1]
    keys = {c.headers["Idempotency-Key"] for c in service.of("POST", "")}
    assert len(keys) == 1


def test_the_service_may_say_how_long_to_wait(
    service: Service, hosted: Asked, tmp_path: Path, waits: list[float]
) -> None:
    date = email.utils.formatdate(time.time() + 20, usegmt=True)
    told = ("7", date, "soon")
    service.submit = [(429, {}, {"Retry-After": said}) for said in told]
    hosted().make(REQUEST, tmp_path / "boat.mp4")
    assert waits[0] == 7
    assert waits[1] == pytest.approx(20, abs=2)
    assert waits[2] == 4


def test_patience_ends(service: Service, hosted: Asked, tmp_path: Path, waits: list[float]) -> None:
    service.submit = [(500, {"error": f"no room for {KEY}"}, {})] * 9
    error = failed(hosted(tries=3), tmp_path)
    assert error.found == (
        'HTTP 500 Internal Server Error: {"error": "no room for ***"} (tried 3 times)'
    )
    assert waits == [1, 2]


@pytest.mark.parametrize(("status", "tries"), [(500, 1), (429, 2)])
def test_without_a_name_for_the_request_only_what_was_turned_away_is_repeated(
    service: Service, hosted: Asked, tmp_path: Path, status: int, tries: int
) -> None:
    service.submit = [(status, {}, {}), (400, {}, {})]
    failed(hosted(submit={"idempotency_header": None}), tmp_path)
    assert len(service.of("POST", "")) == tries


@pytest.mark.parametrize(
    ("where", "answer", "code", "found"),
    [
        ("submit", (401, {"error": "who?"}, {}), "generator_failed", "HTTP 401"),
        ("submit", (451, {"error": "no"}, {}), "generator_refused", "HTTP 451"),
        ("submit", (201, b"<html>", {}), "generator_failed", "not JSON: <html>"),
        ("submit", (201, {"id": 1}, {}), "generator_failed", "no 'data.id' in the response"),
        ("submit", (201, {"data": {"id": None}, "k": KEY}, {}), "generator_failed", '"k": "***"'),
        ("poll", (404, {}, {}), "generator_failed", "the job no longer exists"),
        ("poll", (200, {"data": {"status": "moderated"}}, {}), "generator_refused", "'moderated'"),
        (
            "poll",
            (200, {"data": {"status": "failed", "error": f"no {KEY}"}}, {}),
            "generator_failed",
            "'failed': no ***",
        ),
        (
            "poll",
            (200, {"data": {"status": "done", "output": []}}, {}),
            "generator_failed",
            "no 'data.output.0.url'",
        ),
        (
            "poll",
            (200, {"data": {"status": "done", "output": [{"url": "file:///etc/hosts"}]}}, {}),
            "generator_failed",
            "not an http or https URL",
        ),
        ("file", (200, b"<html>", {}), "clip_unreadable", ""),
        ("file", (404, {}, {}), "generator_failed", "HTTP 404"),
        ("file", (302, b"", {"Location": "file:///etc/hosts"}), "generator_failed", "302"),
        ("file", (200, b"x" * 2_000_000, {}), "generator_failed", "larger than 1 MB"),
    ],
)
def test_what_goes_wrong_has_a_code(
    service: Service,
    hosted: Asked,
    tmp_path: Path,
    where: str,
    answer: tuple[int, Any, dict[str, str]],
    code: str,
    found: str,
) -> None:
    setattr(service, where, [answer])
    error = failed(hosted(download={"most_megabytes": 1}), tmp_path)
    assert error.code == code
    assert found in error.found


def test_a_job_that_was_interrupted_is_not_submitted_again(
    service: Service, hosted: Asked, tmp_path: Path
) -> None:
    service.poll = [(200, {"data": {"status": "working"}}, {})] * 10**6
    hosted(timeout_seconds=0.4)
    error = failed(Hosted(str(tmp_path / "fake.yaml")), tmp_path)
    assert error.code == "generator_timeout"
    assert "not submitted again" in error.fix
    service.poll = []
    assert hosted().make(REQUEST, tmp_path / "out" / "boat.mp4").path.exists()
    assert len(service.of("POST", "")) == 1


def test_a_job_that_failed_is_submitted_again_under_another_name(
    service: Service, hosted: Asked, tmp_path: Path
) -> None:
    generator = hosted()
    service.poll = [(200, {"data": {"status": "failed"}}, {})]
    failed(generator, tmp_path)
    generator.make(REQUEST, tmp_path / "out" / "boat.mp4")
    first, second = (c.headers["Idempotency-Key"] for c in service.of("POST", ""))
    assert first != second


def test_another_request_under_the_same_path_is_another_job(
    service: Service, hosted: Asked, tmp_path: Path
) -> None:
    generator = hosted()
    service.poll = [(500, {}, {})] * 6
    failed(generator, tmp_path, replace(REQUEST, seed=1))
    generator.make(replace(REQUEST, seed=2), tmp_path / "out" / "boat.mp4")
    assert [c.body["options"]["seed"] for c in service.of("POST", "")] == [1, 2]


def test_a_service_that_is_not_there_is_told(
    service: Service, hosted: Asked, tmp_path: Path, waits: list[float]
) -> None:
    gone = {"url": "http://127.0.0.1:9/v1"}
    error = failed(hosted(submit=gone, tries=2), tmp_path)
    assert "refused" in error.found
    assert waits == [1]


@pytest.mark.parametrize(
    ("value", "found"),
    [(None, "is not set"), ("", "is not set"), ("a\nb", "is not printable ASCII")],
)
def test_a_key_that_is_not_there_is_told_by_its_name(
    hosted: Asked, monkeypatch: pytest.MonkeyPatch, value: str | None, found: str
) -> None:
    monkeypatch.delenv("FAKE_KEY")
    if value is not None:
        monkeypatch.setenv("FAKE_KEY", value)
    with pytest.raises(ConfigError, match=f"FAKE_KEY for its key {found}") as caught:
        hosted()
    assert caught.value.code == "key_missing"


def test_the_name_in_the_registry(hosted: Asked, tmp_path: Path) -> None:
    hosted(key=None)
    assert build(f"http:{tmp_path / 'fake.yaml'}").info.name == "fake"
