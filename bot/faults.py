"""What is wrong with a configuration, in lines an operator can act on: file, key, what was expected, an example."""

import difflib
import types
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined

from incidents.terms import format_duration

_LONGEST_SHOWN: Final = 60
_EXPECTED: Final = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "string_type": "text in quotes",
    "model_type": "a section of settings",
    "dict_type": "a section of settings",
    "tuple_type": "a list, such as [ … ]",
    "path_type": "a path in quotes",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`source`: the file or "environment"; `path`: dotted, "telegram.poll_seconds"; never holds a secret."""

    source: str
    path: str
    problem: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.source, self.path, self.problem) if part)


class ConfigError(Exception):
    """The configuration cannot be used. `str()` is one line a fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def faults_of(
    error: ValidationError, model: type[BaseModel], *, source: str, overlaid: Collection[str] = ()
) -> list[Fault]:
    """Pydantic's findings in the operator's words. `overlaid`: paths whose value the environment gave."""
    found = [_fault(details, model, source) for details in error.errors(include_url=False)]
    return [replace(fault, source="environment") if fault.path in overlaid else fault for fault in found]


def _fault(details: ErrorDetails, model: type[BaseModel], source: str) -> Fault:
    loc = tuple(part for part in details["loc"] if part != "[key]")
    path = ".".join(map(str, loc))
    owner, field = _find(model, loc)
    if details["type"] == "extra_forbidden":
        return Fault(source, path, _unknown(str(loc[-1]), owner))
    if details["type"] == "missing":
        problem = "is missing"
    elif details["type"] == "value_error":
        problem = details["msg"].removeprefix("Value error, ")
    else:
        expected = _EXPECTED.get(details["type"])
        problem = f"expected {expected}" if expected else _lower(details["msg"])
        problem += _got(details, field)
    return Fault(source, path, problem + _example(field))


def _lower(text: str) -> str:
    text = text.replace("Input", "the value")
    return text[:1].lower() + text[1:]


def _unknown(key: str, owner: type[BaseModel] | None) -> str:
    known = list(owner.model_fields) if owner is not None else []
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return (
        f"no such setting: did you mean {near[0]}?" if near else f"no such setting; known: {', '.join(known)}"
    )


def _got(details: ErrorDetails, field: FieldInfo | None) -> str:
    if field is None or _holds(field.annotation, SecretStr) or isinstance(details["input"], dict | list):
        return ""
    shown = repr(details["input"])
    return f", got {shown[:_LONGEST_SHOWN]}{'…' if len(shown) > _LONGEST_SHOWN else ''}"


def _example(field: FieldInfo | None) -> str:
    if field is None:
        return ""
    about = f" ({field.description.rstrip('.')})" if field.description else ""
    default = field.get_default(call_default_factory=True, validated_data={})
    if default in (None, PydanticUndefined, "", (), {}) or isinstance(default, BaseModel | dict | tuple):
        return about
    if isinstance(default, timedelta):
        default = format_duration(default)
    shown = str(default).lower() if isinstance(default, bool) else default
    shown = f'"{default}"' if isinstance(default, str) else shown
    return f"{about}; for example {shown}"


def _find(
    model: type[BaseModel], loc: tuple[int | str, ...]
) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """The model that holds the last part of `loc`, and the field it names."""
    owner: type[BaseModel] | None = model
    field: FieldInfo | None = None
    inside_dict = False
    for position, part in enumerate(loc):
        if inside_dict or isinstance(part, int):
            inside_dict = False
            continue
        if owner is None:
            break
        field = owner.model_fields.get(part)
        if position == len(loc) - 1:
            break
        inside_dict = field is not None and get_origin(field.annotation) is dict
        child = child_model(owner, part)
        if child is None:
            break
        owner = child
    return owner, field


def child_model(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    """The settings below `key`: the section itself, or what its list or table holds."""
    field = model.model_fields.get(key)
    return _model_in(field.annotation) if field is not None else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)


def _holds(annotation: Any, wanted: type) -> bool:
    if get_origin(annotation) in (Union, types.UnionType):
        return any(_holds(part, wanted) for part in get_args(annotation))
    return annotation is wanted
