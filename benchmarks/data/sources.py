"""Public repositories that the corpora are built from: commits, folders, licences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.data.git_clone import Clone, CloneError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Source:
    """A public repository.

    Attributes:
        repository: owner and name on GitHub.
        commit: commit to read.
        licence: its stated licence.
        permits: what that licence permits, in short; headlines always remain the outlets'.
    """

    repository: str
    commit: str
    licence: str
    permits: str

    @property
    def folder(self) -> str:
        """Return the name of the folder that ``git clone`` makes."""
        return self.repository.rpartition("/")[2]

    @property
    def command(self) -> str:
        """Return the command that clones the repository."""
        return f"git clone https://github.com/{self.repository}"

    def clone(self, clones: Path) -> Clone:
        """Return the clone below a folder.

        Raises:
            CloneError: there is no such clone, or it lacks the commit.
        """
        path = clones / self.folder
        if not path.is_dir():
            raise CloneError(f"no folder {path}; run in {clones}: {self.command}")
        clone = Clone(path, self.commit)
        clone.files("README.md")
        return clone


_NO_LICENCE = "no permission is given: read and measure locally, do not redistribute the built files"

NEWS_CREDIBILITY = Source(
    "ibraaaa/news-credibility", "cae1009d9def17c058342c3dee969f2babcd0c9e", "Apache-2.0",
    "use, change and redistribution of the repository with its notices",
)  # fmt: skip
SAUDI_NEWS_NET = Source(
    "inparallel/SaudiNewsNet", "4e39239966c2ae8a3faa591201acb9cd1f51199d", "CC BY-NC-SA 4.0",
    "non-commercial use and redistribution, with attribution, under the same licence",
)  # fmt: skip
MENA_NEWSSTAND = Source(
    "MiddleEastObserver/mena-newsstand", "7a5e09aab33608de323dc107f42e2dd7978906bd", "none stated", _NO_LICENCE
)
EASTERN_NEWS_BOT = Source(
    "almalki90/eastern-news-bot", "cae09a7c90f7b157e6ba9d9f832153e1c1b06c32", "none stated", _NO_LICENCE
)
LEBANESE_NEWS = Source(
    "JoyMikhaelLeb/lebanese-news-scrapper", "2a49517f2bd21f9a41081c1cc7a346207b4baf78", "none stated", _NO_LICENCE
)
KHABARAK_ENDI = Source(
    "khabarakendi/khabarak-endi", "52d6ef97aa695058d6f279e3cd69cf2acd000be0", "none stated", _NO_LICENCE
)

SOURCES = {
    "egypt2013": (NEWS_CREDIBILITY,),
    "saudi2015": (SAUDI_NEWS_NET,),
    "mena2026": (MENA_NEWSSTAND,),
    "mixed2026": (EASTERN_NEWS_BOT, LEBANESE_NEWS, KHABARAK_ENDI),
}
"""Sources of each corpus."""
