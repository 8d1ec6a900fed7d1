from __future__ import annotations

import json

import pytest
from jinja2 import UndefinedError

from lvbench.report.page.assets import embedded_json, render_page


def test_embedded_json_cannot_end_its_script() -> None:
    content = {"name": "</script><!--&\u2028"}
    text = str(embedded_json(content))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == content


def test_nan_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        embedded_json({"value": float("nan")})


def test_missing_content_is_an_error_and_no_blank() -> None:
    with pytest.raises(UndefinedError):
        render_page("report.html.j2")
