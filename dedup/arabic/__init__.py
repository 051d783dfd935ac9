"""Headline to KEYS, and all knowledge of Arabic words: pure functions and data files.

``keys.add_keys`` adds the keys of a whole frame, ``keys.normalize`` makes those of one headline.
``learned_furniture.learn_furniture`` finds the pieces that an outlet puts around its headlines. ``word_facts``
describes single words of fuzzy keys, ``word_frequencies.idf`` weighs them, and ``standing.is_standing`` marks keys of
titles that stand above something else every day.
"""
