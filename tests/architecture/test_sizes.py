"""What can be read at a glance is understood: files and functions stay small."""

from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.architecture.source import FILES, functions, name_of

FILE_LINES_MAX = 300
FILE_LINES_MEDIAN_MAX = 100
FUNCTION_LINES_MAX = 70
FUNCTION_LINES_P90_MAX = 25


def lines_of(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_no_file_is_long(file: Path) -> None:
    assert lines_of(file) <= FILE_LINES_MAX


def test_the_usual_file_fits_two_screens() -> None:
    assert 10 < median(map(lines_of, FILES)) < FILE_LINES_MEDIAN_MAX


def test_no_function_is_longer_than_a_screen() -> None:
    assert [each for each in functions() if each[1] > FUNCTION_LINES_MAX] == []


def test_nine_of_ten_functions_are_short() -> None:
    assert 2 < quantiles([lines for _, lines in functions()], n=10)[-1] <= FUNCTION_LINES_P90_MAX
