"""What an expression is: text, shapes, numbers and LaTeX of it."""
