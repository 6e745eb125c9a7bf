"""Where new versions of the model come from: a registry that is asked where an alias points, and copies on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models.reference import ModelReference
from serving.rollout.watch import Watch
from serving.settings import Settings
from triage.errors import InputError


class VersionSource:
    """The versions of one registered model.

    Args:
        reference: the model and the alias that is followed.
        cache: where fetched models lie; by default where ``fendan serve`` puts them.

    Raises:
        InputError: this is a bento: it carries no reader of registries.
    """

    def __init__(self, reference: ModelReference, *, cache: Path | None = None) -> None:
        self.reference = reference
        self._registry = _registry()
        self.cache: Path = cache or self._registry.cache_folder()
        self._watch: Watch | None = None

    @classmethod
    def of(cls, settings: Settings, *, cache: Path | None = None) -> VersionSource | None:
        """The source of an alias that is to be followed while the service runs; None when none is."""
        if not settings.model_ref or settings.poll_seconds == 0:
            return None
        reference = ModelReference.parse(settings.model_ref)
        return cls(reference, cache=cache) if reference.alias else None

    def aliases(self) -> dict[str, str]:
        """Alias -> version, as the registry has them just now. Blocks, as the others do.

        Raises:
            RegistryError: it cannot be reached.
        """
        if self._watch is None:
            self._watch = Watch(self.reference.name, self._registry.registry_uri())
        return self._watch.ask()

    def fetch(self, version: str) -> Path:
        """The folder of a version.

        Raises:
            RegistryError: it cannot be fetched.
        """
        folder: Path = self._registry.fetch(self.reference.name, version, cache=self.cache)
        return folder

    def remember(self, version: str) -> None:
        """Notes for a start without the registry where the alias points."""
        self._registry.remember(self.reference.name, self.reference.alias, version, cache=self.cache)


def _registry() -> Any:
    try:
        from serving import registry
    except ImportError:
        raise InputError(
            "bento 里没有读模型仓库的代码，FENDAN_MODEL_REF 不能用；请去掉它，换模型就重新打一个 bento",
            field="FENDAN_MODEL_REF",
        ) from None
    return registry
