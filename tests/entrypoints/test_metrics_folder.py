"""Workers find an empty directory for their metrics, whatever a killed server has left."""

from pathlib import Path

import pytest

from entrypoints.config import Settings
from entrypoints.metrics_folder import metrics_folder
from service_layer.audit import OperatorError


def test_a_temporary_one_is_private_and_goes_away() -> None:
    with metrics_folder(Settings()) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "counter_7.db").touch()
    assert not folder.exists()


def test_a_given_one_is_made_emptied_of_metrics_alone_and_stays(tmp_path: Path) -> None:
    chosen, others = tmp_path / "deep" / "metrics", {"notes.txt", "contacts.db", "new_ideas"}
    with metrics_folder(Settings(metrics_dir=chosen)) as folder:
        assert folder == chosen
        for name in ("counter_7.db", "gauge_livesum_7.db", "alive_7", "new_7", *others):
            (folder / name).touch()
    with metrics_folder(Settings(metrics_dir=chosen)) as folder:
        assert {file.name for file in folder.iterdir()} == others


def test_one_that_cannot_be_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(OperatorError, match="choose another PAYMENTS_METRICS_DIR"),
        metrics_folder(Settings(metrics_dir=tmp_path / "file" / "x")),
    ):
        raise AssertionError("it was given")
