"""Run the command line, as ``dedup`` and as ``python -m dedup``."""

from dedup.core.streams import end_at_once_on_signals


def main() -> None:
    """Run the command line and exit with its code; Ctrl-C while it is imported ends it without a traceback."""
    end_at_once_on_signals()
    from dedup.cli import main as run  # noqa: PLC0415 - imports take a tenth of a second, in which Ctrl-C may come

    run()


if __name__ == "__main__":
    main()
