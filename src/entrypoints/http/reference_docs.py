"""The OpenAPI document with a bundled Redoc that works offline."""

from collections.abc import Sequence
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import orjson
from flask import Flask, Response, send_from_directory

from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.openapi import make_document
from entrypoints.http.page import HTML

_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Simple Payments: reference</title>
<style>body{margin:0}</style>
</head>
<body>
<noscript>The reference needs JavaScript; the <a href="openapi.json">document</a> does not.</noscript>
<redoc spec-url="openapi.json"></redoc>
<script src="assets/redoc/redoc.standalone.js"></script>
</body>
</html>
"""
# Redoc writes its styles inline, searches in a worker, and would fetch its maker's logo from elsewhere.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; worker-src blob:; font-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


def register_reference_docs(app: Flask, blueprints: Sequence[Blueprint]) -> None:
    """/openapi.json, /docs and the script that /docs needs."""

    @cache
    def document() -> bytes:
        return orjson.dumps(make_document(blueprints))

    def openapi_json() -> Answer:
        return Answer(document(), headers=[("Cache-Control", "no-cache")])

    app.add_url_rule("/openapi.json", "openapi_json", openapi_json)
    app.add_url_rule("/docs", "docs", _docs)
    app.add_url_rule("/assets/redoc/<path:name>", "redoc_asset", _redoc_asset)


def _docs() -> Answer:
    headers = [("Content-Security-Policy", _POLICY), ("Cache-Control", "no-cache")]
    return Answer(_PAGE, headers=headers, mimetype=HTML)


def _redoc_asset(name: str) -> Response:
    """The package is located, never imported: importing it needs a framework that is not used here."""
    folder = distribution("flask-openapi3-redoc").locate_file(
        "flask_openapi3_redoc/templates/redoc/js"
    )
    return send_from_directory(Path(str(folder)), name, max_age=86400)
