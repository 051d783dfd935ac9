"""Closed, full and broken streams, locales and signals cost one plain line and the right exit code."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.cells import cell_len

ROOT = Path(__file__).parents[2]
DEDUP = f"{sys.executable} -m dedup"
FEEDS = ROOT / "examples" / "feeds"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def shell(command, **environment):
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, text=True, env=ENVIRONMENT | environment, timeout=120, check=False
    )  # fmt: skip


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        (f"{DEDUP} scan {FEEDS} >&-", 1, "standard output: .*closed"),
        (f"{DEDUP} scan {FEEDS} --json >&-", 1, "standard output: .*closed"),
        (f"{DEDUP} scan {FEEDS} >/dev/full", 1, "standard output: .*No space left"),
        (f"{DEDUP} scan {FEEDS} --json >/dev/full", 1, "standard output: .*No space left"),
        (f"{DEDUP} --help >/dev/full", 1, "standard output: .*No space left"),
        (f"{DEDUP} --version >&-", 1, "standard output: .*closed"),
        (f"{DEDUP} scan {FEEDS} --quiet >&-", 0, ""),
        (f"{DEDUP} scan {FEEDS} >/dev/null 2>&-", 0, ""),
        (f"{DEDUP} nosuchcommand 2>/dev/full", 2, ""),
        (f"{DEDUP} scan - <&- >&- 2>&-", 1, ""),
        (f"{DEDUP} scan - --quiet <&-", 3, "standard input is closed"),
    ],
)  # fmt: skip
def test_a_stream_that_cannot_be_used_costs_one_line(command, code, message):
    done = shell(command)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    if message:
        assert len(done.stderr.strip().splitlines()) == 1
        assert re.search(message, done.stderr)
    else:
        assert not done.stderr


def test_a_reader_that_goes_away_is_no_error():
    done = shell(f"{DEDUP} scan {FEEDS} --json | head -c 20; echo ${{PIPESTATUS[0]}}")
    assert done.stdout.split()[-1] in ("0", "141")  # all of a short report may fit into the pipe
    assert not done.stderr


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}])
def test_arabic_is_printed_in_a_locale_without_it(locale):
    done = shell(f"{DEDUP} scan {FEEDS}", **locale)
    assert done.returncode == 0
    assert "سيول" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("delay", [0.08, 0.3, 0.8, 1.6])
def test_a_stopped_command_leaves_no_traceback_and_no_files(tmp_path, number, delay):
    command = [*DEDUP.split(), "scan", str(FEEDS), "--output", str(tmp_path / "out")]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT, start_new_session=True
    )
    time.sleep(delay)
    process.send_signal(number)
    message = process.communicate(timeout=60)[1]
    assert process.returncode in (0, 128 + number, -number)
    assert "Traceback" not in message or "_get_module_details" in message  # before the first line of dedup has run
    assert not list(tmp_path.glob("out/.unfinished-*"))


def test_ctrl_c_before_the_handlers_are_set_prints_no_traceback():
    code = (
        "import runpy, sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'dedup.core.streams': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "runpy.run_module('dedup', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_arabic_in_visual_order_in_a_file_is_as_wide_as_its_longest_line(dedup, examples):
    pytest.importorskip("bidi")
    lines = dedup("scan", examples / "feeds", "--language", "ar", "--bidi", "visual").stdout.splitlines()
    widths = [cell_len(line) for line in lines if line]
    assert {max(widths) - width for width in widths} == {0, 2}  # at one edge, or indented by two columns
    assert min(len(line) - len(line.lstrip()) for line in lines if line) <= 1
