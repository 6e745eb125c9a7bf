"""The MLflow face of a model folder, stored as code: ``mlflow.pyfunc.load_model(...).predict(frame)`` works for anyone.

MLflow runs this file when it loads the model; ``triage``, ``features`` and ``models`` travel with it.
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
        columns = [name for name in ("text", "subject", "body") if name in model_input.columns]
        if not columns:
            raise ValueError("the frame needs a column text, or subject and body")
        frame = model_input[columns].fillna("").astype(str)
        rows = [dict(zip(columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]
        texts = [_words(row) for row in rows]
        answers = self.model.predict(texts)
        out: dict[str, list[Any]] = {}
        for head in self.model.heads:
            out[f"predicted_{head}"] = [answer.heads[head].label for answer in answers]
            out[f"{head}_confidence"] = [
                answer.heads[head].confidence if answer.in_scope else float("nan") for answer in answers
            ]
            out[f"{head}_action"] = [answer.heads[head].action for answer in answers]
        return pd.DataFrame(out, index=model_input.index)


def _words(row: dict[str, str]) -> str:
    """``text``, or where it is blank ``subject`` and ``body``: what ``fendan score`` reads of the same row."""
    text = row.get("text", "")
    return (
        text
        if text.strip()
        else "\n".join(part for part in (row.get("subject", ""), row.get("body", "")) if part.strip())
    )


set_model(FendanModel())
