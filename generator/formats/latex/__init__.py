"""LaTeX: documents as sources that compile alone, by templates."""
