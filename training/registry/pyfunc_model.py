"""The MLflow face of a model folder, stored as code: ``mlflow.pyfunc.load_model(...).predict(frame)`` works for anyone.

MLflow runs this file when it loads the model; ``triage``, ``intake``, ``features`` and ``models`` travel with it.
"""

from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel  # type: ignore[attr-defined]


class FendanModel(PythonModel):
    """A frame with ``text`` (or ``subject`` and ``body``) in, one row of answers for each ticket out."""

    def load_context(self, context: Any) -> None:
        """Reads the model folder that lies among the artifacts."""
        from models import TriageModel

        self.model = TriageModel.load(context.artifacts["model"])

    def predict(
        self,
        context: Any,  # noqa: ARG002 (MLflow's signature)
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """Columns ``predicted_<head>``, ``<head>_confidence`` (NaN for a guess: out of the model's scope), ``<head>_action`` for
        every head, index kept."""
        frame = _one_a_row(model_input)
        texts = _texts(frame)
        answers = self.model.predict(texts)
        out: dict[str, list[Any]] = {}
        for head in self.model.heads:
            out[f"predicted_{head}"] = [answer.heads[head].label for answer in answers]
            out[f"{head}_confidence"] = [
                answer.heads[head].confidence if answer.in_scope else float("nan") for answer in answers
            ]
            out[f"{head}_action"] = [answer.heads[head].action for answer in answers]
        return pd.DataFrame(out, index=frame.index)


def _one_a_row(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with one ticket a row: a plain list of texts has a column without a name, and JSON may bring lists in one row."""
    columns = [name for name in ("text", "subject", "body") if name in frame.columns]
    if not columns and len(frame.columns) == 1:
        frame, columns = frame.set_axis(["text"], axis=1), ["text"]
    if not columns:
        raise ValueError(
            f"缺少 text 列（或 subject、body）；收到的列：{'、'.join(map(str, frame.columns))}。"
            'The frame needs a column text, or subject and body: {"text": ["…", "…"]}'
        )
    frame = frame[columns]
    if len(frame) == 1 and all(isinstance(cell, list | tuple) for cell in frame.iloc[0]):
        frame = frame.explode(columns, ignore_index=True)
    return frame


def _texts(frame: pd.DataFrame) -> list[str]:
    """What ``fendan score`` reads of the same rows; a cell that is a list is refused and never turned into text."""
    from intake.values import joined, plain

    columns = {
        name: [plain(cell, name) for cell in frame[name]] if name in frame.columns else [""] * len(frame)
        for name in ("text", "subject", "body")
    }
    return [joined(*words) for words in zip(*columns.values(), strict=True)]


set_model(FendanModel())
