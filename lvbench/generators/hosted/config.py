"""Configuration of a hosted model: submit, poll and download."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from lvbench.generators.contract.config import Count, GeneratorConfig, Positive, Strict
from lvbench.generators.hosted.messages import check_places

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("not a URL that begins with https:// or http://")
    if parts.username or parts.password:
        raise ValueError("a key in the URL would appear in logs; use 'key'")
    check_places(text, ("job",))
    return text


Address = Annotated[str, AfterValidator(_address)]


class KeyConfig(Strict):
    """Source of the key and the header that carries it; the key itself is in no file.

    Attributes:
        environment: Name of the environment variable with the key.
        header: Header that carries it.
        value: Value of the header; {key} is the key.
    """

    environment: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    header: str = "Authorization"
    value: Annotated[str, Field(pattern=r"\{key\}")] = "Bearer {key}"


class SubmitConfig(Strict):
    """The call that submits a request.

    Attributes:
        url: URL.
        method: HTTP method.
        body: JSON to send. A string that is a single placeholder becomes the value itself, with
            its type; see `messages.PLACES`.
        job: Dotted path to the job id in the response, as in `data.id`.
        idempotency_header: Header with the idempotency key, so that no retry is charged twice;
            null if unsupported: the call is then repeated only if it was rejected before starting.
        refused_statuses: HTTP statuses for refused content.
    """

    url: Address
    method: Literal["POST", "PUT"] = "POST"
    body: dict[str, Any]
    job: str
    idempotency_header: str | None = "Idempotency-Key"
    refused_statuses: tuple[int, ...] = (451,)

    @model_validator(mode="after")
    def _known_places(self) -> Self:
        check_places(self.body)
        return self


class PollConfig(Strict):
    """The call that polls the status of a job.

    Attributes:
        url: URL; {job} is the job id.
        status: Dotted path to the status in the response.
        done: Statuses of a completed job.
        failed: Statuses of a failed job.
        refused: Statuses for refused content.
        reason: Dotted path to the error message.
        price: Dotted path to the price, in the service's currency.
        every_seconds: Time between two calls.
    """

    url: Address
    status: str
    done: Annotated[tuple[str, ...], Field(min_length=1)]
    failed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    reason: str | None = None
    price: str | None = None
    every_seconds: Positive = 5.0


class DownloadConfig(Strict):
    """The call that downloads the clip.

    Attributes:
        path: Dotted path to the URL in the last response of the poll.
        url: The URL itself, if the response has none; {job} is the job id.
        most_megabytes: Size limit of the file.
    """

    path: str | None = None
    url: Address | None = None
    most_megabytes: Positive = 4096.0

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.path is None) == (self.url is None):
            raise ValueError("give either 'path' or 'url'")
        return self


class HostedConfig(GeneratorConfig):
    """A hosted model.

    Attributes:
        key: Source of the key; null if none is needed.
        submit: The call that submits a request.
        poll: The call that polls the status.
        download: The call that downloads the clip.
        headers: Headers of every call to the service.
        timeout_seconds: Time limit for a clip, all calls and waits together.
        call_seconds: Time limit for one response.
        tries: Attempts per call.
    """

    HARMLESS: ClassVar[frozenset[str]] = frozenset(
        {"key", "poll", "download", "timeout_seconds", "call_seconds", "tries"}
    )

    name: str
    key: KeyConfig | None = None
    submit: SubmitConfig
    poll: PollConfig
    download: DownloadConfig
    headers: Annotated[dict[str, str], Field(default_factory=dict)]
    timeout_seconds: Positive = 1800.0
    call_seconds: Positive = 60.0
    tries: Count = 6

    @model_validator(mode="after")
    def _key_stays_secret(self) -> Self:
        addresses = (self.submit.url, self.poll.url, self.download.url)
        for address in filter(None, addresses):
            parts = urlsplit(address)
            if self.key and parts.scheme == "http" and parts.hostname not in LOCAL_HOSTS:
                raise ValueError(f"the key would be sent unencrypted to {parts.netloc}; use https")
        return self
