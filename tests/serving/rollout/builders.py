"""What the tests of models that change at run time share: folders of models, good and bad, and a real MLflow registry."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.serving.builders import model_folder
from tests.shared import mlflow_store, once_per_run, run_folder

_REGISTRAR = """
import json, sys
import mlflow
client = mlflow.MlflowClient()
for line in sys.stdin:
    what, *given = json.loads(line)
    if what == "register":
        name, folder = given
        if not client.search_registered_models(f"name='{name}'"):
            client.create_registered_model(name)
        with mlflow.start_run() as run:
            mlflow.log_artifacts(folder, "model/data/fendan")
        answer = client.create_model_version(name, f"{run.info.artifact_uri}/model", run.info.run_id).version
    elif what == "alias":
        answer = client.set_registered_model_alias(*given)
    elif what == "serve":
        from threading import Thread
        from werkzeug.serving import make_server
        from mlflow.server import app
        server = make_server("127.0.0.1", 0, app, threaded=True)
        Thread(target=server.serve_forever, daemon=True).start()
        answer = f"http://127.0.0.1:{server.server_port}"
    else:
        answer = client.delete_registered_model_alias(*given)
    print(json.dumps(str(answer)), flush=True)
"""


class Registrar:
    """A data scientist at work: MLflow's own client, in a process of its own, on ``home/var/mlflow.db``."""

    def __init__(self, home: Path) -> None:
        self.uri = mlflow_store(home / "var" / "mlflow.db")
        env = {**os.environ, "MLFLOW_TRACKING_URI": self.uri, "MLFLOW_DISABLE_TELEMETRY": "true"}
        # What `mlflow server` tells its application; its supervisor and workers would only cost time here.
        env |= {"_MLFLOW_SERVER_FILE_STORE": self.uri, "_MLFLOW_SERVER_ARTIFACT_ROOT": str(home / "artifacts")}
        env.pop("MLFLOW_REGISTRY_URI", None)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _REGISTRAR],
            cwd=home,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, *what: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        answer: str = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)


NEW_NAME = "物流（新）"
"""What the second model calls logistics: a decision shows whose labels it carries."""


@once_per_run
def second_folder() -> Path:
    """A model that answers like the small one under other labels."""
    from models import TriageModel

    model = TriageModel.load(model_folder())
    mapping = json.loads(json.dumps(model.manifest["taxonomy"]))
    for label in mapping["heads"]["category"]["labels"]:
        if label["code"] == "logistics":
            label["name"] = NEW_NAME
    model.manifest["taxonomy"] = mapping
    folder = run_folder() / "serving" / "second"
    model.save(folder)
    return folder


def with_manifest(target: Path, **changes: Any) -> Path:
    """A copy of the small model whose manifest says something else, with a checksum that fits."""
    from models import artefact

    shutil.copytree(model_folder(), target)
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    del manifest["checksum"]
    manifest.update(changes)
    manifest["checksum"] = artefact._digest(artefact._canonical(manifest))
    (target / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    return target


def truncated(target: Path) -> Path:
    """A copy of the small model whose weights end in the middle."""
    shutil.copytree(model_folder(), target)
    weights = target / "weights.npz"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    return target
