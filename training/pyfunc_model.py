"""The MLflow face of a model folder, stored as code: ``mlflow.pyfunc.load_model(...).predict(frame)`` works for anyone.

MLflow runs this file when it loads the model; ``triage``, ``features`` and ``models`` travel with it.
"""

from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel


class FendanModel(PythonModel):  # type: ignore[misc]
    """A frame with ``text`` (or ``subject`` and ``body``) in, one row of answers for each ticket out."""

    def load_context(self, context: Any) -> None:
        """Reads the model folder that lies among the artifacts."""
        from models import TriageModel

        self.model = TriageModel.load(context.artifacts["model"])

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:
        """Columns ``predicted_<head>``, ``<head>_confidence``, ``<head>_action`` for every head, index kept."""
        columns = [name for name in ("text", "subject", "body") if name in model_input.columns]
        if not columns:
            raise ValueError("the frame needs a column text, or subject and body")
        frame = model_input[columns].fillna("").astype(str)
        texts = ["\n".join(part for part in row if part) for row in frame.itertuples(index=False, name=None)]
        answers = self.model.predict(texts)
        out: dict[str, list[Any]] = {}
        for head in self.model.heads:
            out[f"predicted_{head}"] = [answer.heads[head].label for answer in answers]
            out[f"{head}_confidence"] = [answer.heads[head].confidence for answer in answers]
            out[f"{head}_action"] = [answer.heads[head].action for answer in answers]
        return pd.DataFrame(out, index=model_input.index)


set_model(FendanModel())
