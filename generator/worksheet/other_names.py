"""Keys that other programs have, or that stand elsewhere in a worksheet, and what to write in their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

WHOLE, SECTION, PROBLEM, VARY, PRINT, COVER, FIGURE, CHOICE, NOTATION = (
    "worksheet", "section", "problem", "vary", "print", "cover", "figure", "choices", "notation",
)  # fmt: skip
"""Levels of a worksheet file, by the keys that they stand below; an item of
`sections` and one of `problems` among them."""

_COVER = "On the cover:  cover: {{{0}}}"
_POINTS = "Write  points: 6"
_CHOICES = "Write  choices: [{text: linear, right: true}, {text: convex}]"
_FIGURE = "Write  figure: {file: plot.pdf, alt: What it shows}"
_SOLUTION = "Of a question of your own, write  solution: what the key says"
_STATEMENT = "Write  statement: the question, in LaTeX"
_CLASS_LIST = "Write  roster: students.csv, a class list beside the worksheet."
_FOOT = (
    "Papers have the version and the page there. In LaTeX it is changed by a theme.tex.j2 of the course's templates."
)
_LANGUAGE = "Papers are in English; words of your own may be in any language."
_TEMPLATES = "LaTeX for all papers stands in a preamble.tex.j2 of the course's templates: docs/how-to/templates.md"
_SPACE = "Write  space: 6cm, or half for half a page."
_VERSIONS = "Write  versions: 4"
_DRAWN = "Write  vary: {c: 2..9}"
_KIND = "Write  find: derivative, hessian, stationary or value; how it is asked is  form: choice"
_EACH = "Each problem has points of its own, and papers print the total."
_KEYS = "Answer keys are always built; more of them are  print: {keys: [compact]}"

_ORDER = "Write  order: shuffled"
_BREAK = "Write  break: before"

OTHER_NAMES: Mapping[str, Mapping[str, str]] = {
    WHOLE: {
        "preamble": _TEMPLATES, "packages": _TEMPLATES, "macros": _TEMPLATES, "style": _TEMPLATES,
        "header": "At the top of each page stand  course: ...  and  title: ...", "subject": "Write  course: ...",
        "head": "At the top of each page stand  course: ...  and  title: ...", "class": "Write  course: ...",
        "footer": _FOOT, "foot": _FOOT, "name": "Write  title: ...", "heading": "Write  title: ...",
        "date": _COVER.format("date: 14 October 2026"), "time": _COVER.format("duration: 90 minutes"),
        "due": "Write it into  instructions: ...", "length": _COVER.format("duration: 90 minutes"),
        "room": _COVER.format("place: Hall 3"), "location": _COVER.format("place: Hall 3"),
        "allowed": _COVER.format("aids: One sheet of notes"), "honor": _COVER.format("pledge: ..."),
        "honour": _COVER.format("pledge: ..."), "author": "Say it in  course: ...  or in  instructions: ...",
        "instructor": "Say it in  course: ...  or in  instructions: ...", "introduction": "Write  instructions: ...",
        "intro": "Write  instructions: ...", "description": "Write  instructions: ...",
        "text": "Write  instructions: ...",
        "language": _LANGUAGE, "lang": _LANGUAGE, "locale": _LANGUAGE,
        "students": _CLASS_LIST, "groups": _CLASS_LIST + " It may have a column `section`.", "class_list": _CLASS_LIST,
        "points_total": _EACH, "total": _EACH, "total_points": _EACH, "points": _EACH, "marks": _EACH,
        "questions": "Write  problems: ...", "exercises": "Write  problems: ...", "items": "Write  problems: ...",
        "variants": _VERSIONS, "copies": _VERSIONS, "forms": _VERSIONS, "count": _VERSIONS,
        "random_seed": "Write  seed: 2026", "font": "Write  print: {size: large}  for 17 pt.",
        "fontsize": "Write  print: {size: large}  for 17 pt.", "margin": _TEMPLATES,
        "format": "Write  print: {formats: [pdf, html]}", "output": "The folder is chosen by  worksheets build -o DIR",
        "template": _TEMPLATES, "templates": "The folder is chosen by  worksheets build --templates DIR",
        "solutions": _KEYS, "answers": _KEYS, "key": _KEYS, "image": "Each problem may have a figure: " + _FIGURE,
        "shuffle": _ORDER, "random": _ORDER, "shuffled": _ORDER,
        "parts": "Write  sections: [{title: Part A, problems: ...}]",
        "cover_page": "Write  cover: {duration: 90 minutes}", "fairness": "Write  fair: similar",
    },
    SECTION: {
        "text": "Write  instructions: ...", "words": "Write  instructions: ...", "intro": "Write  instructions: ...",
        "description": "Write  instructions: ...", "heading": "Write  title: ...", "header": "Write  title: ...",
        "name": "Write  title: ...", "questions": "Write  problems: ...", "items": "Write  problems: ...",
        "exercises": "Write  problems: ...", "shuffle": _ORDER, "random": _ORDER, "shuffled": _ORDER,
    },
    PROBLEM: {
        "newpage": _BREAK, "pagebreak": _BREAK, "page": _BREAK, "words": _STATEMENT, "intro": _STATEMENT,
        "header": "Write  title: ...",
        "text": _STATEMENT, "question": _STATEMENT, "prompt": _STATEMENT, "body": _STATEMENT, "stem": _STATEMENT,
        "description": _STATEMENT, "options": _CHOICES, "alternatives": _CHOICES, "correct": _CHOICES,
        "distractors": _CHOICES, "image": _FIGURE, "picture": _FIGURE, "graphic": _FIGURE, "plot": _FIGURE,
        "marks": _POINTS, "score": _POINTS, "worth": _POINTS, "credit": _POINTS, "extra_credit": "Write  bonus: true",
        "solutions": _SOLUTION, "explanation": _SOLUTION, "feedback": _SOLUTION, "key": _SOLUTION, "proof": _SOLUTION,
        "hints": "Write  hint: ...", "comment": "Write  note: ...  for those who grade", "name": "Write  title: ...",
        "heading": "Write  title: ...", "label": "Write  id: ...", "expression": "Write  function: Tr(A X)",
        "f": "Write  function: Tr(A X)", "objective": "Write  function: Tr(A X)", "variable": "Write  wrt: X",
        "by": "Write  wrt: X", "with_respect_to": "Write  wrt: X", "type": _KIND, "task": _KIND, "ask": _KIND,
        "constraint": "Write  subject_to: A x = b", "constraints": "Write  subject_to: A x = b",
        "values": _DRAWN, "params": _DRAWN, "parameters": _DRAWN, "random": _DRAWN, "variables": _DRAWN,
        "data": "Write  given: {A: '[2 1; 1 3]'}", "matrices": "Write  given: {A: '[2 1; 1 3]'}",
        "shapes": "Write  symbols: {A: n x n, x: n}", "dimensions": "Write  symbols: {A: n x n, x: n}",
        "declare": "Write  symbols: {A: n x n, x: n}", "lines": _SPACE, "height": _SPACE, "room": _SPACE,
        "difficulty": "A bank has it; a worksheet picks by it with  pick: 2, from: {difficulty: 2..3}",
        "topic": "A bank has it; a worksheet picks by it with  pick: 2, from: {topic: inverse}",
        "source": "Only problems of a bank have it.", "subproblems": "Write  parts: ...",
        "subquestions": "Write  parts: ...", "questions": "Write  parts: ...",
        "grading": "Write  rubric: {gradient: 2}",
        "width": _FIGURE[:-1] + ", width: 8cm}",
    },
    COVER: {
        "time": "Write  duration: 90 minutes  or  date: 14 October 2026, 9:00", "room": "Write  place: Hall 3",
        "location": "Write  place: Hall 3", "length": "Write  duration: 90 minutes", "allowed": "Write  aids: ...",
        "tools": "Write  aids: ...", "calculator": "Write  aids: ...", "honor": "Write  pledge: ...",
        "honour": "Write  pledge: ...", "identity": "Write  fields: [Section, Seat]",
        "name": "It stands on every cover; other lines to fill in are  fields: [Section, Seat]",
        "id": "It stands on every cover; other lines to fill in are  fields: [Section, Seat]",
        "table": "Write  grading: problems,  pages  or none", "text": "Write  instructions: ...  beside the cover",
        "extra_time": "A class list may have a column `extra time`, which is printed on the student's cover.",
    },
    PRINT: {
        "font": "Write  size: large  for 17 pt.", "fontsize": "Write  size: large  for 17 pt.", "margin": _TEMPLATES,
        "language": _LANGUAGE, "background": "Write  ground: grid  or ruled", "header": _TEMPLATES, "footer": _FOOT,
        "duplex": "Write  two_sided: true", "format": "Write  formats: [pdf, html]", "style": "Write  theme: exam",
        "accessible": "Write  tagged: true", "space": "Each problem has a  space: 6cm",
    },
    FIGURE: {
        "src": "Write  file: plot.pdf", "path": "Write  file: plot.pdf", "image": "Write  file: plot.pdf",
        "caption": "Say it in the statement; alt says what it shows for readers who cannot see it.",
        "description": "Write  alt: What it shows", "size": "Write  width: 8cm", "height": "Write  width: 8cm",
        "scale": "Write  width: 60%",
    },
    CHOICE: {
        "correct": "Write  right: true", "true": "Write  right: true", "answer": "Write  text: what is printed",
        "reason": "Write  why: what the key says", "feedback": "Write  why: what the key says",
        "explanation": "Write  why: what the key says", "label": "Letters are given by the program.",
    },
    NOTATION: {"vectors": "Write  bold: true", "derivative": "Write  gradient: nabla  or partial"},
}  # fmt: skip
"""For each level, keys that people try there, and the keys that do it; no key that is known at that level."""

HOMES: Mapping[str, str] = {
    WHOLE: "'{key}' is a key of the whole worksheet: write it at the beginning of a line.",
    PROBLEM: "'{key}' is a key of each problem: write it below its '- '.",
    COVER: "It stands on the cover:  cover: {{{key}: ...}}",
    PRINT: "It is a key of print:  print: {{{key}: ...}}",
    NOTATION: "It is a key of notation:  notation: {{{key}: ...}}",
    FIGURE: "It is a key of a figure:  figure: {{file: plot.pdf, alt: What it shows}}",
    CHOICE: "It is a key of one of the choices: "
    + _CHOICES.removeprefix("Write ").replace("{", "{{").replace("}", "}}"),
    SECTION: "'{key}' is a key of sections: write it below the '- ' of one.",
    VARY: "It is a key of vary:  vary: {{{key}: ...}}",
}
"""Where a key belongs that is known at a level, in the order in which levels are searched."""


def what_to_write(level: str, key: str, known: Mapping[str, Collection[str]]) -> str:
    """What to do about an unknown key at a level, where it is one that people try or one of another level; else empty.

    `known` has the keys of each level.
    """
    name = key.lower().replace(" ", "_").replace("-", "_")
    if said := OTHER_NAMES.get(level, {}).get(name):
        return said
    return next((said.format(key=name) for home, said in HOMES.items() if home != level and name in known[home]), "")
