"""The package as it is published: names, versions, links, and what goes into it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from dedup.core.versions import DISTRIBUTION, UNKNOWN, library_version

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
TEXTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("dedup/**/*.py"), ROOT / "pyproject.toml"])


def test_the_distribution_is_named_the_same_everywhere():
    assert PROJECT["name"] == DISTRIBUTION
    extras = [requirement for extra in PROJECT["optional-dependencies"].values() for requirement in extra]
    own = [requirement for requirement in extras if re.match(r"(headline-)?dedup\b", requirement)]
    assert own
    assert all(requirement.startswith(f"{DISTRIBUTION}[") for requirement in own)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_installs_the_other_package_of_that_name(path):
    text = path.read_text("utf-8")
    assert not re.search(r"(pip|pipx|uv tool) install \"?dedup\b", text)


def test_the_citation_has_the_version_of_the_package():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {PROJECT['version']}\n" in citation
    assert f"license: {PROJECT['license']}\n" in citation


def test_the_changelog_describes_the_version():
    assert f"\n## [{PROJECT['version']}] - " in (ROOT / "CHANGELOG.md").read_text("utf-8")


def long_description():
    text = (ROOT / "README.md").read_text("utf-8")
    for rule in PYPROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]["substitutions"]:
        text = re.sub(rule["pattern"], rule["replacement"], text)
    return text


def test_the_long_description_has_no_link_into_the_repository():
    links = re.findall(r"\]\(([^)]+)\)", long_description())
    assert [link for link in links if not link.startswith(("https://", "#"))] == []
    assert "![" not in long_description()
    assert "measure it on your own outlets" in long_description()  # the text of a link stays


def test_no_file_names_an_address_of_the_repository_before_it_has_one():
    assert "urls" not in PROJECT
    assert "repository-code" not in (ROOT / "CITATION.cff").read_text("utf-8")


def test_the_source_distribution_has_all_that_the_repository_has():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if not listed:
        pytest.skip("no git, or no repository")
    added = {"pyproject.toml", ".gitignore"}  # by hatchling itself
    patterns = PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    top = {path.partition("/")[0] for path in listed} - added
    assert {name for name in top if not any(fnmatch(name, pattern) for pattern in patterns)} == set()


def test_an_uninstalled_distribution_has_an_unknown_version():
    assert library_version("no-such-distribution-of-headlines") == UNKNOWN


def test_the_pinned_versions_are_within_the_bounds_of_the_package():
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}
    extras = PROJECT["optional-dependencies"]
    texts = [*PROJECT["dependencies"], *(text for extra in ("test", "dev", "docs") for text in extras[extra])]
    for requirement in map(Requirement, texts):
        if requirement.name != DISTRIBUTION:
            version = pinned.get(canonicalize_name(requirement.name))
            assert version is not None, requirement
            assert requirement.specifier.contains(version), (requirement, version)
