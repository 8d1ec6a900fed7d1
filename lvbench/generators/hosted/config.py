"""How a hosted model is asked: three calls, described and not written."""

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
        raise ValueError("not an address that begins with https:// or http://")
    if parts.username or parts.password:
        raise ValueError("a key in the address would be seen in logs; use 'key'")
    check_places(text, ("job",))
    return text


Address = Annotated[str, AfterValidator(_address)]


class KeyConfig(Strict):
    """Where the key is, and how it is sent; the key itself stands in no file.

    Attributes:
        environment: Name of the variable that holds it.
        header: Header that carries it.
        value: What the header says; {key} is the key.
    """

    environment: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    header: str = "Authorization"
    value: Annotated[str, Field(pattern=r"\{key\}")] = "Bearer {key}"


class SubmitConfig(Strict):
    """The call that asks for a clip.

    Attributes:
        url: Address.
        method: HTTP method.
        body: JSON to send. A text that is one place and no more becomes the value itself, a
            number where it is one; see `hosted_words.PLACES`.
        job: Dotted path to the job's name in the answer, as in `data.id`.
        idempotency_header: Header that names the request, so that no retry is paid twice; null
            where the service knows none: the call is then repeated only if it was turned away.
        refused_statuses: HTTP statuses that mean that the content was refused.
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
    """The call that asks how far the clip is.

    Attributes:
        url: Address; {job} is the job's name.
        status: Dotted path to the status in the answer.
        done: Statuses that mean that the clip is there.
        failed: Statuses that mean that there will be none.
        refused: Statuses that mean that the content was refused.
        reason: Dotted path to what went wrong.
        price: Dotted path to what it cost, in the service's currency.
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
    """The call that fetches the clip.

    Attributes:
        path: Dotted path to the address in the last answer of the poll.
        url: The address itself, where the answer names none; {job} is the job's name.
        most_megabytes: Largest file.
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
        key: Where the key is; null where none is needed.
        submit: The call that asks for a clip.
        poll: The call that asks how far it is.
        download: The call that fetches it.
        headers: Headers of every call to the service.
        timeout_seconds: Longest time for a clip, all calls and waits together.
        call_seconds: Longest time for one answer.
        tries: How often a call is tried.
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
                raise ValueError(f"the key would travel in the open to {parts.netloc}; use https")
        return self
