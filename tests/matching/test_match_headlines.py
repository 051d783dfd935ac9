"""KEYS to PAIRS: the same pairs whatever the slices, the order and the processors; floors; odd inputs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dedup.arabic.keys import add_keys
from dedup.core import parallel
from dedup.errors import FrameError
from dedup.frames import HEADLINES, PAIRS
from dedup.matching import windows
from dedup.matching.evidence.compute import MIN_OVERLAP
from dedup.matching.pairs import match_headlines, related_threshold, rematch, threshold
from dedup.matching.scoring.contradiction import CONTRADICTING, contradicts
from dedup.matching.timeline import timeline_of
from dedup.matching.windows import WHOLE, find_span
from dedup.settings import Settings
from tests.placed import put

ALL = Settings(pairs_floor=0)
DAWN = datetime(2026, 3, 4, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def keys(newsroom):
    return add_keys(newsroom(300))


@pytest.fixture(scope="module")
def paired(keys):
    return match_headlines(put(keys), ALL)


def keyed(titles, *, hours=0.1, outlet="outlet{}"):
    """KEYS of titles that as many outlets run one after the other."""
    rows = [
        (f"h{n:04}", outlet.format(n), title, None, None if hours is None else DAWN + n * timedelta(hours=hours), "x")
        for n, title in enumerate(titles)
    ]
    return add_keys(pl.DataFrame(rows, schema=HEADLINES, orient="row"))


def pairs(paired):
    return paired.pairs().collect()


def same(one, other):
    assert_frame_equal(pairs(one), pairs(other), check_exact=True)
    assert (one.candidates, one.compared, one.left_out) == (other.candidates, other.compared, other.left_out)


def ids(frame):
    return set(frame.select("left_id", "right_id").iter_rows())


def test_of_headlines_that_share_little_those_that_mean_the_same_are_compared():
    titles = [
        "رئيس اتحاد المزارعين في الهضبة يطالب الحكومة بتعويض أصحاب البساتين"
        " بعد موجة الصقيع التي أتلفت محاصيل الزيتون والعنب",
        "وزارة الزراعة تعلن قروضا لمزارعي الهضبة المتضررين من الجفاف"
        " وتخفض أسعار البذور والأسمدة ورسوم الري حتى الصيف المقبل",
        "رئيس اتحاد الكتاب في الهضبة يفتتح معرضا بمشاركة دور نشر عربية وأجنبية"
        " وندوات للأطفال وأمسيات شعرية بعد غياب عامين",
    ]
    found = pairs(match_headlines(put(keyed(titles)), ALL))
    assert ids(found) == {("h0000", "h0001")}
    assert found["overlap"].item() < MIN_OVERLAP


def test_the_generated_headlines_contain_matches_and_undated_headlines(keys, paired):
    assert keys["published"].null_count() > 5
    matches = pairs(paired).filter("is_match")
    assert matches.height > 100
    assert matches["hours_apart"].null_count() > 5
    assert paired.candidates >= paired.compared >= pairs(paired).height > matches.height


@pytest.mark.parametrize(("rows", "count"), [(1, 60), (7, 300), (50, 300)])
def test_slices_of_any_size_give_the_same_pairs(keys, monkeypatch, rows, count):
    whole = match_headlines(put(keys.head(count)), ALL)
    monkeypatch.setattr(windows, "SLICE", rows)
    same(match_headlines(put(keys.head(count)), ALL), whole)


@pytest.mark.parametrize("days", [3, 4, 5])
def test_headlines_after_their_halo_have_the_pairs_that_they_have_in_the_whole(newsroom, monkeypatch, days):
    """Some words are counted and some keys run in the third and fourth window before, whose other features are left
    out."""
    monkeypatch.setattr(windows, "SLICE", 50)
    settings = ALL.with_(window=10)
    whole = put(add_keys(newsroom(900)))
    start = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=days)
    halo = start - timedelta(hours=windows.halo_hours(settings.window))
    published = whole.metadata["published"]
    kept = published.is_null() | (published >= halo)
    part = timeline_of(whole.metadata.with_columns(whole.slice(0, len(whole))["fuzzy_key"]).filter(kept))
    undated = int(published.is_null().sum())
    assert len(whole) - len(part) > 100
    times = part.metadata["published"].to_numpy().view(np.int64)
    span = find_span(times, int(start.timestamp() * 1e6), settings)
    assert span.counted_from > undated + 50
    is_late = pl.col("right_id").is_in(whole.metadata.filter(published >= start)["headline_id"].implode())
    is_dated = pl.col("left_id").is_in(whole.metadata.filter(published.is_not_null())["headline_id"].implode())
    expected, found = (
        pairs(match_headlines(own, settings, span=own_span)).filter(is_late & is_dated)
        for own, own_span in ((whole, WHOLE), (part, span))
    )
    assert len(expected) > 500
    assert_frame_equal(found, expected, check_exact=True)


def test_the_order_of_the_headlines_changes_nothing(keys, paired):
    same(match_headlines(put(keys.sample(fraction=1, shuffle=True, seed=3)), ALL), paired)
    same(match_headlines(put(keys.reverse()), ALL), paired)


def test_the_number_of_processors_changes_nothing(keys, paired, monkeypatch):
    for processors in (1, 5):
        monkeypatch.setattr(parallel, "PROCESSORS", processors)
        same(match_headlines(put(keys), ALL), paired)


def test_every_pair_is_within_the_window_with_the_earlier_headline_left(keys, paired):
    assert pairs(paired).select("left_id", "right_id").is_duplicated().any() is False
    when = keys.select("headline_id", "published")
    timed = pairs(paired).join(when, left_on="left_id", right_on="headline_id")
    timed = timed.join(when, left_on="right_id", right_on="headline_id", suffix="_right")
    apart = (timed["published_right"] - timed["published"]).dt.total_seconds() / 3600
    assert (timed["hours_apart"].is_null() == apart.is_null()).all()
    assert timed["hours_apart"].drop_nulls().to_list() == pytest.approx(apart.drop_nulls().to_list(), rel=1e-5)
    assert apart.drop_nulls().is_between(0, 72).all()
    assert (timed["left_id"] != timed["right_id"]).all()


def test_all_evidence_is_finite_and_scores_are_between_0_and_1(paired):
    evidence = pairs(paired).drop(*PAIRS)
    assert evidence.null_count().sum_horizontal().item() == 0
    assert evidence.select(pl.all().is_finite().all()).row(0) == (True,) * evidence.width
    assert pairs(paired)["score"].is_between(0, 1).all()
    assert (pairs(paired)["related_score"] >= pairs(paired)["score"]).all()
    assert set(pairs(paired)["relation"]) == {"copy", "same-news", "related", "none"}
    assert (pairs(paired)["is_match"] == pairs(paired)["relation"].is_in(["copy", "same-news"])).all()
    enough = pairs(paired)["score"].to_numpy() >= threshold(ALL)
    columns = {name: pairs(paired)[name].to_numpy() for name in CONTRADICTING}
    expected = enough & (pairs(paired)["standing"] == 0).to_numpy() & ~contradicts(columns)
    np.testing.assert_array_equal(pairs(paired)["is_match"], expected)


@pytest.mark.parametrize("floor", [0.05, 0.3, 0.6, 0.95, 1.0])
def test_a_pairs_floor_keeps_exactly_the_pairs_that_score_as_much(keys, paired, floor):
    found = match_headlines(put(keys), Settings(pairs_floor=floor, threshold=1))
    reached = pairs(paired)["related_score" if floor < 1 else "score"].to_numpy()
    kept = paired.pairs().collect().filter(reached >= floor).drop("is_match", "relation")
    assert_frame_equal(pairs(found).drop("is_match", "relation"), kept, check_exact=True)


def test_the_pairs_floor_is_at_most_the_threshold_and_defaults_to_it(keys, paired):
    enough = pairs(paired).filter(pairs(paired)["score"].to_numpy() >= threshold(ALL))
    assert_frame_equal(match_headlines(put(keys), Settings()).pairs().collect(), enough, check_exact=True)
    assert_frame_equal(
        match_headlines(put(keys), Settings(pairs_floor=1.0)).pairs().collect(), enough, check_exact=True
    )


def test_related_pairs_are_collected_whatever_the_floor(keys, paired):
    near = pairs(paired).filter(
        pairs(paired)["related_score"].to_numpy() >= related_threshold(), pl.col("standing") == 0
    )
    for result in (paired, match_headlines(put(keys), Settings())):
        related = result.related.lazy().collect()
        assert related["related_score"].to_list() == near["related_score"].to_list()
        ids = result.timeline.metadata["headline_id"]
        assert ids.gather(related["left"]).to_list() == near["left_id"].to_list()
        assert ids.gather(related["right"]).to_list() == near["right_id"].to_list()


def test_rematching_equals_a_run_at_the_other_threshold(keys, paired):
    for limit in (0.2, 0.9):
        same(rematch(paired, ALL.with_(threshold=limit)), match_headlines(put(keys), ALL.with_(threshold=limit)))


def test_exact_search_contains_all_candidates_and_reports_the_recall_of_blocking(keys, paired):
    exact = match_headlines(put(keys), ALL.with_(exact=True))
    assert ids(pairs(exact)) >= ids(pairs(paired))
    assert exact.compared > paired.compared
    matches = pairs(exact).filter("is_match")
    proposed = matches.join(pairs(paired), on=["left_id", "right_id"], how="semi").height
    assert exact.candidate_recall == pytest.approx(proposed / matches.height)
    assert 0.9 < exact.candidate_recall <= 1


def test_exact_search_gives_the_same_pairs_in_slices_of_any_size(keys, monkeypatch):
    settings = ALL.with_(exact=True, window=20)
    whole = match_headlines(put(keys), settings)
    assert pairs(whole)["hours_apart"].max() <= 20
    monkeypatch.setattr(windows, "SLICE", 23)
    same(match_headlines(put(keys), settings), whole)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("titles", [[], ["خبر واحد لا ثاني له"], ["!!!", "؟", "...", ""], ["", "سيول وادي السرو"]])
def test_headlines_without_common_keys_give_no_pairs(titles, exact):
    found = match_headlines(put(keyed(titles)), ALL.with_(exact=exact))
    assert pairs(found).height == found.candidates == found.compared == found.left_out == 0
    assert found.candidate_recall is None
    assert pairs(found).select(list(PAIRS)).schema == pl.Schema(PAIRS)


@pytest.mark.parametrize("hours", [0.1, None])
def test_the_bucket_limit_bounds_the_pairs_of_a_repeated_title_and_counts_those_left_out(hours):
    found = match_headlines(
        put(keyed(["سيول جارفة تجتاح وادي السرو"] * 60, hours=hours)), Settings(bucket_limit=10, threshold=0)
    )
    # Ten by any of its keys, and forty because they share other keys too.
    assert found.candidates == sum(min(earlier, 10 + 40) for earlier in range(60))
    assert found.left_out == sum(max(earlier - 50, 0) for earlier in range(60))
    places = pairs(found).select(pl.col("left_id", "right_id").str.slice(1).cast(pl.Int64))
    assert (places["right_id"] - places["left_id"]).is_between(1, 50).all()


def test_titles_of_a_thousand_characters_are_compared():
    long = " ".join(f"كلمة{number}" for number in range(200))[:1000]
    found = match_headlines(put(keyed([long, long, long[::-1]])), Settings())
    assert ids(pairs(found)) == {("h0000", "h0001")}


def test_english_headlines_are_compared():
    titles = ["Flood kills five in the valley of Sarw", "Flood kills five in Sarw valley", "Cup final put off to June"]
    assert ids(match_headlines(put(keyed(titles)), Settings()).pairs().collect()) == {("h0000", "h0001")}


def test_headlines_beyond_the_window_are_never_paired_and_undated_ones_are_paired_with_all():
    title = "سيول جارفة تجتاح وادي السرو ومصرع 5 أشخاص"
    assert match_headlines(put(keyed([title, title], hours=73)), Settings()).candidates == 0
    assert match_headlines(put(keyed([title, title], hours=72)), Settings()).candidates == 1
    assert match_headlines(put(keyed([title, title], hours=73)), Settings(window=73)).candidates == 1
    apart = keyed([title, title, title], hours=500)
    blank = apart.with_columns(published=pl.when(pl.col("headline_id") != "h0001").then("published"))
    assert ids(match_headlines(put(blank), ALL).pairs().collect()) == {("h0001", "h0000"), ("h0001", "h0002")}


def test_progress_goes_up_to_all_headlines(keys, monkeypatch):
    monkeypatch.setattr(windows, "SLICE", 128)
    output = []
    match_headlines(put(keys), Settings(), progress=lambda done, total: output.append((done, total)))
    assert output == [(128, 300), (256, 300), (300, 300)]


def test_a_frame_that_is_not_keys_raises_an_error_that_names_the_column(keys):
    with pytest.raises(FrameError, match="KEYS: 'fuzzy_key' is missing"):
        match_headlines(put(keys.drop("fuzzy_key")), Settings())


def test_later_headlines_change_no_earlier_pair(keys):
    dated = keys.filter(pl.col("published").is_not_null())
    whole = match_headlines(put(dated), ALL).pairs().collect()
    early = dated.sort("published", "headline_id").head(150)
    before = match_headlines(put(early), ALL).pairs().collect()
    assert_frame_equal(before, whole.filter(pl.col("right_id").is_in(early["headline_id"].implode())), check_exact=True)
    assert np.isfinite(before["score"].to_numpy()).all()
