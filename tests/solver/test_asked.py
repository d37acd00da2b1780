"""Texts that are whole questions: the function, the variable and the order of the derivative."""

from __future__ import annotations

import pytest

from generator import GeneratorError, solve
from generator.errors import ExpressionError

WHOLE = [
    ("d/dX tr(AX)", "X", "A'"),
    ("d/dX (tr(AX))", "X", "A'"),
    ("d/dx x'Ax", "x", "(A + A')*x"),
    ("d/dx (x'Ax)", "x", "(A + A')*x"),
    ("d/dx(x'Ax)", "x", "(A + A')*x"),
    ("d/dx [x'Ax]", "x", "(A + A')*x"),
    ("d/dx x'Ax + b'x", "x", "(A + A')*x + b"),
    ("(d/dx) x'Ax", "x", "(A + A')*x"),
    ("d(x'Ax)/dx", "x", "(A + A')*x"),
    ("d (x'Ax) / dx", "x", "(A + A')*x"),
    ("d tr(AX)/dX", "X", "A'"),
    ("dtr(AX)/dX", "X", "A'"),
    ("d||x||^2/dx", "x", "2*x"),
    ("∂/∂X tr(AX)", "X", "A'"),
    ("∂/∂x (x'Ax)", "x", "(A + A')*x"),
    ("∂(x'Ax)/∂x", "x", "(A + A')*x"),
    ("∂ log|X| / ∂X", "X", "inv(X)'"),
    ("∂tr(AX)/∂X", "X", "A'"),
    ("∇_X tr(AX)", "X", "A'"),
    ("∇_x (x'Ax)", "x", "(A + A')*x"),
    ("∇_x x'Ax", "x", "(A + A')*x"),
    ("∇_x ||Ax-b||^2", "x", "2*A'*(A*x - b)"),
    ("∇²_x (x'Ax)", "x", "A + A'"),
    ("∇_x² (x'Ax)", "x", "A + A'"),
    (r"\frac{d}{dX} \operatorname{tr}(AX)", "X", "A'"),
    (r"\frac{d}{dX} tr(AX)", "X", "A'"),
    (r"\frac{d}{dX}\left(tr(AX)\right)", "X", "A'"),
    (r"\frac{d}{d X} tr(AX)", "X", "A'"),
    (r"\frac{\mathrm{d}}{\mathrm{d}X} \operatorname{tr}(AX)", "X", "A'"),
    (r"\frac{\partial}{\partial X} \operatorname{tr}(AX)", "X", "A'"),
    (r"\frac{\partial}{\partial \mathbf{X}} \operatorname{tr}(\mathbf{AX})", "X", "A'"),
    (r"\frac{\partial \operatorname{tr}(AX)}{\partial X}", "X", "A'"),
    (r"\frac{\partial\, x^TAx}{\partial x}", "x", "(A + A')*x"),
    (r"\frac{\partial x^T A x}{\partial x}", "x", "(A + A')*x"),
    (r"\frac{d\, x^TAx}{dx}", "x", "(A + A')*x"),
    (r"\frac{d (x^TAx)}{dx}", "x", "(A + A')*x"),
    (r"\dfrac{\partial}{\partial\mathbf{w}}\|X\mathbf{w}-y\|^2", "w", "2*X'*(X*w - y)"),
    (r"\frac{\partial}{\partial \beta}\|y-X\beta\|^2", "beta", "-2*X'*(y - X*beta)"),
    (r"\frac{\partial}{\partial\boldsymbol{\beta}}\|y-X\boldsymbol{\beta}\|^2", "beta", "-2*X'*(y - X*beta)"),
    (r"\partial/\partial X tr(AX)", "X", "A'"),
    (r"\partial/\partial X \operatorname{tr}(AX)", "X", "A'"),
    (r"\partial_X \operatorname{tr}(AX)", "X", "A'"),
    (r"\partial_{X} \operatorname{tr}(AX)", "X", "A'"),
    (r"\nabla_X \operatorname{tr}(AX)", "X", "A'"),
    (r"\nabla_{X} tr(AX)", "X", "A'"),
    (r"\nabla_{\mathbf{x}} \mathbf{x}^T A \mathbf{x}", "x", "(A + A')*x"),
    (r"\nabla_x x^TAx", "x", "(A + A')*x"),
    (r"\nabla_x\|Ax-b\|_2^2", "x", "2*A'*(A*x - b)"),
    (r"\nabla_x \left( x^TAx + b^Tx \right)", "x", "(A + A')*x + b"),
    (r"\nabla_\beta \|y-X\beta\|^2", "beta", "-2*X'*(y - X*beta)"),
    (r"\nabla_x^2 (x^TAx)", "x", "A + A'"),
    (r"\nabla^2_x (x^TAx)", "x", "A + A'"),
    (r"\nabla^2_{x} x^TAx", "x", "A + A'"),
    (r"\frac{\partial^2}{\partial x^2} x^TAx", "x", "A + A'"),
    (r"\frac{\partial^2}{\partial x\partial x^T} x^TAx", "x", "A + A'"),
    (r"\frac{\partial^2 x^TAx}{\partial x \partial x^\top}", "x", "A + A'"),
    (r"$\frac{d}{dX}\operatorname{tr}(AX)$", "X", "A'"),
    (r"$$\nabla_x x^TAx$$", "x", "(A + A')*x"),
    (r"\(\nabla_x x^TAx\)", "x", "(A + A')*x"),
    (r"\frac{d}{dx} x^TAx = ?", "x", "(A + A')*x"),
    (r"\frac{\partial}{\partial x} Ax", "x", "A"),
    ("∂/∂θ ||y - Xθ||²", "theta", "-2*X'*(y - X*theta)"),
    ("d/dbeta ||y - X beta||^2", "beta", "-2*X'*(y - X*beta)"),
    ("d/d beta ||y - X beta||^2", "beta", "-2*X'*(y - X*beta)"),
    ("∂/∂W₁ ||W₁x||²", "W_1", "2*W_1*x*x'"),
    (r"\frac{\partial}{\partial W_1} \|W_1x\|^2", "W_1", "2*W_1*x*x'"),
    (r"\frac{\partial}{\partial W^{[1]}} \|W^{[1]}x\|^2", "W_1", "2*W_1*x*x'"),
    ("∇ₓ xᵀAx", "x", "(A + A')*x"),
    ("D_x (x'Ax)", "x", "(A + A')*x"),
    (r"\nabla_x f(x) = \nabla_x x^TAx", "x", "(A + A')*x"),
    (r"f(x) = \frac{\partial}{\partial x} x^TAx", "x", "(A + A')*x"),
    (r"\min_w \|Xw - y\|^2 + \lambda\|w\|^2", "w", "2*(X'*(X*w - y) + lambda*w)"),
    (r"\hat\beta = \operatorname*{arg\,min}_{\beta} \|y-X\beta\|^2", "beta", "-2*X'*(y - X*beta)"),
    (r"\underset{w}{\operatorname{argmin}} \; \|Xw-y\|^2", "w", "2*X'*(X*w - y)"),
    (r"\operatorname{tr}(AX)\text{ w.r.t. }X", "X", "A'"),
    ("tr(A X) with respect to X", "X", "A'"),
    ("derivative of x'Ax with respect to x", "x", "(A + A')*x"),
    ("the Hessian of x'Ax wrt x", "x", "A + A'"),
    (r"\text{gradient of } \operatorname{tr}(AX) \text{ with respect to } X", "X", "A'"),
]


