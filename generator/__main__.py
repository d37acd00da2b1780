"""`python -m generator` is the command `worksheets`."""

from generator.cli import main

main(prog_name="worksheets")
