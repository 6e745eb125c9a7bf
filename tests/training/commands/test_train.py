"""``fendan train`` as a user types it: what it answers, and what it refuses before it has cost anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.builders import (
    fendan_here,
    fendan_often,
    home,
    starter_file,
    write_text,
)


@pytest.mark.slow
def test_train_answers_with_one_json_document() -> None:
    place, first, second, _ = home()
    assert list(first["heads"]) == ["category", "urgency", "sentiment"]
    assert first["model"] == "M"
    assert first["held_out"]["how"] == "time"
    assert (first["refit"], second["refit"]) == (True, False)
    assert {path.name for path in (place / "M").iterdir()} == {"manifest.json", "weights.npz", "model_card.md"}


@pytest.mark.slow
def test_train_speaks_to_people() -> None:
    for part in (
        "训练完成：200 条工单",
        "留出的较晚的",
        "macro-F1",
        "还不能承诺错误率在 3.0 % 以内",
        "var/model/model_card.md",
        "mlflow ui --backend-store-uri sqlite:///",
        "fendan explain",
    ):
        assert part in home().spoken.out
    assert (home().folder / "var" / "model" / "manifest.json").exists()
    assert "已注册" not in home().spoken.out


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("text,处理人\n好,a\n", "没有标签列"),
        ("处理人,category\n好,invoice\n", "没有 text 列"),
        ("text,category\n好,invoices\n", "是不是想写 invoice？"),
        ("ticket_id,text,category\n1,好,invoice\n1,坏,invoice\n", "ticket_id '1'"),
        ('text,category\n"好,invoice\n', "双引号"),
        ("text,category\n", "没有一行数据"),
    ],
)
def test_bad_data_is_the_caller_s_fault_and_said(tmp_path: Path, content: str, says: str) -> None:
    status, out, err = fendan_here(
        "train", write_text(tmp_path / "in.csv", content), "--out", tmp_path / "M", cwd=tmp_path
    )
    assert status == 2
    assert says in err
    assert "in.csv" in err or "没有标签列" in err
    assert out == ""
    assert not (tmp_path / "M").exists()
    assert not (tmp_path / "var").exists(), "nothing was tracked"


def test_bytes_that_are_no_text_are_refused_by_name(tmp_path: Path) -> None:
    latin = write_text(tmp_path / "latin.csv", "text,category\nZurückgeschickt, größtenteils süß,invoice\n", "latin-1")
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    for path in (latin, picture):
        status, _, err = fendan_here("train", path, cwd=tmp_path)
        assert status == 2
        assert path.name in err
        assert "另存为 UTF-8" in err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--target-error", "0"), "0.5"),
        (("--target-error", "0.6"), "收到的是 0.6"),
        (("--target-error", "nan"), "nan"),
        (("--target-error", "many"), "--target-error"),
        (("--model", "forest"), "linear"),
        (("--model", "forest"), "blend"),
        (("--trunk", "T"), "--model encoder"),
        (("--encoder", "layers=1"), "--model encoder"),
        (("--checkpoint", "C"), "--model encoder"),
        (("--model", "encoder", "--recipe", "r.yaml"), "--recipe"),
        (("--model", "encoder", "--teacher", "M", "--unlabelled", "u.csv"), "--teacher"),
        (("--model", "encoder", "--encoder", "depth=3"), "depth"),
        (("--model", "encoder", "--encoder", "layers=[1"), "'[1'"),
        (("--encoder-folds", "6"), "encoder-folds"),
        (("--cost", "urgency=3"), "urgency.critical=3"),
        (("--target-error", "category=0.02,urgency=1"), "urgency"),
        (("--target-error", "no.yaml"), "no.yaml"),
        (("--recipe", "no.yaml"), "no.yaml"),
        (("--teacher", "M"), "--unlabelled"),
        (("--unlabelled", "u.csv"), "--teacher"),
        (("--taxonomy", "no.yaml"), "no.yaml"),
        (("--seed", "-1"), "seed"),
        (("--out", "/proc/none/model"), "/proc/none/model"),
        (("--out", "full"), "不覆盖"),
        (("--out", "full/file"), "不覆盖"),
        (("--out", "full/file/model"), "不能写入"),
        (("--surprise",), "--surprise"),
    ],
)
def test_an_option_out_of_range_is_said(tmp_path: Path, options: tuple[str, ...], says: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x", encoding="utf-8")
    status, out, err = fendan_here("train", starter_file(), *options, cwd=tmp_path)
    assert status == 2
    assert says in err
    assert out == ""
    assert (tmp_path / "full" / "file").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize("content", ["[1, 2]", "heads: {category: {labels: [}", "heads: {mood: {}}"])
def test_a_taxonomy_that_is_none_is_said(tmp_path: Path, content: str) -> None:
    path = write_text(tmp_path / "t.yaml", content)
    status, _, err = fendan_here("train", starter_file(), "--taxonomy", path, cwd=tmp_path)
    assert status == 2
    assert "Traceback" not in err


@pytest.mark.slow
def test_too_little_to_learn_from_is_said(tmp_path: Path) -> None:
    two = write_text(tmp_path / "two.csv", "text,category\n退款没到账,refund\n发票没开,invoice\n")
    one = write_text(
        tmp_path / "one.csv", "text,category\n" + "".join(f"退款{i}号还没到账,refund\n" for i in range(40))
    )
    few, same = fendan_often(("train", two, "--out", "M"), ("train", one, "--out", "M"), cwd=tmp_path)
    assert (few.status, same.status) == (2, 2)
    assert few.err.startswith("错误：")
    assert "refund" in same.err
    assert few.out == same.out == ""
    assert not (tmp_path / "M").exists()


@pytest.mark.parametrize("name", ["a/b", "a:b", " x", "a@b"])
def test_a_model_cannot_be_registered_under_any_name(tmp_path: Path, name: str) -> None:
    status, _, err = fendan_here("train", starter_file(), "--register", name, cwd=tmp_path)
    assert status == 2
    assert "--register" in err
