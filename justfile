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

# Pin the versions of this environment, made with ".[dev,docs,bench]" and nothing else, for development
lock:
    (head -2 constraints.txt; python -m pip freeze --exclude-editable | sort) > constraints.new && mv constraints.new constraints.txt
