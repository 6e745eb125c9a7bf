"""Every training is a run in a real MLflow store, and its model loads in any process that has MLflow."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from models import TriageModel
from tests.shared import share_kernels
from tests.training.builders import ROOT, bare, fendan, home, starter, starter_rows

pytestmark = pytest.mark.slow

_ASK = """
import json, sys
import mlflow
from mlflow import MlflowClient
mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
out = []
for version in sorted(client.search_model_versions("name = 'fendan'"), key=lambda v: int(v.version)):
    run = client.get_run(version.run_id)
    info = mlflow.models.get_model_info(f"models:/fendan/{version.version}")
    files = []
    def walk(path=""):
        for found in client.list_artifacts(version.run_id, path):
            walk(found.path) if found.is_dir else files.append(found.path)
    walk()
    out.append({
        "version": str(version.version),
        "run": version.run_id,
        "status": run.info.status,
        "params": run.data.params,
        "metrics": run.data.metrics,
        "tags": run.data.tags,
        "inputs": [[d.dataset.name, d.dataset.digest, d.dataset.profile] for d in run.inputs.dataset_inputs],
        "files": files,
        "artifact_uri": run.info.artifact_uri,
        "inputs_schema": info.signature.inputs.to_dict(),
        "outputs_schema": info.signature.outputs.to_dict(),
        "example": info.saved_input_example_info,
        "flavors": sorted(info.flavors),
    })
print(json.dumps({"versions": out, "aliases": client.get_registered_model("fendan").aliases}))
"""


def store() -> str:
    return f"sqlite:///{home().folder}/var/mlflow.db"


@functools.cache
def kept() -> dict[str, Any]:
    """What the store says, asked by a process that knows nothing of Fendan."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK, store()], cwd="/", env=bare(), capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def first() -> dict[str, Any]:
    return kept()["versions"][0]


def test_the_first_version_is_the_champion_and_the_second_is_not() -> None:
    assert [v["version"] for v in kept()["versions"]] == ["1", "2"]
    assert kept()["aliases"] in ({"champion": "1"}, {"champion": 1})
    assert home().first["mlflow"]["champion"] is True
    assert home().second["mlflow"]["champion"] is False
    assert home().second["mlflow"]["version"] == "2"


def test_the_run_is_the_one_that_was_told() -> None:
    assert first()["run"] == home().first["mlflow"]["run_id"]
    assert first()["status"] == "FINISHED"


def test_a_run_keeps_its_parameters() -> None:
    params = first()["params"]
    assert params["texts"] == "200"
    assert params["target_error"] == "0.3"
    assert params["split"] == "time"
    assert params["refit"] == "True"
    assert params["taxonomy"] == "standard"
    assert "penalty=" in params["recipe.category"]
    assert float(params["recipe.category"].split("penalty=")[1].split(" ")[0]) > 0
    assert json.loads(params["targets"].replace("'", '"'))["default"] == 0.3
    assert kept()["versions"][1]["params"]["seed"] == "1"
    assert first()["tags"]["data_fingerprint"] == starter().fingerprint
    assert first()["tags"]["model_kind"] == "linear"


def test_a_run_keeps_the_figures_of_every_head_and_class() -> None:
    kept_figures = first()["metrics"]
    for head, report in home().first["heads"].items():
        for name in ("n", "accuracy", "macro_f1", "ece", "coverage"):
            assert kept_figures[f"{head}.{name}"] == pytest.approx(report[name])
        assert 0 <= kept_figures[f"{head}.brier"] <= 2
        for code, row in report["per_class"].items():
            for name in ("precision", "recall", "f1", "support"):
                assert kept_figures[f"{head}.{code}.{name}"] == pytest.approx(row[name])


def test_a_run_keeps_pictures_card_and_evaluation() -> None:
    heads = ("category", "urgency", "sentiment")
    pictures = {f"pictures/{kind}_{head}.png" for kind in ("confusion", "reliability", "classes") for head in heads}
    assert set(first()["files"]) >= pictures | {"model_card.md", "evaluation.json"}
    folder = Path(first()["artifact_uri"].removeprefix("file://"))
    assert folder.is_relative_to(home().folder / "var" / "mlartifacts")
    assert all((folder / picture).read_bytes().startswith(b"\x89PNG") for picture in pictures)
    evaluation = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    assert evaluation["heads"] == home().first["heads"]
    assert evaluation["harm"]["label"] == "critical"
    assert json.loads((folder / "probe.json").read_text(encoding="utf-8"))["checks"]["marks"]["n"]
    assert (folder / "model_card.md").read_text(encoding="utf-8") == (home().folder / "M" / "model_card.md").read_text(
        encoding="utf-8"
    )


def test_a_run_names_its_data_and_keeps_none_of_its_texts() -> None:
    ((name, digest, _),) = first()["inputs"]
    assert name == "starter.jsonl"
    assert starter().fingerprint.startswith(digest)
    words = starter_rows()[0]["text"]
    assert words not in json.dumps(kept(), ensure_ascii=False)
    assert words.encode() not in (home().folder / "var" / "mlflow.db").read_bytes()


