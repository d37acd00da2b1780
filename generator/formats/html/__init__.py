"""HTML: each document as one file that needs no script and no network, with formulas as MathML."""
