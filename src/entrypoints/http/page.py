"""Small HTML pages for people."""

from markupsafe import Markup

from entrypoints.http.answers import Answer

HTML = "text/html; charset=utf-8"
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:;"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_STYLE = Markup(
    "body{font:1.05rem/1.6 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}code{background:#eee;padding:.1em .3em}a{color:#0645ad}"
    "@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181c}code{background:#2a2d33}"
    "a{color:#8ab4f8}}"
)


def page_answer(title: str, content: Markup) -> Answer:
    """A page that needs no script and no other file."""
    page = Markup(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        "<h1>{title}</h1>\n{content}\n</main>\n</body>\n</html>\n"
    ).format(title=title, style=_STYLE, content=content)
    headers = [("Content-Security-Policy", _POLICY), ("Cache-Control", "public, max-age=3600")]
    return Answer(str(page).encode(), headers=headers, mimetype=HTML)