@pytest.mark.parametrize(("text", "wrt", "answer"), WHOLE)
def test_a_whole_question_names_its_variable(text: str, wrt: str, answer: str) -> None:
    derivation = solve(text)
    assert derivation.wrt.name == wrt
    assert str(derivation.result) == answer


NOT_CLEAR = [
    "d/dx (x'Ax) + b'x",
    r"\frac{\partial^2 x^TAx}{\partial x\,\partial x^\top}",
    r"\frac{\partial}{\partial x^T} Ax",
    r"\nabla (x^TAx)",
    r"\nabla_x f(x) = x^TAx",
    r"\nabla_x f(x) = \nabla_y x^TAy",
    r"\max_w w^T S w \quad \text{s.t. } w^T w = 1",
]


@pytest.mark.parametrize("text", NOT_CLEAR)
def test_a_question_that_could_be_two_is_refused(text: str) -> None:
    with pytest.raises(GeneratorError):
        solve(text)


def test_a_place_of_a_fault_is_that_in_the_text() -> None:
    with pytest.raises(ExpressionError) as caught:
        solve("d/dX foo(X)")
    assert caught.value.text is not None
    assert caught.value.text.start == len("d/dX ")


@pytest.mark.parametrize(
    ("text", "wrt", "find"),
    [
        (r"\min_w \|X w - y\|^2", "X", "derivative"),
        ("x'x w.r.t. x", "y", "derivative"),
        ("d/dx x'x", "y", "derivative"),
        ("d/dx x'x", "x", "hessian"),
        ("x'x", None, "derivative"),
    ],
)
def test_what_the_arguments_say_is_what_the_text_says(text: str, wrt: str | None, find: str) -> None:
    with pytest.raises(ExpressionError):
        solve(text, wrt, find=find)


def test_a_gradient_sign_without_a_variable_takes_that_of_the_argument() -> None:
    assert str(solve(r"\nabla (x^TAx)", "x").result) == str(solve("x'*A*x", "x").result)
    assert solve(r"\nabla^2 (x^TAx)", "x").find == "hessian"


def test_a_declared_d_is_a_factor() -> None:
    assert str(solve("d/2*x'*x", "x", {"d": "scalar", "x": "n"}).result) == "d*x"


FRAMED = [
    (r"\min_{w, b} \|X w - b\|^2", "b", "2*(b - X*w)"),
    (r"\text{minimize } \|Ax-b\|_2^2", "x", "2*A'*(A*x - b)"),
    (r"\mathrm{d}\left(x^T A x\right)", "x", "(A + A')*x"),
]


@pytest.mark.parametrize(("text", "wrt", "answer"), FRAMED)
def test_a_function_is_taken_out_of_what_stands_around_it(text: str, wrt: str, answer: str) -> None:
    derivation = solve(text, wrt)
    assert str(derivation.result) == answer
    assert derivation.notes[0].startswith("The function is")


def test_how_far_the_derivative_goes_is_said() -> None:
    assert solve("d/dx x'Ax + b'x").notes == ("The derivative is of all that stands behind d/dx.",)
