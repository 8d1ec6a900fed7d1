"""Generator adapter for hosted models: submit, poll, download."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lvbench.errors import ConfigError, GeneratorError, LvbenchError, VideoDecodeError
from lvbench.generators.contract.base import Clip, ClipPlan, FileGenerator, Request
from lvbench.generators.contract.config import read_config
from lvbench.generators.contract.measure import Meter
from lvbench.generators.contract.plan import nearest_plan
from lvbench.generators.contract.secrets import Secrets, names_secret
from lvbench.generators.hosted.client import CallError, Client, LateError, Patience, Secret
from lvbench.generators.hosted.config import HostedConfig
from lvbench.generators.hosted.job_record import JobRecord
from lvbench.generators.hosted.messages import address, at, filled, values_of
from lvbench.generators.hosted.wire import same_origin
from lvbench.results.files import canonical_json
from lvbench.video.decoding.decode import open_video, probe
from lvbench.video.frames import Products

_LONGEST_NAME = 1000
_SHORTEST = 6  # a shorter word is not a secret, and would match ordinary text


class Hosted(FileGenerator):
    """Request every clip from a hosted model: `http:FILE.yaml`.

    The file describes three calls: `submit` (url, body with {prompt}, {seconds}, {seed}, ...;
    `job`: path of the job id in the response), `poll` (url with {job}; `status`, and its values
    for `done`, `failed`, `refused`) and `download` (`path` of the file's URL in the response, or
    `url`); and the generator (`name`, `fps`, `size`, `limits`, ...). `key.environment` names the
    variable with the key; the key is in no file, message or manifest. An interrupted job is polled
    again, not submitted again.

    Args:
        argument: Path of the configuration file.
        sleep: Function that waits a number of seconds.

    Raises:
        ConfigError: The configuration is invalid, or the key's variable is not set.
    """

    def __init__(self, argument: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._config = read_config(argument, HostedConfig)
        self._where, self._sleep = argument, sleep
        self.info = self._config.info(self._config.name)
        self._secret = self._key()
        self._secrets = Secrets(self._hidden())

    def plan(self, request: Request) -> ClipPlan:
        """Return the plan by the configured rate, size and limits."""
        return nearest_plan(self.info, request, self._config.limits.limits())

    def make(self, request: Request, path: Path) -> Clip:
        """Request the clip and download its file unchanged.

        Raises:
            GeneratorError: The model failed (`generator_failed`), refused the content
                (`generator_refused`), exceeded the time limit (`generator_timeout`), or returned
                a file that is not a video (`clip_unreadable`) or is truncated (`clip_truncated`).
            StorageError: The file cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        config = self._config
        again = "run the same command again: the job is polled again, not submitted again"
        try:
            return self._made(request, path)
        except LateError:
            found = f"it took more than {config.timeout_seconds:g} s"
            failure = self._failure(request, found, "generator_timeout", again)
        except CallError as error:
            failure = self._failure(request, error.said, "generator_failed", note=error.note)
        except _EndedError as ended:
            failure = self._failure(request, ended.said, ended.code)
        except VideoDecodeError as error:
            fix = f"check 'download': the downloaded file is not a video; or {again}"
            failure = self._failure(request, error.found, "clip_unreadable", fix)
        except _CutError as cut:
            failure = self._failure(request, str(cut), "clip_truncated", again)
        except LvbenchError:
            raise
        # A response may cause any error; the other clips are still requested.
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
            failure = self._failure(request, found, "generator_failed")
        # Raised outside the handlers: exceptions may contain the key and would be chained.
        raise failure

    def _made(self, request: Request, path: Path) -> Clip:
        plan, config = self.plan(request), self._config
        body = filled(config.submit.body, values_of(request, plan))
        job = JobRecord(path, _digest(config.submit.url, body, request))
        patience = Patience(config.timeout_seconds, config.call_seconds, config.tries)
        client = Client(self._secret, config.headers, patience, self._sleep)
        try:
            with Meter() as meter:
                if job.name is None:
                    job.submitted(self._submit(client, body, job.key))
                answer = self._polled(client, job)
                known = self._fetch(client, job, answer, path)
        except _EndedError:
            job.ended()
            raise
        try:
            probe(path)
            if not known:
                _check_length(path, plan)
        except (VideoDecodeError, _CutError):
            path.unlink(missing_ok=True)
            raise
        cost = meter.cost(plan.seconds)
        if config.poll.price is not None and not job.of_another():
            cost |= _price(answer, config.poll.price)
        job.ended()
        return Clip(path, None, cost)

    def _submit(self, client: Client, body: Any, key: str) -> str:
        submit = self._config.submit
        header = submit.idempotency_header
        headers = {} if header is None else {header: key}
        try:
            answer = client.json(
                submit.method, submit.url, body, headers, repeatable=header is not None
            )
        except CallError as error:
            if error.status in submit.refused_statuses:
                raise _EndedError(error.said, "generator_refused") from None
            raise
        name = _found(answer, submit.job)
        plain = isinstance(name, str | int) and 0 < len(str(name)) <= _LONGEST_NAME
        # A job id is written to disk.
        if not plain or self._secrets.without(str(name)) != str(name):
            raise CallError(None, f"no job id at '{submit.job}' in the response")
        return str(name)

    def _polled(self, client: Client, job: JobRecord) -> Any:
        """Return the response for the completed job."""
        poll = self._config.poll
        assert job.name is not None
        url = address(poll.url, job.name)
        while True:
            try:
                answer = client.json("GET", url)
            except CallError as error:
                if error.status in (404, 410):
                    said = f"the job no longer exists: {error.said}"
                    raise _EndedError(said, "generator_failed") from None
                raise
            status = str(_found(answer, poll.status))
            if status in poll.done:
                return answer
            if status in (*poll.failed, *poll.refused):
                code = "generator_refused" if status in poll.refused else "generator_failed"
                raise _EndedError(f"'{status}'{_reason(answer, poll.reason)}", code)
            client.wait(poll.every_seconds)

    def _fetch(self, client: Client, job: JobRecord, answer: Any, path: Path) -> bool:
        """Download the file; return whether the service stated its length."""
        download = self._config.download
        assert job.name is not None
        if download.url is not None:
            url = address(download.url, job.name)
        else:
            url = str(_found(answer, download.path or ""))
        # The key is not sent to the signed URL of another store.
        secret = same_origin(url, self._config.poll.url)
        return client.save(url, path, download.most_megabytes * 1e6, secret=secret)

    def _key(self) -> Secret | None:
        key = self._config.key
        if key is None:
            return None
        secret = os.environ.get(key.environment, "").strip()
        # The HTTP library would show a value that is invalid in a header.
        if not secret or not (secret.isascii() and secret.isprintable()):
            state = "is not printable ASCII" if secret else "is not set"
            raise ConfigError(
                f"set up the generator '{self._config.name}'",
                found=f"the variable {key.environment} for its key {state}",
                where=self._where,
                fix=f"export {key.environment}=...; the key is never written to a file",
                code="key_missing",
            )
        return Secret(secret, key.header, key.value.replace("{key}", secret))

    def _hidden(self) -> list[str]:
        """Return the strings to mask: the key, and values of secret-named headers, by word."""
        said = [said for name, said in self._config.headers.items() if names_secret(name)]
        words = [word for text in said for word in text.split() if len(word) >= _SHORTEST]
        return ([] if self._secret is None else [self._secret.key]) + said + words

    def _failure(
        self, request: Request, found: str, code: str, fix: str = "", note: str = ""
    ) -> GeneratorError:
        """Return the error of a clip, with secrets masked in the service's text."""
        return GeneratorError(
            f"make the clip '{request.id}'",
            found=self._secrets.shown(found) + note,
            where=self.info.name,
            fix=fix or f"read the service's message, and check the calls in {self._where}",
            code=code,
        )


