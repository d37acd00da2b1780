"""What may stand in a worksheet file, for editors (JSON Schema) and for people (the reference), from its models."""

from __future__ import annotations

import ast
import inspect
import json
import math
import sys
from functools import cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from generator.worksheet.spec import Family, OneOrMore, Problem, Words, Worksheet
from generator.worksheet.spec import Section as Heading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import core_schema

TRUE_OR_FALSE = ("true", "false", "yes", "no", "on", "off")
"""What people write for true and false, and an editor may take for text."""

INTRODUCTION = """\
# Keys of a worksheet file

Made by `worksheets schema --markdown` from the models that read the files; `make reference` writes it again.

`worksheets schema > worksheet.schema.json` writes the same for editors (`--families` for files of the bank), which then
complete keys and mark mistakes. The first line of a worksheet tells them where it is:

```yaml
# yaml-language-server: $schema=worksheet.schema.json
```

An editor takes `|` and `>` at the beginning of a value for a block of text: put such a function in single quotes,
`'||A x - b||_2^2'`. All values are read as the text that you write, so that `y`, `no` and `1:30` are what they seem.
"""


class Selection(BaseModel):
    """Which families of the bank may be picked."""

    model_config = ConfigDict(extra="forbid")

    topic: OneOrMore = Field(default="", examples=["inverse", ["determinant", "inverse"]])
    """Their topics."""
    difficulty: str = Field(default="", examples=[2, "2..3"])
    """How hard they are, from 1 to 5."""
    families: OneOrMore = Field(default="", examples=[["least-squares", "ridge-regression"]])
    """Their names."""
    by: Literal["topic", "difficulty"] | None = None
    """Picks so many of each topic, or of each difficulty."""


def _only(*keys: str) -> ConfigDict:
    """Of all keys, those that must be there."""
    return ConfigDict(json_schema_extra={"required": list(keys)})


class Use(Problem):
    """A family of the bank. What a problem may say beside it replaces what the family says."""

    model_config = _only("use")

    use: Words = Field(examples=["ridge-regression"])
    """The family's name; `worksheets bank` lists all."""


class Pick(Problem):
    """Families of the bank that the seed chooses. What a problem may say beside it replaces what they say."""

    model_config = _only("pick")

    pick: Annotated[int, Field(ge=1, le=99)]
    """How many."""
    selection: Selection = Field(default=Selection(), alias="from")
    """Which may be picked; by default all."""


class Pool(Problem):
    """Problems of your own of which each version has some. What a problem may say beside them is said of each."""

    model_config = _only("pick", "from")

    pick: Annotated[int, Field(ge=1, le=99)]
    """How many of them each version has."""
    pool: tuple[Problem | Use, ...] | Words = Field(
        alias="from", examples=["pool.yaml", [{"statement": "Define the trace.", "solution": "It is …"}]]
    )
    """The problems, or the name of a file beside the worksheet that has a list of them."""


class Section(Heading):
    """Problems below a heading."""

    model_config = _only("title", "problems")

    problems: tuple[Problem | Use | Pool | Pick, ...] = Field(
        min_length=1, examples=[[{"function": "Tr(A X)", "wrt": "X"}]]
    )
    """The problems, in order."""


class File(Worksheet):
    """A worksheet file."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["problems"]}, {"required": ["sections"]}]},
    )

    bank: str = Field(default="", examples=["families"])
    """A folder beside the worksheet with families of your own."""
    sections: tuple[Section, ...] = Field(
        default=(),
        min_length=1,
        examples=[[{"title": "Short questions", "problems": [{"function": "Tr(A X)", "wrt": "X"}]}]],
    )
    """Headings with their problems, in place of `problems`."""
    problems: tuple[Problem | Use | Pool | Pick, ...] = Field(
        default=(), min_length=1, examples=[[{"function": "Tr(A X)", "wrt": "X"}]]
    )
    """The problems, in order; or `sections`."""


Families = TypeAdapter(dict[str, Family])
"""A file of the bank."""


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    """The classes of a module as they are written; `inspect.getsource` would parse it for each of them."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _texts(kind: type) -> dict[str, str]:
    """What stands below each field of a class, or of one that it is made from.

    We read it here, and leave `use_attribute_docstrings` off, so that only who wants the schema waits for it.
    """
    found: dict[str, str] = {}
    for one in reversed(kind.mro()):
        if one.__module__.startswith("generator."):
            for field, text in pairwise(_classes(one.__module__)[one.__name__].body):
                match field, text:
                    case ast.AnnAssign(ast.Name(name)), ast.Expr(ast.Constant(str(said))):
                        found[name] = inspect.cleandoc(said)
                    case _:
                        pass
    return found


