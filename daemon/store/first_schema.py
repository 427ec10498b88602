"""The first tables of the store, as they were when offices began: never edited again. What came since is in `schema.py`."""

from __future__ import annotations

FIRST: tuple[str, ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;

    -- Where the exact bytes of a revision lie: segment file, offset, size (daemon/store/revisions.py).
    CREATE TABLE revisions (
        hash TEXT PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL, at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    -- The end of the last segment is asked for at every start: a look-up, never a scan.
    CREATE INDEX revisions_place ON revisions (segment, offset);

    CREATE TABLE drafts (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        name BLOB NOT NULL,               -- the file's name as bytes, relative to drafts/<account>/
        live INTEGER NOT NULL,            -- 1 until released or withdrawn: one live draft a file
        state TEXT NOT NULL,
        verdict TEXT NOT NULL,
        revision INTEGER NOT NULL,        -- counts from 1
        hash TEXT NOT NULL,
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        item BLOB NOT NULL,               -- JSON of the Item without its text
        findings BLOB NOT NULL,           -- JSON of what screening found in the text
        author TEXT NOT NULL,
        author_verified INTEGER NOT NULL,
        policy_hash TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        changed_at INTEGER NOT NULL,
        release_at INTEGER,
        url TEXT NOT NULL DEFAULT '',
        returned TEXT NOT NULL DEFAULT '' -- the reason of the last return, shown to the author
    ) STRICT;
    CREATE UNIQUE INDEX drafts_live ON drafts (account, name) WHERE live = 1;
    CREATE INDEX drafts_state ON drafts (state, changed_at DESC);
    CREATE INDEX drafts_account ON drafts (account, state);
    CREATE INDEX drafts_due ON drafts (release_at) WHERE release_at IS NOT NULL AND live = 1;

    CREATE TABLE draft_revisions (
        draft INTEGER NOT NULL REFERENCES drafts (id), n INTEGER NOT NULL, hash TEXT NOT NULL, at INTEGER NOT NULL,
        encoding TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (draft, n)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE approvals (
        draft INTEGER NOT NULL REFERENCES drafts (id), hash TEXT NOT NULL, login TEXT NOT NULL, titles BLOB NOT NULL,
        at INTEGER NOT NULL, reason TEXT NOT NULL, policy_hash TEXT NOT NULL, PRIMARY KEY (draft, hash, login)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE lifts (
        draft INTEGER NOT NULL REFERENCES drafts (id), hash TEXT NOT NULL, rule TEXT NOT NULL, clause TEXT NOT NULL,
        login TEXT NOT NULL, titles BLOB NOT NULL, reason TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (draft, hash, rule)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE releases (
        id INTEGER PRIMARY KEY,
        draft INTEGER NOT NULL REFERENCES drafts (id),
        hash TEXT NOT NULL,
        account TEXT NOT NULL,
        channel TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        state TEXT NOT NULL,              -- begun, leased, released, prevented, unknown
        holder TEXT NOT NULL,
        lease_until INTEGER,
        begun_at INTEGER NOT NULL,
        ended_at INTEGER,
        url TEXT NOT NULL DEFAULT '',
        body TEXT NOT NULL,
        detail TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX releases_open ON releases (state) WHERE state IN ('begun', 'leased', 'unknown');
    CREATE INDEX releases_recent ON releases (account, begun_at DESC);

    -- How many drafts stand in each state, kept by triggers: counting 10^6 rows takes longer than a key press may.
    CREATE TABLE counters (account TEXT NOT NULL, state TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (account, state))
        STRICT, WITHOUT ROWID;
    CREATE TRIGGER drafts_counted AFTER INSERT ON drafts BEGIN
        INSERT INTO counters VALUES (new.account, new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
    END;
    CREATE TRIGGER drafts_moved AFTER UPDATE OF state ON drafts WHEN old.state <> new.state BEGIN
        UPDATE counters SET n = n - 1 WHERE account = old.account AND state = old.state;
        INSERT INTO counters VALUES (new.account, new.state, 1) ON CONFLICT DO UPDATE SET n = n + 1;
    END;

    -- Which files have been read already, so that a scan opens only what has changed.
    CREATE TABLE seen (
        account TEXT NOT NULL, name BLOB NOT NULL, dev INTEGER NOT NULL, ino INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (account, name)
    ) STRICT, WITHOUT ROWID;

    -- Acts by the id their caller gave them: asked again, the same answer. Ids are chosen by clients, so each login has its own.
    CREATE TABLE requests (
        login TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, answer BLOB NOT NULL, PRIMARY KEY (login, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX requests_at ON requests (at);

    -- The record (記録): a hash chain over the canonical bytes in `record`; append-only.
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL, draft INTEGER,
        record BLOB NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audit_draft ON audit (draft, seq) WHERE draft IS NOT NULL;
    CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
        WHEN new.seq <> coalesce((SELECT max(seq) FROM audit), 0) + 1
        BEGIN SELECT raise(ABORT, 'the record is append-only, without gaps'); END;
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the record is append-only'); END;
    """,
    """
    -- Where in the segments the last committed batch ends, and the first entry of the record that has a copy there.
    CREATE TABLE segment_end (
        one INTEGER PRIMARY KEY CHECK (one = 1), segment INTEGER NOT NULL, offset INTEGER NOT NULL, first INTEGER NOT NULL
    ) STRICT;
    INSERT INTO segment_end (one, segment, offset, first) SELECT 1, 1, 0, 1;
    UPDATE segment_end SET first = (SELECT coalesce(max(seq), 0) + 1 FROM audit);
    UPDATE segment_end SET (segment, offset) =
        (SELECT segment, offset + size + 1 FROM revisions ORDER BY segment DESC, offset DESC LIMIT 1)
        WHERE EXISTS (SELECT 1 FROM revisions);

    -- The texts of entries that may have to be erased one day, and their salts: in the entry stands only a hash of both.
    CREATE TABLE audit_private (
        id INTEGER PRIMARY KEY,           -- in the order of writing: nothing is moved when a row is added, so no traces stay
        seq INTEGER NOT NULL, field TEXT NOT NULL, salt BLOB NOT NULL,
        text BLOB NOT NULL                -- UTF-8, or a file name's own bytes
    ) STRICT;
    CREATE UNIQUE INDEX audit_private_field ON audit_private (seq, field);
    """,
    """
    -- Stops (停止): a row for every scope that was stopped, from the first report until a manager resumes it. A stop by anyone but a
    -- manager is provisional until one confirms it.
    CREATE TABLE stops (
        id INTEGER PRIMARY KEY,
        scope TEXT NOT NULL,
        at INTEGER NOT NULL,
        by TEXT NOT NULL,                 -- login; '' where it was made by hand
        reason TEXT NOT NULL,
        confirmed_by TEXT NOT NULL DEFAULT '',
        confirmed_at INTEGER,
        ended_by TEXT NOT NULL DEFAULT '',
        ended_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX stops_standing ON stops (scope) WHERE ended_at IS NULL;

    -- What has to be done on the platforms after a stop (さいたま 11), with the words as they were prepared when it was made.
    CREATE TABLE follow_ups (
        id INTEGER PRIMARY KEY,
        stop INTEGER NOT NULL REFERENCES stops (id),
        account TEXT NOT NULL,
        item TEXT NOT NULL,               -- its id in rules.toml
        kind TEXT NOT NULL,               -- profile, name, notice, posts, account
        title TEXT NOT NULL, title_en TEXT NOT NULL, text TEXT NOT NULL,
        clause TEXT NOT NULL, basis TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'open', -- open, done, skipped (不要)
        agreed_by TEXT NOT NULL DEFAULT '', -- the first of the two who delete an account
        settled_by TEXT NOT NULL DEFAULT '',
        settled_at INTEGER,
        proof TEXT NOT NULL DEFAULT '',   -- of done: URL or note; of skipped: the reason
        UNIQUE (stop, account, item)
    ) STRICT;
    CREATE INDEX follow_ups_open ON follow_ups (account, item) WHERE state = 'open';

    -- Drills (訓練): what each has shown, in microseconds from the press.
    CREATE TABLE drills (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        by TEXT NOT NULL,
        latched_us INTEGER, silent_us INTEGER, -- null: not proved
        begun_before INTEGER NOT NULL,    -- begun before the press, as the receiver counted them
        begun_meanwhile INTEGER NOT NULL, -- begun after the press and before silence was proved
        begun_after INTEGER NOT NULL,     -- begun after that: must be none
        passed INTEGER NOT NULL           -- 1: silence was proved, and nothing began after it
    ) STRICT;
    """,
    """
    -- The hash of a newer file that lies in the place of a draft whose release is in flight; '' where none does.
    ALTER TABLE drafts ADD COLUMN edited TEXT NOT NULL DEFAULT '';
    """,
    """
    -- Bytes of the segments that were committed here before they were synced there: one sync for a batch, not two. Written into their
    -- segments again at a start, and gone after the next sync.
    CREATE TABLE segment_carried (
        id INTEGER PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL, data BLOB NOT NULL
    ) STRICT;
    """,
    """
    -- What became of a draft is asked whenever somebody looks at it: never a look through the releases of all years.
    CREATE INDEX releases_draft ON releases (draft, id DESC);
    """,
)
