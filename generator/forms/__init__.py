"""Forms of questions, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.errors import FormError, WorksheetError
from generator.forms.blanks import FillIn, Identify
from generator.forms.choice import MultipleChoice
from generator.forms.derive import Derive
from generator.forms.find_the_error import FindTheError
from generator.forms.protocol import DERIVE_INSTEAD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.expr.evaluate.exact import Rows
    from generator.expr.nodes import Symbol
    from generator.forms.protocol import Form
    from generator.problems.settings import FormSettings
    from generator.solver.derivation import Derivation

FORMS: dict[str, Form[Any]] = {
    form.name: form for form in (Derive(), MultipleChoice(), FindTheError(), FillIn(), Identify())
}
"""All forms; the first is the one of a problem that says none."""


def ask(derivation: Derivation, settings: FormSettings, data: Mapping[Symbol, Rows]) -> Any:
    """What a form makes of a derivation before numbers are put in; raises FormError where it can make nothing."""
    form = FORMS[settings.name]
    if derivation.find == "value" and form.derives_singly and not (form.takes_values and data):
        raise FormError("the value of a function comes without a derivation", remedy=DERIVE_INSTEAD)
    return form.ask(derivation, settings, data)


def misplaced(form: str, said: frozenset[str]) -> Iterator[tuple[str, WorksheetError]]:
    """An error for each key that belongs to other forms than the one that a problem has."""
    for key in sorted(said - FORMS[form].keys):
        if owner := next((other for other in FORMS.values() if key in other.keys), None):
            yield key, WorksheetError(f"the form {form} has no {key}", remedy=f"Add  form: {owner.name}")