class _AsWritten(GenerateJsonSchema):
    """Values as an editor sees them: what is text to us can look like a number, and a number can be in quotes."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        return self._described(super().model_schema(schema), schema["cls"])

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        return self._described(super().dataclass_schema(schema), schema["cls"])

    def _described(self, made: JsonSchemaValue, kind: type) -> JsonSchemaValue:
        """With what each key says, from the text below its field."""
        fields = getattr(kind, "model_fields", {})
        for name, text in _texts(kind).items():
            key = (fields[name].alias if name in fields else None) or name
            if key in made["properties"]:
                made["properties"][key]["description"] = text
        return made

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return super().str_schema(schema) | {"type": ["string", "number", "boolean"]}

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        return super().int_schema(schema) | {"type": ["integer", "string"], "pattern": r"^\d+$"}

    def bool_schema(self, schema: core_schema.BoolSchema) -> JsonSchemaValue:
        return {"enum": [True, False, *TRUE_OR_FALSE]}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """What may be left out must not be left empty."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A default that says nothing, or is made of other keys, is none that an editor should write out."""
        kept = super().default_schema(schema) if isinstance(schema.get("default"), str | int) else {}
        return kept if kept.get("default", "") != "" else self.generate_inner(schema["schema"])

    def get_title_from_name(self, name: str) -> str:
        """The key itself, not a heading made of it."""
        return name


def schema(*, families: bool = False) -> dict[str, Any]:
    """The JSON Schema of a worksheet, or of a file of the bank."""
    kind = Families if families else TypeAdapter(File)
    made = kind.json_schema(schema_generator=_AsWritten)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def written(*, families: bool = False) -> str:
    """The JSON Schema as the text of a file."""
    return json.dumps(schema(families=families), indent=2, ensure_ascii=False) + "\n"


def reference() -> str:
    """All keys of worksheets and families, with types, defaults and examples, as Markdown."""
    made = schema()
    models = {made["title"]: made, **made["$defs"], **schema(families=True)["$defs"]}
    problem = models["Problem"]
    for name, model in models.items():
        if model is not problem and problem["properties"].keys() <= model["properties"].keys():
            own = {key: about for key, about in model["properties"].items() if about != problem["properties"].get(key)}
            models[name] = {**model, "properties": own}
    return "\n".join([INTRODUCTION, *chain.from_iterable(map(_section, models.values()))])


def _section(model: Mapping[str, Any]) -> Iterator[str]:
    """A heading, what the model is, and a table of its keys."""
    yield f"## {model['title']}\n\n{_line(model['description'])}\n"
    yield "| key | what it says | value | default | examples |"
    yield "| --- | --- | --- | --- | --- |"
    for key, about in model["properties"].items():
        default = _code(about["default"]) if "default" in about else ""
        needed = "required" if key in model.get("required", ()) else default
        examples = ", ".join(map(_code, about.get("examples", ())))
        yield f"| `{key}` | {_line(about['description'])} | {_kind(about)} | {needed} | {examples} |"
    yield ""


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def _code(value: object) -> str:
    """A value as it is written in YAML, on one line."""
    written = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, sort_keys=False, width=math.inf)
    return f"`{_line(written)[1:-1]}`"


def _kind(about: Mapping[str, Any]) -> str:
    """The type of a value, in words."""
    match about:
        case {"$ref": str(ref)}:
            name = ref.rpartition("/")[2]
            return f"[{name}](#{name.lower()})"
        case {"enum": [True, *_]}:
            return "`true` or `false`"
        case {"enum": allowed}:
            return ", ".join(map(_code, allowed))
        case {"const": value}:
            return _code(value)
        case {"anyOf": ways}:
            return " or ".join(dict.fromkeys(map(_kind, ways)))
        case {"type": ["integer", *_]}:
            bounds = [f"{word} {about[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in about]
            return " ".join(["whole number", *bounds])
        case {"type": "array", "items": items}:
            return f"list of {_kind(items)}"
        case {"type": "object"}:
            inner = about["additionalProperties"]
            return f"keys, each with {_kind(inner)}"
        case _:
            return "text"