def test_the_model_has_a_signature_and_an_example() -> None:
    assert [(c["name"], c["type"], c["required"]) for c in first()["inputs_schema"]] == [
        ("text", "string", False),
        ("subject", "string", False),
        ("body", "string", False),
    ]
    assert [(c["name"], c["type"]) for c in first()["outputs_schema"][:3]] == [
        ("predicted_category", "string"),
        ("category_confidence", "double"),
        ("category_action", "string"),
    ]
    assert first()["example"]["type"] == "dataframe"
    assert first()["flavors"] == ["python_function"]


def codes() -> list[Path]:
    """What the two stored models bring of our packages."""
    return [folder for folder in (home().folder / "var" / "mlartifacts").rglob("code") if folder.is_dir()]


def test_the_stored_model_holds_neither_training_nor_caches_nor_pickles() -> None:
    code = codes()[0]
    assert sorted(path.name for path in code.iterdir()) == ["features", "intake", "models", "triage"]
    names = [path.name for path in code.parent.rglob("*")]
    assert "__pycache__" not in names
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]
    assert "scikit-learn==" in (code.parent / "requirements.txt").read_text(encoding="utf-8")


_PREDICT = """
import sys
import mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/fendan@champion")
model.predict(pd.read_json(sys.argv[2], dtype=False, convert_dates=False)).to_json(sys.argv[3], double_precision=15)
assert not any("/main" in path and "venv" not in path for path in sys.path if path), sys.path
assert "training" not in sys.modules
"""


_LISTS = """
import sys
import mlflow, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/fendan@champion")
texts = ["退款没到账", "包裹停在转运站不动"]
frame = model.predict(pd.DataFrame({"text": texts}))
assert model.predict({"text": texts}).equals(frame), "two tickets never become one"
for bad in (texts, pd.DataFrame({"text": [texts, "好"]})):
    try:
        model.predict(bad)
    except Exception as error:
        assert "text" in str(error), error
    else:
        raise AssertionError("a list was turned into text")
"""


def test_a_list_is_never_turned_into_text(tmp_path: Path) -> None:
    for code in codes():
        share_kernels(code)
    command = [sys.executable, "-P", "-c", _LISTS, store()]
    done = subprocess.run(command, cwd=tmp_path, env=bare(), capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr


def test_any_process_gets_the_same_answers_from_the_registry(tmp_path: Path) -> None:
    texts = [row["text"] for row in starter_rows()[:60]] + [
        "",
        "😡" * 50,
        "电话13812345678",
        "x" * 5000,
        "<p>快递<br>没收到</p>",
    ]
    frame = pd.DataFrame({"text": texts}, index=[f"row{i}" for i in range(len(texts))])
    frame.loc["split"] = [None]
    frame["subject"] = None
    frame["body"] = None
    frame.loc["split", ["subject", "body"]] = ["快递", "一直没收到"]
    frame.loc["row0", ["subject", "body"]] = ["不该读", "这两列"]
    frame.to_json(tmp_path / "in.json")
    command = [sys.executable, "-P", "-c", _PREDICT, store(), str(tmp_path / "in.json"), str(tmp_path / "out.json")]
    done = subprocess.run(command, cwd=tmp_path, env=bare(), capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    answers = pd.read_json(tmp_path / "out.json", dtype=False)
    assert list(answers.index) == list(frame.index)
    expected = TriageModel.load(home().folder / "M").predict([*texts, "快递\n一直没收到"])
    for head in ("category", "urgency", "sentiment"):
        assert list(answers[f"predicted_{head}"]) == [one.heads[head].label for one in expected]
        assert list(answers[f"{head}_action"]) == [one.heads[head].action for one in expected]
        confidence = [one.heads[head].confidence if one.in_scope else float("nan") for one in expected]
        assert list(answers[f"{head}_confidence"]) == pytest.approx(confidence, abs=1e-6, nan_ok=True)


_ELSEWHERE = """
import sys
sys.path.insert(0, sys.argv[1])
from training.registry.mlflow_home import EXPERIMENT, load_mlflow
from training.registry.track import prepare
prepare()
print(load_mlflow().get_experiment_by_name(EXPERIMENT).artifact_location)
"""


def test_another_store_is_used_when_the_variable_names_one(tmp_path: Path) -> None:
    env = {**bare(), "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/elsewhere.db"}
    command = [sys.executable, "-c", _ELSEWHERE, str(ROOT)]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "var").exists(), "neither the default store nor its artifacts are made"
    assert "mlartifacts" not in done.stdout, "where files go is that store's own business"


def test_a_store_that_cannot_be_opened_is_said_before_anything_is_fitted(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "mlflow.db").write_text("no database", encoding="utf-8")
    done = fendan("train", home().folder.parent / "starter.jsonl", "--out", "M", cwd=tmp_path)
    assert done.returncode == 1
    assert "用不了 MLflow" in done.stderr
    assert "MLFLOW_TRACKING_URI" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "M").exists()
