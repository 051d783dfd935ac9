"""Headline to KEYS: characters, furniture, numbers, spelling variants; pure functions and data files.

``keys.add_keys`` makes the keys of a whole frame, ``keys.normalize`` those of one headline.
``learning.learn_furniture`` finds what an outlet puts around its headlines. ``words.tell`` and ``background.idf``
say what single words of fuzzy keys tell, ``standing.is_standing`` which keys are titles that stand above something else
every day.
"""
