"""What an expression is: text, shapes, numbers and LaTeX of it."""

from generator.expr.nodes import Node
from generator.expr.printing.plain import plain

Node.to_text = plain  # the printer knows every node, so the nodes cannot import it
