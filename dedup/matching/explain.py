"""Explain a pair: the keys of both headlines, every piece of evidence, and what each added to the score or took.

The two headlines go through the steps of a scan, alone. Evidence that a scan takes from their neighbours (the size of
the bucket that they share, other candidates of either) has here the value of two headlines alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dedup import frames
from dedup.arabic.keys import Keys, add_keys, normalize
from dedup.core.arguments import text_argument, time_argument
from dedup.matching.blocking.candidates import Candidates
from dedup.matching.evidence.compute import compute_evidence
from dedup.matching.evidence.schema import BY_NAME
from dedup.matching.features import headline_features
from dedup.matching.scoring.model import Scores, load_model, related_threshold, threshold
from dedup.matching.scoring.relation import decide, ruled_out_by
from dedup.matching.timeline import with_recurrence
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that the scores of a pair rest on.

    Attributes:
        left: keys of the earlier headline (of the first given, where the times do not tell).
        right: keys of the later headline.
        score: probability of the same news, 0..1.
        related_score: probability of the same or related news, 0..1; never less than ``score``.
        threshold: score from which a pair is a match.
        related_threshold: related score from which a pair is related.
        relation: copy, same-news, related or none.
        ruled_out_by: the rules by which the pair is no match whatever its score, in words, by the feature that shows
            it; empty for most pairs.
        window: hours within which a scan compares headlines; the relation is that of pairs within it.
        evidence: value of each feature, by name.
        base: log-odds of an average pair.
        parts: what each feature added to the log-odds or took; base and parts add up to the log-odds of the score.
        related_base: the same for the related score.
        related_parts: the same for the related score.
    """

    left: Keys
    right: Keys
    score: float
    related_score: float
    threshold: float
    related_threshold: float
    relation: str
    ruled_out_by: dict[str, str]
    window: float
    evidence: dict[str, float]
    base: float
    parts: dict[str, float]
    related_base: float
    related_parts: dict[str, float]

    def __repr__(self) -> str:
        scores = f"score {self.score:.2f}, related score {self.related_score:.2f}"
        return f"<dedup.Explanation: {self.relation}, {scores}>"

    def _repr_html_(self) -> str:
        """Return verdict, headlines and evidence as HTML, for notebooks."""
        titles = "".join(f'<p dir="auto">{escape(side.display)}</p>' for side in (self.left, self.right))
        questions = (("same news", self.base, self.parts), ("related", self.related_base, self.related_parts))
        tables = "".join(_html_table(name, base, parts, self.evidence) for name, base, parts in questions)
        against = f"<p>No match whatever the score: {'; '.join(map(escape, self.ruled_out_by.values()))}</p>"
        return f"<p>{escape(repr(self))}</p>{against if self.ruled_out_by else ''}{titles}{tables}"


def _html_table(question: str, base: float, parts: Mapping[str, float], evidence: Mapping[str, float]) -> str:
    """Return what moved the log-odds of a score by 0.1 or more as an HTML table, the strongest first."""
    ranked = sorted(parts.items(), key=lambda item: -abs(item[1]))
    rows = [(f"{base:+.2f}", "", "average pair of candidates")]
    for name, part in ranked:
        if abs(part) >= 0.1:
            feature = BY_NAME[name]
            value = math.expm1(evidence[name]) if feature.unit == "log" else evidence[name]
            rows.append((f"{part:+.2f}", f"{value:.3g}", feature.meaning))
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    head = f"<tr><th>log-odds</th><th>value</th><th>evidence: {question}?</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"


def explain(
    title_a: str,
    title_b: str,
    *,
    outlet_a: str | None = None,
    outlet_b: str | None = None,
    published_a: datetime | None = None,
    published_b: datetime | None = None,
    settings: Settings = Settings(),  # noqa: B008 - frozen
) -> Explanation:
    """Decide whether two headlines report the same or related news, and list the reasons.

    Args:
        title_a: a headline.
        title_b: another headline.
        outlet_a: outlet of the first, None where unknown.
        outlet_b: outlet of the second.
        published_a: time of the first; UTC if it has no zone; None where unknown.
        published_b: time of the second.
        settings: for the threshold and the window.

    Raises:
        SettingError: a title or outlet is no text, or a time no datetime.

    Examples:
        >>> explanation = explain("إغلاق جسر النخيل أمام الشاحنات", "اغلاق جسر النخيل امام الشاحنات")
        >>> explanation.relation, explanation.evidence["shared_words"]
        ('copy', 5.0)
    """
    columns = {
        "headline_id": ["a", "b"],
        "outlet": [
            text_argument("outlet_a", "" if outlet_a is None else outlet_a),
            text_argument("outlet_b", "" if outlet_b is None else outlet_b),
        ],
        "title": [text_argument("title_a", title_a), text_argument("title_b", title_b)],
        "url": [None, None],
        "published": [time_argument("published_a", published_a), time_argument("published_b", published_b)],
        "source": ["", ""],
    }
    headlines = with_recurrence(add_keys(pl.DataFrame(columns, schema=dict(frames.HEADLINES))))
    first = np.zeros(1, np.int32)
    pair = Candidates(first, first + 1, first + 1, 0)
    features = headline_features(headlines, settings)
    evidence = compute_evidence(features, pair, min_overlap=0).columns
    model = load_model(settings.calibration)
    has_empty_key = (headlines["fuzzy_key"] == "").any()
    scores = Scores(*(values * np.float32(not has_empty_key) for values in model.scores(evidence)))
    ((scorer, _, _),) = model.divided(evidence)
    same_news, related = scorer.same_news, scorer.related
    left, right = (
        normalize(title, outlet=outlet or None) for title, outlet in headlines.select("title", "outlet").iter_rows()
    )
    return Explanation(
        left=left,
        right=right,
        score=float(scores.score[0]),
        related_score=float(scores.related_score[0]),
        threshold=threshold(settings),
        related_threshold=related_threshold(),
        relation=str(decide(evidence, scores, settings).relation[0]),
        ruled_out_by=ruled_out_by(evidence)[0],
        window=settings.window,
        evidence={name: float(values[0]) for name, values in evidence.items()},
        base=same_news.base,
        parts={name: float(values[0]) for name, values in scorer.parts(same_news, evidence).items()},
        related_base=related.base,
        related_parts={name: float(values[0]) for name, values in scorer.parts(related, evidence).items()},
    )
