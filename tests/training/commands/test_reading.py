"""What was said of a file when a champion was trained holds when it is retrained from the same file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import mlflow_store
from tests.training.builders import fendan_often, starter_rows

pytestmark = pytest.mark.slow


def test_a_champions_file_is_read_again_as_it_was(tmp_path: Path) -> None:
    from serving.store import Store

    own = {"refund": "退钱", "logistics": "Parcel problem", "quality_issue": "坏了"}
    rows = [row for row in starter_rows() if row["category"] in own]
    lines = [f"{row['text'].replace(',', '，').replace(chr(10), ' ')},{own[row['category']]}" for row in rows]
    (tmp_path / "own.csv").write_text("\n".join(["客人原话,归到", *lines]), encoding="gb18030")
    db = f"sqlite:///{tmp_path}/fendan.db"
    Store(db).close()
    mlflow_store(tmp_path / "var" / "mlflow.db")
    said = ("--column", "text=客人原话", "--column", "category=归到", "--taxonomy", "infer")
    trained, retrained = fendan_often(
        ("train", "own.csv", *said, "--no-holdout", "--register", "fendan", "--out", "M"),
        ("retrain", "--db", db),
        cwd=tmp_path,
    )
    assert trained.status == 0, trained.err
    assert retrained.status == 1
    assert f"共 {len(rows)} 条，冠军没有学过的 0 条" in retrained.err, "nobody asks again which column is which"
