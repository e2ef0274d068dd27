"""The pages that the type of a problem points to."""

from flask import Flask
from markupsafe import Markup

from entrypoints.http.answers import Answer
from entrypoints.http.page import page_answer
from entrypoints.http.problem_row import Problem
from entrypoints.http.problem_table import BY_CODE, PROBLEMS
from entrypoints.http.request_errors import PathNotFound


def register_problem_pages(app: Flask) -> None:
    """One page for each problem, with a list of them all."""
    app.add_url_rule("/problems", "problems", _list_of_problems)
    app.add_url_rule("/problems/<code>", "problem", _problem)


def _list_of_problems() -> Answer:
    item = Markup('<li><a href="problems/{code}"><code>{code}</code></a> ({status}) {title}</li>')
    items = [
        item.format(code=code, status=PROBLEMS[error].status, title=PROBLEMS[error].title)
        for code, error in BY_CODE.items()
    ]
    lead = Markup("<p>Every error of this service is one of these (RFC 9457).</p>\n<ul>\n{}\n</ul>")
    return page_answer("Problems", lead.format(Markup("\n").join(items)))


def _problem(code: str) -> Answer:
    error = BY_CODE.get(code)
    if error is None:
        raise PathNotFound("There is no problem with this code; /problems lists them all.")
    return page_answer(PROBLEMS[error].title, _explanation(code, PROBLEMS[error]))


def _explanation(code: str, problem: Problem) -> Markup:
    return Markup(
        "<p><code>{code}</code>, HTTP status {status}</p>\n"
        "<h2>What it means</h2>\n<p>{meaning}</p>\n"
        "<h2>What to do</h2>\n<p>{remedy}</p>\n"
        '<p><a href="../problems">All problems</a> · <a href="../docs">Reference</a></p>'
    ).format(code=code, status=problem.status, meaning=problem.meaning, remedy=problem.remedy)
