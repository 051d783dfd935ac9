"""Words of whole columns, and the evidence from them, against one headline and one pair at a time."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import typeof

from dedup.arabic.vocabulary import MAX_WORDS, Vocabulary, tokenize
from dedup.arabic.word_facts import KINDS, axes, describe
from dedup.arabic.word_frequencies import idf
from dedup.arabic.word_marks import ACTS, EQUAL, IDIOM, JOINED, MANY, NEGATED, PLACE, SITE, TWO, deeds
from dedup.core.hashed_names import HashedNames, hash_strings
from dedup.core.text_arrays import TextArray
from dedup.matching.blocking.shingles import code_points
from dedup.matching.evidence.alignment import align_words, new_alignment, pack_words
from dedup.matching.evidence.bounds import no_bounds
from dedup.matching.evidence.changes import SLOT_WORDS, fill_changes
from dedup.matching.evidence.facts import TWO_IN_DIGITS, fill_acts, fill_facts, fill_polarity
from dedup.matching.evidence.overlap import fill_information, fill_order
from dedup.matching.evidence.schema import FACTS, ROW, UNKNOWN
from dedup.matching.scoring.model import load_model

WORDS = (
    "وزير",
    "الوزير",
    "وزراء",
    "ينفي",
    "يؤكد",
    "نفي",
    "لا",
    "لن",
    "5",
    "7",
    "5%",
    "الثالثه",
    "الرابعه",
    "الاول",
    "سيول",
    "السيول",
    "جارفه",
    "وادي",
    "السرو",
    "الخميس",
    "الجمعه",
    "مارس",
    "ابريل",
    "بدء",
    "انتهاء",
    "تاجيل",
    "يدين",
    "ارتفاع",
    "انخفاض",
    "يرفع",
    "ميرخوفيتش",
    "ميرخوفتش",
    "في",
    "من",
    "مصرع",
    "12",
    "اصابات",
    "القطار",
    "قطار",
    "جندي",
    "جنديين",
    "وجنود",
    "2",
    "بلده",
    "الصويره",
    "مصر",
    "مع",
    "هل",
    "حقيقه",
    "سيعلن",
    "يهدد",
    "يزال",
    "نتيجه",
    "موعد",
    "وفاه",
)
KEYS = st.lists(st.sampled_from(WORDS) | st.text(alphabet="ابتسى٣x😀", min_size=1, max_size=6), max_size=40).map(
    " ".join
)


def column(keys):
    return pl.Series(keys, dtype=pl.String)


def one_headline(key):
    """What describe and idf say of each word of a key, a dict a word."""
    words = pl.Series([word for word in key.split(" ") if word][:MAX_WORDS], dtype=pl.String)
    described = describe(words)
    described = described.with_columns(weight=pl.Series(idf(TextArray.of(described["stem"]).hashes())))
    return described.to_dicts()


@settings(max_examples=25)
@given(st.lists(KEYS, max_size=5))
def test_each_word_has_its_facts_at_its_position(keys):
    words = tokenize(*code_points(keys))
    for row, key in enumerate(keys):
        expected = one_headline(key)
        count = len(expected)
        assert words.length[row] == count
        stems = column([word["stem"] for word in expected])
        np.testing.assert_array_equal(words.stem[row, :count], hash_strings(stems))
        np.testing.assert_array_equal(words.weight[row, :count], np.float32([word["weight"] for word in expected]))
        assert [KINDS[kind] for kind in words.kind[row, :count]] == [word["kind"] for word in expected]
        for matrix in (words.stem, words.skeleton, words.weight, words.kind, words.alternative, words.marks):
            assert not matrix[row, count:].any()
        for position, word in enumerate(expected):
            before = expected[position - 1]["kind"] if position else None
            mark, mark_before = (int(words.marks[row, at]) if at >= 0 else 0 for at in (position, position - 1))
            named = bool(mark_before & SITE) and not mark & SITE and word["kind"] not in {"number", "negation"}
            assert bool(mark & PLACE) == (named or word["kind"] == "place")
            assert bool(mark & NEGATED) == (before == "negation" and not mark & IDIOM)
            assert not mark & MANY or before != "number"
        checking = {"check": range(min(4, count - 1)), "verify": range(1, min(4, count - 1))}
        acted = {
            act
            for position, word in enumerate(expected)
            for act in word["acts"]
            if position in checking.get(act, (position,))
        }
        assert {act for bit, act in enumerate(ACTS) if int(words.acts[row]) >> bit & 1} == acted
        done = {word["deed"] for word in expected} - {None}
        assert {deed for bit, deed in enumerate(deeds()) if int(words.deeds[row]) >> bit & 1} == done
        for side, bits in ((1, words.rises[row]), (-1, words.falls[row])):
            taken = {word["axis"] for word in expected if word["side"] == side}
            assert {axis for place, axis in enumerate(axes()) if int(bits) >> place & 1} == taken


@settings(max_examples=25)
@given(st.lists(KEYS, min_size=1, max_size=5))
def test_the_words_of_a_headline_do_not_depend_on_its_batch(keys):
    together = tokenize(*code_points(keys))
    for row, key in enumerate(keys):
        alone = tokenize(*code_points([key]))
        for name in alone.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[row])


@settings(max_examples=25)
@given(st.lists(KEYS, max_size=8))
def test_a_vocabulary_that_evicts_words_gives_the_same_facts(keys):
    forgetful, steady = Vocabulary(max_words=3), Vocabulary()
    for key in keys:
        words = TextArray.of(key.split())
        np.testing.assert_equal(forgetful.look_up(words), steady.look_up(words))


def test_a_vocabulary_preloads_the_background_after_many_small_look_ups_and_gives_the_same_facts(monkeypatch):
    monkeypatch.setattr("dedup.arabic.vocabulary.WARMUP_AFTER", 2)
    often = Vocabulary()
    for count, key in enumerate(("سيول جارفه", "وادي السرو", "ينفي الوزير", "سفن الصويره"), start=1):
        words = TextArray.of(key.split())
        np.testing.assert_equal(often.look_up(words), Vocabulary().look_up(words))
        assert (len(often) > 10_000) == (count >= 2)


def test_words_beyond_the_maximum_are_dropped():
    assert tokenize(*code_points([" ".join(map(str, range(99)))])).length.tolist() == [MAX_WORDS]


@given(st.lists(st.text(max_size=8), unique=True, max_size=30))
def test_different_words_have_different_hashes_that_are_never_zero(words):
    made = hash_strings(column(words))
    assert len(set(made.tolist())) == len(words)
    assert 0 not in made


WORD_EVIDENCE = ROW[: ROW.index("hours_apart")]


class Side:
    """One headline's words as lists."""

    def __init__(self, words, row):
        count = int(words.length[row])
        self.stem = words.stem[row, :count].tolist()
        self.skeleton = words.skeleton[row, :count].tolist()
        self.weight = words.weight[row, :count].astype(float).tolist()
        self.kind = words.kind[row, :count].tolist()
        self.marks = words.marks[row, :count].tolist()
        self.acts = {act for bit, act in enumerate(ACTS) if int(words.acts[row]) >> bit & 1}
        self.deeds = int(words.deeds[row])
        self.up, self.down = int(words.rises[row]), int(words.falls[row])
        self.both = self.up & self.down
        self.up, self.down = self.up & ~self.down, self.down & ~self.up

    def meet(self, other):
        self.held = [stem in other.stem for stem in self.stem]
        left = {other.skeleton[place] for place, stem in enumerate(other.stem) if stem not in self.stem}
        self.akin = [not held and own in left for held, own in zip(self.held, self.skeleton, strict=True)]

    def mass(self, marks):
        return sum(weight for weight, mark in zip(self.weight, marks, strict=True) if mark)

    def rarest_alone(self):
        alone = zip(self.weight, self.held, self.akin, strict=True)
        return max((weight for weight, held, akin in alone if not held and not akin), default=0)

    def duals(self):
        return [mark & MANY == TWO for mark in self.marks]

    def rarest_site_alone(self):
        rows = zip(self.weight, self.held, self.akin, self.marks, strict=True)
        return max((weight for weight, held, akin, mark in rows if mark & PLACE and not held and not akin), default=0)

    def around(self, position):
        return [self.stem[at] if 0 <= at < len(self.stem) else None for at in (position - 1, position + 1)]


