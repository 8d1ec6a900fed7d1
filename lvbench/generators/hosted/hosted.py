"""A generator that is a hosted model: submit, poll, download."""

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
from lvbench.generators.contract.base import Clip, FileGenerator, Plan, Request
from lvbench.generators.contract.config import read_config
from lvbench.generators.contract.measure import Meter
from lvbench.generators.contract.plan import lay_out
from lvbench.generators.contract.secrets import Secrets, names_secret
from lvbench.generators.hosted.client import CallError, Client, LateError, Patience, Secret
from lvbench.generators.hosted.config import HostedConfig
from lvbench.generators.hosted.job import Job
from lvbench.generators.hosted.messages import address, at, filled, values_of
from lvbench.generators.hosted.wire import same_origin
from lvbench.results.files import canonical_json
from lvbench.video.decoding.decode import open_video, probe
from lvbench.video.frames import Products

_LONGEST_NAME = 1000
_SHORTEST = 6  # a shorter word is no secret, and would be found in any text


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
        self._secrets = Secrets(self._hidden())

    def plan(self, request: Request) -> Plan:
        """Say what will be made, from what the configuration says of the model."""
        return lay_out(self.info, request, self._config.limits.limits())

    def make(self, request: Request, path: Path) -> Clip:
        """Have the clip made and fetch its file, which is kept as it is.

        Raises:
            GeneratorError: The model failed (`generator_failed`), refused the content
                (`generator_refused`), was too slow (`generator_timeout`), or what it gave is no
                video (`clip_unreadable`) or not all of it (`clip_truncated`).
            StorageError: The file cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        config = self._config
        again = "run the same command again: the job is asked for again, not submitted again"
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
            fix = f"check 'download': what was fetched is no video; or {again}"
            failure = self._failure(request, error.found, "clip_unreadable", fix)
        except _CutError as cut:
            failure = self._failure(request, str(cut), "clip_truncated", again)
        except LvbenchError:
            raise
        # What a service answers may break anything; its other clips are still to be made.
        except Exception as error:
            found = f"{type(error).__name__}: {error}"
            failure = self._failure(request, found, "generator_failed")
        # Out of the handlers: what they hold may hold the key, and would be kept as context.
        raise failure

    def _made(self, request: Request, path: Path) -> Clip:
        plan, config = self.plan(request), self._config
        body = filled(config.submit.body, values_of(request, plan))
        job = Job(path, _digest(config.submit.url, body, request))
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
        # A job's name is written down.
        if not plain or self._secrets.without(str(name)) != str(name):
            raise CallError(None, f"no name of a job at '{submit.job}' in the answer")
        return str(name)

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
                    said = f"the job is gone: {error.said}"
                    raise _EndedError(said, "generator_failed") from None
                raise
            status = str(_found(answer, poll.status))
            if status in poll.done:
                return answer
            if status in (*poll.failed, *poll.refused):
                code = "generator_refused" if status in poll.refused else "generator_failed"
                raise _EndedError(f"'{status}'{_reason(answer, poll.reason)}", code)
            client.wait(poll.every_seconds)

    def _fetch(self, client: Client, job: Job, answer: Any, path: Path) -> bool:
        """Fetch the file; tell whether the service said where it ends."""
        download = self._config.download
        assert job.name is not None
        if download.url is not None:
            url = address(download.url, job.name)
        else:
            url = str(_found(answer, download.path or ""))
        # A signed address of a store elsewhere is no place for the key.
        secret = same_origin(url, self._config.poll.url)
        return client.save(url, path, download.most_megabytes * 1e6, secret=secret)

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
                fix=f"export {key.environment}=...; the key is never written anywhere",
                code="key_missing",
            )
        return Secret(secret, key.header, key.value.replace("{key}", secret))

    def _hidden(self) -> list[str]:
        """Return what no text may hold: the key, and headers whose names say so, word by word."""
        said = [said for name, said in self._config.headers.items() if names_secret(name)]
        words = [word for text in said for word in text.split() if len(word) >= _SHORTEST]
        return ([] if self._secret is None else [self._secret.key]) + said + words

    def _failure(
        self, request: Request, found: str, code: str, fix: str = "", note: str = ""
    ) -> GeneratorError:
        """Return the error of a clip: the one place where a service's words leave the adapter."""
        return GeneratorError(
            f"make the clip '{request.id}'",
            found=self._secrets.shown(found) + note,
            where=self.info.name,
            fix=fix or f"read what the service says, and check its calls in {self._where}",
            code=code,
        )


class _EndedError(Exception):
    """A job that has ended without a clip; its text may hold the key."""

    def __init__(self, said: str, code: str) -> None:
        self.said, self.code = said, code
        super().__init__(code)


class _CutError(Exception):
    """A clip is shorter than was planned, and nobody said how long its file is."""


def _digest(url: str, body: Any, request: Request) -> str:
    """Return a name of what is asked for: requests of equal bodies are still several."""
    which = [request.id, request.seed, request.sample]
    return hashlib.sha256(canonical_json([url, body, which]).encode()).hexdigest()


def _found(answer: Any, path: str) -> Any:
    with contextlib.suppress(KeyError):
        found = at(answer, path)
        if found is not None:
            return found
    raise CallError(None, f"no '{path}' in the answer {json.dumps(answer)}")


def _reason(answer: Any, path: str | None) -> str:
    try:
        return "" if path is None else f": {at(answer, path)}"
    except KeyError:
        return ""


def _check_length(path: Path, plan: Plan) -> None:
    """Refuse a clip that is shorter than planned, where no length says that it is whole."""
    with open_video(path, Products()) as reader:
        for _ in reader:
            pass
        seconds = reader.outcome.duration
    if seconds < plan.seconds - 1.5 / plan.fps:
        raise _CutError(
            f"the file holds {seconds:.3g} of {plan.seconds:g} s, and the service does not say "
            "how long it is: it may have broken off"
        )


def _price(answer: Any, path: str) -> dict[str, float | str]:
    try:
        price = float(at(answer, path))
    except (KeyError, TypeError, ValueError, OverflowError):
        return {}
    return {"price": price} if math.isfinite(price) else {}
