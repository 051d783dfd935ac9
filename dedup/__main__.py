"""``python -m dedup``: the same as the command ``dedup``."""

from dedup.cli import main

main()
