"""Addresses of one service are told from others; calls are shown in test_hosted_hostile."""

from __future__ import annotations

import pytest

from lvbench.generators.hosted.wire import build_request, same_origin


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("https://a.example/x?y", True),
        ("http://a.example/", False),
        ("https://a.example:8443/", False),
        ("https://b.a.example/", False),
        ("https://a.example@evil.example/", False),
    ],
)
def test_the_service_itself_is_known_by_scheme_and_host(other: str, same: bool) -> None:
    assert same_origin("https://a.example/v1", other) is same


@pytest.mark.parametrize("url", ["file:///etc/hosts", "ftp://a.example/", "https://", "/x", ""])
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not an http or https URL"):
        build_request(url, None, {}, "GET")


def test_what_no_address_may_hold_is_escaped_and_the_rest_is_left() -> None:
    assert build_request("https://a.example/a b%20\u00e9?x=1", None, {}, "GET").full_url == (
        "https://a.example/a%20b%20%C3%A9?x=1"
    )


def test_a_header_of_two_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="line end"):
        build_request("https://a.example/", None, {"X-Team": "a\r\nX-Other: b"}, "GET")
