"""One HTML file that shows a model: the viewer's script and style and the model's document in one, with nothing to load.

The page's Content-Security-Policy allows the script and the style that it holds, by their hashes, and nothing else: no request of any kind.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<noscript>This page draws its model with the script that it holds; scripts are switched off.</noscript>
<script type="application/json" id="document">{document}</script>
<script>{script}</script>
</body>
</html>
"""
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def page(document: Mapping[str, object]) -> str:
    """The page for a document of ``rlm_lsp.onnx.document``.

    Every text of the model is data in the page: none of it can end the element that holds it.

    Raises:
        ValueError: the document holds a number that JSON has no word for, such as NaN.
    """
    script, style = _asset("viewer.js"), _asset("viewer.css")
    file = document.get("file")
    name = file.get("name", "") if isinstance(file, Mapping) else ""
    return _PAGE.format(
        policy=_policy(script, style),
        title=f"{name} · rlm-lsp".translate(_TEXT),
        style=style,
        document=json_in_html(document),
        script=script,
    )


def json_in_html(value: object) -> str:
    """JSON that may stand in a script element: ASCII without ``<``, so without ``</script>`` and ``<!--``.

    Raises:
        ValueError: a number is not finite.
    """
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _policy(script: str, style: str) -> str:
    """What the page may do: run its own script, use its own style, start the worker and show the pictures that the script makes."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data: blob:",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return resources.files("rlm_lsp.onnx").joinpath("viewer", name).read_text("utf-8")
