"""The map of the house, as data: who adds a room writes it down here, and ``test_rooms.py`` holds everybody to it."""

from __future__ import annotations

FLOORS: dict[str, tuple[set[str], ...]] = {
    "intake": (
        {"console", "report", "script"},
        {"headings"},
        {"options", "words"},
        {"files", "scales"},
        {"columns", "vocabulary"},
        {"label_checks", "tools", "values"},
        {"labels", "read"},
        {"tickets"},
        {"check"},
    ),
    "models": (
        {"core"},
        {"calibration", "encoder"},
        {"linear", "promise"},
        {"scope", "spec", "reference"},
        {"scorers"},
        {"artefact"},
        {"triage_model"},
        {"fit"},
    ),
    "training": (
        {"data"},
        {"judge"},
        {"fit"},
        {"report"},
        {"registry"},
        {"tune"},
        {"commands"},
    ),
    "serving": (
        {"clock", "console", "ids", "settings", "taxonomy_file", "observe"},
        {"store", "web", "registry"},
        {"offline", "jobs"},
        {"labels", "people"},
        {"tickets", "review", "audit"},
        {"rollout"},
        {"start", "status"},
        {"app", "bento"},
        {"service"},
        {"commands"},
    ),
}
"""Package -> its rooms (folders, and files that stand alone), floor by floor. A room imports from floors below it only, in
whatever line: at the top, in a function, for types."""

CIRCLES: set[frozenset[str]] = {frozenset({"serving.people.guard", "serving.people.pages"})}
"""Files that import each other, by way of others too, and have yet to be parted. The list only gets shorter."""

LIBRARIES: dict[str, tuple[str, ...]] = {
    "_bentoml_impl": (),
    "_bentoml_sdk": (),
    "alembic": ("serving/store/",),
    "argon2": ("serving/people/passwords.py",),
    "bentoml": ("serving/service.py",),
    "charset_normalizer": ("intake/files/encodings.py",),
    "cleanlab": ("serving/audit/rank_labels.py",),
    "jieba": ("features/segment.py",),
    "jinja2": ("serving/web/render.py", "training/report/"),
    "joblib": ("models/linear/fit.py", "training/tune/score.py"),
    "matplotlib": ("training/report/", "training/tune/picture.py"),
    "mlflow": ("serving/registry.py", "training/registry/", "training/tune/log.py"),
    "numba": ("features/", "models/core/evidence.py", "training/data/duplicates.py", "training/data/frame_kernels.py"),
    "opencc": ("features/normalise.py", "intake/script.py", "training/judge/probe/checks/traditional.py"),
    "openpyxl": ("intake/files/",),
    "optuna": ("training/tune/",),
    "prometheus_client": ("serving/observe/",),
    "pyarrow": ("intake/files/",),
    "rich": ("training/report/console.py",),
    "safetensors": ("models/encoder/",),
    "sklearn": ("models/linear/svm.py",),
    "sqlalchemy": ("serving/", "training/registry/", "training/tune/study.py"),
    "starlette": ("serving/",),
    "tokenizers": ("models/encoder/",),
    "torch": ("models/encoder/",),
    "tqdm": ("training/report/console.py",),
    "transformers": ("models/encoder/",),
    "typer": (
        "intake/console.py",
        "serving/",
        "training/commands/",
        "training/report/console.py",
        "training/tune/say.py",
    ),
}
"""Library -> the only folders and files that import it."""
