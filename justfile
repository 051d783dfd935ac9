# Commands for daily work; "just" lists them. All need: pip install -e ".[dev]"

default:
    @just --list

# Lint, types and import contracts
check:
    ruff check .
    ruff format --check .
    mypy
    lint-imports

# Tests; "just test tests/report" for a part
test *paths:
    python -m pytest {{paths}}

# All of CI in fresh virtual environments
ci:
    .ci/run

# Draw the pictures of the documents again
pictures:
    python docs/picture.py
