"""Run the command line as ``python -m dedup``."""

from dedup.cli import main

main()