def slots(one, other):
    """Exchanges of words in place: (first position, whether a slot, the lesser information), for headlines without
    repeated stems."""
    found = []
    known = [[held or akin for held, akin in zip(side.held, side.akin, strict=True)] for side in (one, other)]
    for first in range(len(one.stem)):
        if known[0][first] or (first and not known[0][first - 1]):
            continue
        end = next((at for at in range(first, len(one.stem)) if known[0][at]), len(one.stem))
        if first and one.stem[first - 1] not in other.stem:
            continue
        start = other.stem.index(one.stem[first - 1]) + 1 if first else 0
        stop = next((at for at in range(start, len(other.stem)) if known[1][at]), len(other.stem))
        if stop == start:
            continue
        after, after_other = (
            side.stem[at] if at < len(side.stem) else None for side, at in ((one, end), (other, stop))
        )
        short = end - first <= SLOT_WORDS and stop - start <= SLOT_WORDS
        less = min(sum(one.weight[first:end]), sum(other.weight[start:stop]))
        found.append((first, short and after == after_other, less))
    return found


def exchanged_roles(one, other):
    """The information of two words that stand in each other's place, for headlines without repeated stems."""
    best = 0
    for first, a in enumerate(one.stem):
        for second in range(first + 1, len(one.stem)):
            b = one.stem[second]
            if a not in other.stem or b not in other.stem or other.stem.index(b) > other.stem.index(a):
                continue
            at_a, at_b = other.stem.index(a), other.stem.index(b)
            swapped = all(
                any(mine == theirs for mine, theirs in zip(one.around(here), other.around(there), strict=True))
                for here, there in ((first, at_b), (second, at_a))
            )
            between = one.marks[max(first - 1, 0) : second] + other.marks[max(at_b - 1, 0) : at_a]
            joined = second == first + 1 and at_a == at_b + 1 and (one.marks[second] | other.marks[at_a]) & JOINED
            if swapped and not joined and not any(mark & EQUAL for mark in between):
                best = max(best, min(one.weight[first], one.weight[second]))
    return best


