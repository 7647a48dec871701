"""What a learner sets for a training run comes from a browser, so it is checked before use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Settings = TypeVar("Settings", bound=DataclassInstance)


def chosen(
    default: Settings, values: Mapping[str, Any], choices: Mapping[str, Sequence[Any]]
) -> Settings:
    """``default`` with ``values`` put in. Raises ValueError that names a setting which does not
    exist, or whose value is none of its ``choices``."""
    known = {field.name for field in fields(default)}
    if unknown := sorted(set(values) - known):
        raise ValueError(f"There is no setting called {unknown[0]!r}.")
    settings = replace(default, **values)
    for name, allowed in choices.items():
        if getattr(settings, name) not in allowed:
            raise ValueError(f"The setting {name} can't be {getattr(settings, name)!r}.")
    return settings
