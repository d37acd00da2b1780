"""How tightly printed forms bind: the one table that all printers share."""

from __future__ import annotations

SUM, TERM, CHAIN, FACTOR, POWER, POSTFIX, APPLIED, ATOM = range(8)
"""From loosest to tightest.

SUM: sums. TERM: what ends in a sum over an index, which takes all factors behind it. CHAIN: products, quotients and
signs. FACTOR: a factor of a product. POWER: a power in plain text. POSTFIX: what has a mark behind it, such as a
transpose. APPLIED: a function with its argument, in words. ATOM: what needs no parentheses anywhere. A form goes in
parentheses where its place binds tighter than the form; not every printer has every level.
"""