def one_sided_negations(one, other):
    """How many common words only one side negates, where the other has nothing negative of its own."""
    count = 0
    negation = KINDS.index("negation")
    for mine, theirs in ((one, other), (other, one)):
        own, others = (
            sum(kind == negation and not held for kind, held in zip(side.kind, side.held, strict=True))
            for side in (mine, theirs)
        )
        if not own or others or (theirs.acts - mine.acts) & {"denial", "refusal"}:
            continue
        for position, mark in enumerate(mine.marks):
            codes, listed = (mine.stem, theirs.stem) if mine.held[position] else (mine.skeleton, theirs.skeleton)
            if mark & NEGATED and (mine.held[position] or mine.akin[position]):
                same = [at for at, code in enumerate(listed) if code == codes[position]]
                count += not any(theirs.marks[at] & NEGATED for at in same)
    return count


def one_pair(words, left, right):
    """The evidence of one pair, word by word."""
    one, other = Side(words, left), Side(words, right)
    one.meet(other)
    other.meet(one)
    total = [sum(one.weight), sum(other.weight)]
    shared = [one.mass(one.held), other.mass(other.held)]
    mass = sum(shared) / 2
    part = [mine / whole if whole else 0 for mine, whole in zip(shared, total, strict=True)]
    missing = [whole - mine for mine, whole in zip(shared, total, strict=True)]
    kept = sorted((weight for weight, held in zip(one.weight, one.held, strict=True) if held), reverse=True)
    best = [*kept, 0, 0, 0]
    places = [max((p + 1 for p, stem in enumerate(other.stem) if stem == own), default=0) for own in one.stem]
    turned = [
        held and place < max(places[: at + 1]) for at, (held, place) in enumerate(zip(one.held, places, strict=True))
    ]
    phases = [
        sorted(sorted(side.acts & {before, after}) for side in (one, other)) == [[before], [after]]
        for before, after in (("opening", "outcome"), ("fixture", "result"))
    ]
    sites = [side.rarest_site_alone() for side in (one, other)]
    only = [(one.deeds & ~other.deeds).bit_count(), (other.deeds & ~one.deeds).bit_count()]
    doubts = [bool(side.acts & {"check", "verify", "question"}) for side in (one, other)]
    partial = ((one.up | one.down) & other.both) | ((other.up | other.down) & one.both)
    steps = set(zip(other.stem, other.stem[1:], strict=False))
    follows = sum(step in steps for step in zip(one.stem, one.stem[1:], strict=False))
    expected = {
        "shared_information": mass,
        "overlap": mass / (sum(total) - mass) if sum(total) else 0,
        "containment_max": max(part),
        "containment_min": min(part),
        "related_word_information": (one.mass(one.akin) + other.mass(other.akin)) / 2,
        "missing_information_min": min(missing),
        "missing_information_max": max(missing),
        "rarest_missing_min": min(one.rarest_alone(), other.rarest_alone()),
        "rarest_missing_max": max(one.rarest_alone(), other.rarest_alone()),
        "rarest_shared": best[0],
        "second_rarest_shared": best[1],
        "third_rarest_shared": best[2],
        "trending_information": UNKNOWN,
        "shared_words": min(sum(one.held), sum(other.held)),
        "information_min": min(total),
        "information_max": max(total),
        "words_min": min(len(one.stem), len(other.stem)),
        "words_max": max(len(one.stem), len(other.stem)),
        "consecutive_share": follows / (sum(one.held) - 1) if sum(one.held) > 1 else 0,
        "reordered_share": one.mass(turned) / shared[0] if shared[0] else 0,
        "leading_words_equal": sum(mine == theirs for mine, theirs in zip(one.stem[:2], other.stem[:2], strict=False)),
        "polarity_clash": ((one.up & other.down) | (one.down & other.up)).bit_count(),
        "polarity_agree": ((one.up & other.up) | (one.down & other.down)).bit_count(),
        "polarity_one_sided": ((one.up | one.down) ^ (other.up | other.down)).bit_count(),
        "negative_side_differs": (one.down ^ other.down).bit_count(),
        "denial_one_sided": int(("denial" in one.acts) != ("denial" in other.acts)),
        "reaction_one_sided": int(("reaction" in one.acts) != ("reaction" in other.acts)),
        "phase_clash": int(any(phases)),
        "polarity_partial": partial.bit_count(),
        "doubt_one_sided": int(doubts[0] != doubts[1] and "denial" not in one.acts & other.acts),
        "intent_one_sided": int(("intent" in one.acts) != ("intent" in other.acts)),
        "service_shared": int("service" in one.acts and "service" in other.acts),
        "site_shared": sum(side.mass([held and mark & PLACE for held, mark in zip(side.held, side.marks, strict=True)])
                           for side in (one, other)) / 2,
        "site_missing_min": min(sites),
        "site_missing_max": max(sites),
        "deed_agree": (one.deeds & other.deeds).bit_count(),
        "deed_clash": min(only),
        "deed_extra": max(only) - min(only),
        "negated": one_sided_negations(one, other),
    }  # fmt: skip
    if all(len(set(side.stem)) == len(side.stem) for side in (one, other)):
        found = slots(one, other)
        expected["exchanged"] = max((less for _, short, less in found if short), default=0)
        expected["exchanged_first"] = max((less for first, _, less in found if first == 0), default=0)
        expected["roles_exchanged"] = exchanged_roles(one, other)
        expected["amount_clash"] = sum(
            bool(mark & MANY and other.marks[other.stem.index(stem)] & MANY)
            and mark & MANY != other.marks[other.stem.index(stem)] & MANY
            for stem, mark in zip(one.stem, one.marks, strict=True)
            if stem in other.stem
        )
    for fact, names in FACTS.items():
        kinds = [KINDS.index(name) for name in names]
        alone = [
            sum(kind in kinds and not held for kind, held in zip(side.kind, side.held, strict=True))
            for side in (one, other)
        ]
        agree = sum(kind in kinds and held for kind, held in zip(one.kind, one.held, strict=True))
        if fact == "number":
            duals = [
                {stem for stem, dual in zip(side.stem, side.duals(), strict=True) if dual} for side in (one, other)
            ]
            unmatched = [
                sum(dual and stem not in theirs for stem, dual in zip(side.stem, side.duals(), strict=True))
                for side, theirs in ((one, duals[1]), (other, duals[0]))
            ]
            agree += sum(dual and stem in duals[1] for stem, dual in zip(one.stem, one.duals(), strict=True))
            twos = [
                sum(stem == TWO_IN_DIGITS and kind in kinds and not held
                    for stem, kind, held in zip(side.stem, side.kind, side.held, strict=True))
                for side in (one, other)
            ]  # fmt: skip
            paired = [min(twos[0], unmatched[1]), min(twos[1], unmatched[0])]
            agree += sum(paired)
            alone = [mine + dual - sum(paired) for mine, dual in zip(alone, unmatched, strict=True)]
        expected[f"{fact}_agree"] = agree
        expected[f"{fact}_clash"] = min(alone)
        expected[f"{fact}_extra"] = max(alone) - min(alone)
    return expected


