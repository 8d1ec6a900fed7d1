"""A generator that is a hosted model: submit, poll, download."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lvbench.errors import ConfigError, GeneratorError, VideoDecodeError
from lvbench.generators.base import Clip, FileGenerator, Plan, Request
from lvbench.generators.config import read_config
from lvbench.generators.hosted_client import (
    CallError,
    Client,
    LateError,
    Patience,
    Secret,
    same_origin,
)
from lvbench.generators.hosted_config import HostedConfig
from lvbench.generators.hosted_words import address, at, filled, values_of
from lvbench.generators.job import Job
from lvbench.generators.measure import Meter
from lvbench.generators.plan import lay_out
from lvbench.results.files import canonical_json
from lvbench.video.probe import probe


class Hosted(FileGenerator):
    """Ask a hosted model for every clip: `http:FILE.yaml`.

    The file describes three calls: `submit` (url, body with {prompt}, {seconds}, {seed}, ...;
    `job`: where the answer names the job), `poll` (url with {job}; `status`, and which ones mean
    `done`, `failed`, `refused`) and `download` (`path`: where the answer names the file, or `url`);
    and what the generator is (`name`, `fps`, `size`, `limits`, ...). `key.environment` names the
    variable that holds the key; the key stands in no file, no message and no manifest. A job that
    was interrupted is asked for again, not submitted again.

    Args:
        argument: Path of the configuration file.
        sleep: Waits so many seconds.

    Raises:
        ConfigError: The configuration is not valid, or the key's variable is not set.
    """

    def __init__(self, argument: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._config = read_config(argument, HostedConfig)
        self._where, self._sleep = argument, sleep
        self.info = self._config.info(self._config.name)
        self._secret = self._key()

    def plan(self, request: Request) -> Plan:
        """Say what will be made, from what the configuration says of the model."""
        return lay_out(self.info, request, self._config.limits.limits())

    def make(self, request: Request, path: Path) -> Clip:
        """Have the clip made and fetch its file, which is kept as it is.

        Raises:
            GeneratorError: The model failed (`generator_failed`), refused the content
                (`generator_refused`), was too slow (`generator_timeout`), or what it gave is no
                video (`clip_unreadable`).
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        plan, config = self.plan(request), self._config
        body = filled(config.submit.body, values_of(request, plan))
        asked = canonical_json([config.submit.url, body])
        digest = hashlib.sha256(asked.encode()).hexdigest()
        job = Job(path.with_suffix(".job.json"), digest)
        patience = Patience(config.timeout_seconds, config.call_seconds, config.tries)
        client = Client(self._secret, config.headers, patience, self._sleep)
        try:
            with Meter() as meter:
                if job.name is None:
                    job.submitted(self._submit(client, body, job.key))
                answer = self._polled(client, job)
                self._fetch(client, job, answer, path)
        except LateError:
            found = f"it took more than {config.timeout_seconds:g} s"
            mend = "run the same command again: the job is asked for again, not submitted again"
            raise self._failure(request, found, "generator_timeout", mend) from None
        except CallError as error:
            raise self._failure(request, str(error), "generator_failed") from None
        except _EndedError as ended:
            job.ended()
            raise self._failure(request, str(ended), ended.code) from None
        _check(path, self.info.name)
        job.ended()
        cost = meter.cost(plan.seconds)
        if config.poll.price is not None:
            cost |= _price(answer, config.poll.price)
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
                raise _EndedError(str(error), "generator_refused") from None
            raise
        return str(_found(client, answer, submit.job))

    def _polled(self, client: Client, job: Job) -> Any:
        """Return the answer that says that the clip is there."""
        poll = self._config.poll
        assert job.name is not None
        url = address(poll.url, job.name)
        while True:
            try:
                answer = client.json("GET", url)
            except CallError as error:
                if error.status in (404, 410):
                    raise _EndedError(f"the job is gone: {error}", "generator_failed") from None
                raise
            status = str(_found(client, answer, poll.status))
            if status in poll.done:
                return answer
            if status in (*poll.failed, *poll.refused):
                code = "generator_refused" if status in poll.refused else "generator_failed"
                raise _EndedError(f"'{status}'{_reason(client, answer, poll.reason)}", code)
            client.wait(poll.every_seconds)

    def _fetch(self, client: Client, job: Job, answer: Any, path: Path) -> None:
        download = self._config.download
        assert job.name is not None
        if download.url is not None:
            url = address(download.url, job.name)
        else:
            url = str(_found(client, answer, download.path or ""))
        # A signed address of a store elsewhere is no place for the key.
        secret = same_origin(url, self._config.poll.url)
        client.save(url, path, download.most_megabytes * 1e6, secret=secret)

    def _key(self) -> Secret | None:
        key = self._config.key
        if key is None:
            return None
        secret = os.environ.get(key.environment, "").strip()
        # What no header can carry would be shown by the library that refuses it.
        if not secret or not (secret.isascii() and secret.isprintable()):
            state = "is no plain text" if secret else "is not set"
            raise ConfigError(
                f"set up the generator '{self._config.name}'",
                found=f"the variable {key.environment}, which holds its key, {state}",
                where=self._where,
                mend=f"export {key.environment}=...; the key is never written anywhere",
                code="key_missing",
            )
        return Secret(secret, key.header, key.value.replace("{key}", secret))

    def _failure(self, request: Request, found: str, code: str, mend: str = "") -> GeneratorError:
        return GeneratorError(
            f"make the clip '{request.id}'",
            found=found,
            where=self.info.name,
            mend=mend or f"see what the service says, and its calls in {self._where}",
            code=code,
        )


class _EndedError(Exception):
    """A job that has ended without a clip; its text is safe to show."""

    def __init__(self, text: str, code: str) -> None:
        self.code = code
        super().__init__(text)


def _found(client: Client, answer: Any, path: str) -> Any:
    with contextlib.suppress(KeyError):
        found = at(answer, path)
        if found is not None:
            return found
    shown = client.safe(json.dumps(answer))
    raise CallError(None, f"no '{path}' in the answer {shown}")


def _reason(client: Client, answer: Any, path: str | None) -> str:
    try:
        return "" if path is None else f": {client.safe(str(at(answer, path)))}"
    except KeyError:
        return ""


def _price(answer: Any, path: str) -> dict[str, float | str]:
    try:
        return {"price": float(at(answer, path))}
    except (KeyError, TypeError, ValueError):
        return {}


def _check(path: Path, name: str) -> None:
    try:
        probe(path)
    except VideoDecodeError as error:
        path.unlink(missing_ok=True)
        raise GeneratorError(
            "read the clip that was fetched",
            found=error.found,
            where=name,
            mend="check 'download': what was fetched is no video",
            code="clip_unreadable",
        ) from error
