-- The tables of an index in SQLite. Rows of headlines are integers in order of insertion; stories and matches refer to
-- headlines by them. Ids are looked up by a 64-bit hash (id_hash), a third of the size of an index over the texts.
-- Every checksum is computed by checksums.py and compared by `dedup index verify`.
CREATE TABLE fingerprint (
    id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL, checksum INTEGER NOT NULL
);

CREATE TABLE headlines (
    row INTEGER PRIMARY KEY,
    id_hash INTEGER NOT NULL,
    headline_id TEXT NOT NULL,
    outlet TEXT NOT NULL,
    title TEXT NOT NULL,
    url TEXT,
    published INTEGER,             -- microseconds since 1970 UTC
    source TEXT NOT NULL,
    exact_key TEXT,                -- NULL if equal to the title
    fuzzy_key TEXT,                -- NULL if equal to the exact key
    tag TEXT,
    recurs INTEGER NOT NULL,
    seen INTEGER,                  -- of undated headlines: the latest time known when they were added
    story INTEGER NOT NULL,        -- the row of the headline that began the story
    checksum INTEGER NOT NULL      -- CRC-32 of all other columns but story, plus story
);
CREATE INDEX headlines_id_hash ON headlines (id_hash);
CREATE INDEX headlines_published ON headlines (published);
CREATE INDEX headlines_story ON headlines (story) WHERE story <> row;

CREATE TABLE matches (
    right INTEGER NOT NULL,
    left INTEGER NOT NULL,
    score REAL NOT NULL,
    relation TEXT NOT NULL,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (right, left)
) WITHOUT ROWID;
CREATE INDEX matches_left ON matches (left);

-- The days on which an outlet ran a title (recurrence.py).
CREATE TABLE days (
    title INTEGER PRIMARY KEY, last INTEGER NOT NULL, mask INTEGER NOT NULL, checksum INTEGER NOT NULL
);

-- One row per call that added headlines, kept until the last snapshot but one covers its deltas.
CREATE TABLE batches (
    batch INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, row INTEGER NOT NULL, latest INTEGER, deltas BLOB NOT NULL,
    checksum INTEGER NOT NULL
);
CREATE TABLE snapshots (batch INTEGER PRIMARY KEY, deltas BLOB NOT NULL, checksum INTEGER NOT NULL);

-- Pruned headlines whose story still has other headlines: their ids may be known as ids of the story.
CREATE TABLE pruned (
    row INTEGER PRIMARY KEY,
    id_hash INTEGER NOT NULL,
    headline_id TEXT NOT NULL,
    outlet TEXT NOT NULL,
    published INTEGER,
    story INTEGER NOT NULL,
    checksum INTEGER NOT NULL      -- as in headlines
);
CREATE INDEX pruned_id_hash ON pruned (id_hash);
CREATE INDEX pruned_story ON pruned (story);