def word_evidence(words, left, right, information=None):
    """The columns that the kernels fill, pair by pair."""
    known = pack_words(words, words.weight if information is None else information)
    rows = np.full((len(left), len(ROW)), np.nan, np.float32)
    for row, one, other in zip(rows, left, right, strict=True):
        pair = new_alignment()
        align_words(known, one, other, pair)
        fill_information(known, one, other, pair, row)
        fill_order(known, one, other, pair, row)
        fill_facts(known, one, other, pair, row)
        fill_polarity(known, one, other, row)
        fill_acts(known, one, other, row)
        fill_changes(known, one, other, pair, row)
    return {name: column for name, column in zip(ROW, rows.T, strict=True) if name in WORD_EVIDENCE}


@settings(max_examples=25)
@given(st.lists(KEYS, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_kernels_give_the_evidence_of_a_word_by_word_computation(keys, dice):
    words = tokenize(*code_points(keys))
    left, right = (np.array([dice.randrange(len(keys)) for _ in range(9)]) for _ in range(2))
    columns = word_evidence(words, left, right)
    for pair in range(9):
        expected = one_pair(words, left[pair], right[pair])
        found = {name: float(values[pair]) for name, values in columns.items() if name in expected}
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)


@settings(max_examples=25)
@given(KEYS, KEYS, st.randoms(use_true_random=False))
def test_shared_words_that_are_common_in_the_latest_news_are_trending(key, other, dice):
    words = tokenize(*code_points([key, other]))
    information = words.weight * np.float32([[dice.choice([0.3, 0.8, 1.2]) for _ in row] for row in words.weight])
    lost = [max(0.0, float(table - now)) for table, now in zip(words.weight[1], information[1], strict=True)]
    earlier, later = (set(words.stem[row, : words.length[row]].tolist()) for row in (0, 1))
    expected = sum(loss for stem, loss in zip(words.stem[1].tolist(), lost, strict=True) if stem in earlier & later)
    if (information[1] == words.weight[1]).all():
        expected = UNKNOWN
    columns = word_evidence(words, np.array([0]), np.array([1]), information)
    assert columns["trending_information"] == pytest.approx(expected, rel=1e-5, abs=1e-5)


@settings(max_examples=25)
@given(st.lists(KEYS, min_size=2, max_size=6))
def test_all_word_evidence_is_finite_float32(keys):
    words = tokenize(*code_points(keys))
    left, right = np.triu_indices(len(keys))
    for name, values in word_evidence(words, left, right).items():
        assert values.dtype == np.float32, name
        assert values.shape == left.shape
        assert np.isfinite(values).all(), name


@settings(max_examples=25)
@given(KEYS, KEYS)
def test_all_word_evidence_but_the_reordered_share_is_symmetric(key, other):
    """The order of words is read along the earlier headline, and a word that one side repeats counts there twice."""
    words = tokenize(*code_points([" ".join(dict.fromkeys(key.split())), " ".join(dict.fromkeys(other.split()))]))
    if any(len(set(words.stem[row, : words.length[row]].tolist())) < words.length[row] for row in (0, 1)):
        return
    there, back = (word_evidence(words, np.array([a]), np.array([1 - a])) for a in (0, 1))
    for name in there.keys() - {"reordered_share"}:
        assert there[name] == pytest.approx(back[name], rel=1e-5, abs=1e-5), name


@given(st.lists(st.lists(st.sampled_from([None, "", "الوطن", "الشروق", "سبق", "المصري اليوم", "أخبارك"]))))
def test_name_hashes_do_not_depend_on_the_cache_size(batches):
    names = HashedNames(max_names=4)
    for batch in batches:
        assert names.of(batch).tolist() == [hash_strings([name]).item() if name else 0 for name in batch]


def test_the_kernels_are_compiled_for_one_set_of_types():
    """A column of a matrix is contiguous if the matrix has one row; each set of types is compiled for seconds."""
    one, many = (tokenize(*code_points(keys)) for keys in (["سيول جارفه"], ["سيول جارفه", "مصرع 12"]))
    assert typeof(pack_words(one, one.weight)) == typeof(pack_words(many, many.weight))
    assert typeof(no_bounds()) == typeof(load_model().bounds(0.5, 0.5, keeps_related=True))