class _EndedError(Exception):
    """A job has ended without a clip; its text may contain the key."""

    def __init__(self, said: str, code: str) -> None:
        self.said, self.code = said, code
        super().__init__(code)


class _CutError(Exception):
    """A clip is shorter than planned, and the length of its file is unknown."""


def _digest(url: str, body: Any, request: Request) -> str:
    """Return a digest of a request; requests with equal bodies have different digests."""
    which = [request.id, request.seed, request.sample]
    return hashlib.sha256(canonical_json([url, body, which]).encode()).hexdigest()


def _found(answer: Any, path: str) -> Any:
    with contextlib.suppress(KeyError):
        found = at(answer, path)
        if found is not None:
            return found
    raise CallError(None, f"no '{path}' in the response {json.dumps(answer)}")


def _reason(answer: Any, path: str | None) -> str:
    try:
        return "" if path is None else f": {at(answer, path)}"
    except KeyError:
        return ""


def _check_length(path: Path, plan: ClipPlan) -> None:
    """Refuse a clip that is shorter than planned, if the file's length is unknown."""
    with open_video(path, Products()) as reader:
        for _ in reader:
            pass
        seconds = reader.outcome.duration
    if seconds < plan.seconds - 1.5 / plan.fps:
        raise _CutError(
            f"the file contains {seconds:.3g} of {plan.seconds:g} s, and the service does not "
            "state its length: the download may be truncated"
        )


def _price(answer: Any, path: str) -> dict[str, float | str]:
    try:
        price = float(at(answer, path))
    except (KeyError, TypeError, ValueError, OverflowError):
        return {}
    return {"price": price} if math.isfinite(price) else {}
