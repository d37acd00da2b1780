"""What filling a template costs, and the most that it may: no template runs for ever or fills the memory.

Steps of loops, calls, and the size of all that is made on the way are paid for from one budget. So it does not matter
how a template goes astray: by ranges in ranges, by macros that call each other, or by text that doubles.
"""

from __future__ import annotations

import re
from collections.abc import Sized
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from jinja2 import TemplateRuntimeError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jinja2.runtime import Context

BUDGET = 20_000_000
CALL = 20
"""What a call costs, in letters, which are as fast to make as a step of a loop."""
RANDOM = "random", "lipsum", "shuffle"
"""What would make another paper each time."""
STEPS, MADE = "_steps", "_made"


class EndlessError(TemplateRuntimeError):
    """A template that costs more than it may."""


class FrugalEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox in which all that can be repeated or can grow is paid for; `left` is what remains of the budget."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.left = BUDGET
        self.safe: dict[tuple[type, str], bool] = {}
        self.globals = {name: value for name, value in self.globals.items() if name not in RANDOM}
        self.filters = {name: self._paid(name, do) for name, do in self.filters.items() if name not in RANDOM}
        self.filters |= {STEPS: self._steps, MADE: self._made}

    def spend(self, cost: int) -> None:
        """Take from the budget; raises `EndlessError` when it is used up."""
        self.left -= cost
        if self.left < 0:
            raise EndlessError("it hardly ends, or makes a text that hardly ends")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Metered().visit(super()._parse(source, name, filename))
        return tree

    def _steps(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self.spend(1)
            yield item

    def _made(self, value: Any) -> Any:
        self.spend(1 + _size(value))
        return value

    def _paid(self, name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(do)
        def paid(*args: Any, **named: Any) -> Any:
            self.spend(_asked([*args, *named.values()]))
            if name == "format":
                self.spend(_widths(args[0]))
            return self._made(do(*args, **named))

        return paid

    def call(self, context: Context, function: Any, *args: Any, **named: Any) -> Any:
        """Call an object; a number that is handed over may be a width or a count, and costs what it could cause."""
        self.spend(CALL + _asked([*args, *named.values()]))
        return self._made(super().call(context, function, *args, **named))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Work out what can grow: products, powers, sums of texts, and `%` with the widths in its text."""
        match operator:
            case "*" if isinstance(left, Sized) or isinstance(right, Sized):
                times = right if isinstance(left, Sized) else left
                self.spend(_size(left if isinstance(left, Sized) else right) * max(_asked([times]), 0))
            case "**" if isinstance(left, int) and isinstance(right, int):
                self.spend(_size(left) * abs(right))
            case "%":
                self.spend(_widths(left) + _asked(right if isinstance(right, tuple) else [right]))
            case _:
                pass
        return self._made(super().call_binop(context, operator, left, right))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """A template may read this attribute, which the sandbox tells from its name and the type of the object."""
        key = type(obj), attr
        if key not in self.safe:
            self.safe[key] = super().is_safe_attribute(obj, attr, value)
        return self.safe[key]

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """The method `format` of a text, with the widths in it paid for."""
        if not callable(value):  # as nearly all that templates read
            return None
        wrapped: Callable[..., str] | None = super().wrap_str_format(value)
        if wrapped is not None:
            self.spend(_widths(value.__self__))
        return wrapped


class _Metered(NodeTransformer):
    """Has every loop pay for its steps, and every concatenation for its text."""

    def visit_For(self, node: nodes.For) -> nodes.For:
        self.generic_visit(node)
        node.iter = _through(STEPS, cast("nodes.Expr", node.iter))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:
        self.generic_visit(node)
        return _through(MADE, node)


def _through(name: str, node: nodes.Expr) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _size(value: Any) -> int:
    """The number of letters, items or, of a whole number, bits."""
    if isinstance(value, int):
        return value.bit_length()
    return len(value) if isinstance(value, str | bytes | list | tuple | dict | set) else 0


def _asked(arguments: Iterable[Any]) -> int:
    return sum(abs(one) for one in arguments if isinstance(one, int))


def _widths(text: Any) -> int:
    return sum(int(digits[:12]) for digits in re.findall(r"\d+", text)) if isinstance(text, str) else 0
