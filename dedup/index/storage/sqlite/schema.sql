-- The tables of an index in SQLite. Rows of headlines are integers that grow as they are added; stories and matches
-- name headlines by them. Ids are looked up by a 64-bit hash (mark), a third of the size of an index over the texts.
CREATE TABLE passport (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE headlines (
    row INTEGER PRIMARY KEY,
    mark INTEGER NOT NULL,
    headline_id TEXT NOT NULL,
    outlet TEXT NOT NULL,
    title TEXT NOT NULL,
    url TEXT,
    published INTEGER,             -- microseconds since 1970 UTC
    source TEXT NOT NULL,
    exact_key TEXT,                -- NULL where it is the title
    fuzzy_key TEXT,                -- NULL where it is the exact key
    tag TEXT,
    recurs INTEGER NOT NULL,
    story INTEGER NOT NULL,        -- the row that began it
    seen INTEGER                   -- of headlines without a time: the latest time when they came
);
CREATE INDEX headlines_mark ON headlines (mark);
CREATE INDEX headlines_published ON headlines (published);
CREATE INDEX headlines_story ON headlines (story) WHERE story <> row;

CREATE TABLE matches (
    right INTEGER NOT NULL,
    left INTEGER NOT NULL,
    score REAL NOT NULL,
    relation TEXT NOT NULL,
    PRIMARY KEY (right, left)
) WITHOUT ROWID;
CREATE INDEX matches_left ON matches (left);

-- On which days an outlet ran a title (recurrence.py).
CREATE TABLE days (title INTEGER PRIMARY KEY, last INTEGER NOT NULL, recent INTEGER NOT NULL);

-- One row per call that added something, until its touches are in the last snapshot but one.
CREATE TABLE batches (
    batch INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, row INTEGER NOT NULL, latest INTEGER, touches BLOB NOT NULL
);
CREATE TABLE snapshots (batch INTEGER PRIMARY KEY, touches BLOB NOT NULL);

-- Headlines that were pruned while others of their story were not: their ids may be known as ids of the story.
CREATE TABLE former (
    row INTEGER PRIMARY KEY,
    mark INTEGER NOT NULL,
    headline_id TEXT NOT NULL,
    outlet TEXT NOT NULL,
    published INTEGER,
    story INTEGER NOT NULL
);
CREATE INDEX former_mark ON former (mark);
CREATE INDEX former_story ON former (story);
