"""Settings: everything wrong is refused by name; what is left open is chosen for the trunk."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from models.encoder.settings import EncoderSettings
from triage.errors import TrainingError


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("layers", 0),
        ("layers", 2.0),
        ("layers", True),
        ("layers", "2"),
        ("width", 7),
        ("dropout", -0.1),
        ("dropout", float("nan")),
        ("dropout", True),
        ("learning_rate", float("inf")),
        ("class_weight", 1.5),
        ("batch", None),
        ("trunk", None),
        ("trunk", 3),
        ("tokens", "word"),
        ("gradient_checkpointing", 1),
        ("seed", -1),
        ("max_length", 4),
    ],
)
def test_a_wrong_value_is_named(field: str, value: Any) -> None:
    with pytest.raises(TrainingError, match=field) as caught:
        EncoderSettings(**{field: value})
    assert caught.value.field == field
    assert repr(value) in str(caught.value)


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(TrainingError, match="整数倍"):
        EncoderSettings(width=130, attention_heads=4)


def test_it_goes_through_a_mapping_and_back() -> None:
    settings = EncoderSettings(trunk="bert-base-chinese", epochs=3, dropout=0)
    assert EncoderSettings.from_mapping(settings.to_mapping()) == settings
    assert isinstance(settings.dropout, float)


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(TrainingError, match="不认识 depth") as caught:
        EncoderSettings.from_mapping({"depth": 3})
    assert "layers" in str(caught.value)
    with pytest.raises(TrainingError, match="对照表"):
        EncoderSettings.from_mapping([("layers", 3)])  # type: ignore[arg-type]


def test_what_is_open_is_chosen_for_the_trunk_and_what_is_given_stays() -> None:
    scratch, narrow, wide = (EncoderSettings().resolved(width) for width in (None, 128, 768))
    for settings in (scratch, narrow, wide):
        assert None not in settings.to_mapping().values()
    assert scratch.learning_rate > narrow.learning_rate > wide.learning_rate  # type: ignore[operator]
    assert EncoderSettings(epochs=1, learning_rate=0.5).resolved(768).to_mapping() | {} == (
        wide.to_mapping() | {"epochs": 1, "learning_rate": 0.5}
    )
    assert wide.resolved(None) == wide
    assert EncoderSettings().resolved(texts=100_000).epochs < scratch.epochs  # type: ignore[operator]


def test_settings_and_package_need_no_torch() -> None:
    code = (
        "import sys, models, models.encoder\n"
        "models.encoder.EncoderSettings()\n"
        "assert not {'torch', 'transformers', 'tokenizers', 'safetensors'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_torch_it_says_what_to_install() -> None:
    code = (
        "import sys\n"
        "sys.modules['torch'] = None\n"  # what an import of a missing module does
        "from triage.errors import FendanError\n"
        "import models.encoder\n"
        "for name in ('EncoderScorer', 'pretrain'):\n"
        "    try: getattr(models.encoder, name)\n"
        "    except FendanError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.count("pip install 'fendan[encoder]'") == 2
    assert "torch" in run.stdout
