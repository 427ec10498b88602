"""The tables that came after the first, as they were then: never edited again. The latest are in `schema.py`."""

from __future__ import annotations

SECOND: tuple[str, ...] = (
    """
    -- How an approval was given (console, mode, folder, paper), and for one on paper who entered it and the paper's number.
    ALTER TABLE approvals ADD COLUMN how TEXT NOT NULL DEFAULT 'console';
    ALTER TABLE approvals ADD COLUMN entered_by TEXT NOT NULL DEFAULT '';
    ALTER TABLE approvals ADD COLUMN reference TEXT NOT NULL DEFAULT '';
    """,
    """
    -- Exceptions from the designated terminals: this operator may also decide from this one other place, until then.
    CREATE TABLE terminal_exceptions (
        id INTEGER PRIMARY KEY,
        operator TEXT NOT NULL,
        address TEXT NOT NULL, key TEXT NOT NULL, terminal TEXT NOT NULL, -- what there is of them must be proved at once
        accounts BLOB NOT NULL, clauses BLOB NOT NULL, -- JSON
        by TEXT NOT NULL, titles BLOB NOT NULL, reason TEXT NOT NULL,
        at INTEGER NOT NULL, until INTEGER NOT NULL,
        revoked_at INTEGER, revoked_by TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX terminal_exceptions_standing ON terminal_exceptions (until) WHERE revoked_at IS NULL;
    """,
    """
    -- The sheets of the 決裁フォルダ (決裁票): a row for every sheet that was ever written, none of which counts twice.
    CREATE TABLE sheets (
        id INTEGER PRIMARY KEY,
        number TEXT NOT NULL UNIQUE,      -- printed on it, random
        login TEXT NOT NULL,              -- whose decision it asks for
        draft INTEGER NOT NULL REFERENCES drafts (id),
        hash TEXT NOT NULL,               -- of the revision that it shows
        name BLOB NOT NULL,               -- of the file
        basis TEXT NOT NULL,              -- hash of all that it shows; where that changes, another sheet takes its place
        digest TEXT NOT NULL UNIQUE,      -- sha256 of its bytes
        body BLOB NOT NULL,               -- its bytes, as long as it is open
        state TEXT NOT NULL,              -- open, taken, void
        decision TEXT NOT NULL DEFAULT '', -- of a taken one: approve, return
        at INTEGER NOT NULL,
        ended_at INTEGER,
        dev INTEGER, ino INTEGER          -- the file that was moved: after a crash it is known again
    ) STRICT;
    CREATE UNIQUE INDEX sheets_open ON sheets (login, draft) WHERE state = 'open';
    CREATE INDEX sheets_taken ON sheets (login, ended_at DESC) WHERE state = 'taken';

    -- What lies in a 決裁フォルダ and was refused: said once, until it is gone.
    CREATE TABLE sheet_refusals (
        login TEXT NOT NULL, place TEXT NOT NULL, name BLOB NOT NULL, ino INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
        at INTEGER NOT NULL, PRIMARY KEY (login, place, name)
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- 代決: under which entry of [[deputies]] a decision was made in somebody's place; '' in one's own right.
    ALTER TABLE approvals ADD COLUMN deputy TEXT NOT NULL DEFAULT '';
    ALTER TABLE lifts ADD COLUMN deputy TEXT NOT NULL DEFAULT '';
    -- An exception: the clause that grants it, and its end (null: made when they had none); `ended` once that has been recorded.
    ALTER TABLE lifts ADD COLUMN under TEXT NOT NULL DEFAULT '';
    ALTER TABLE lifts ADD COLUMN until INTEGER;
    ALTER TABLE lifts ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX lifts_until ON lifts (until) WHERE until IS NOT NULL AND ended = 0;

    -- 緊急の宣言, for one revision.
    CREATE TABLE declarations (
        draft INTEGER NOT NULL REFERENCES drafts (id), hash TEXT NOT NULL, login TEXT NOT NULL, titles BLOB NOT NULL,
        deputy TEXT NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL, policy_hash TEXT NOT NULL, PRIMARY KEY (draft, hash)
    ) STRICT, WITHOUT ROWID;

    -- 後閲: what a different person has to read afterwards, by when, and what came of it.
    CREATE TABLE reviews (
        id INTEGER PRIMARY KEY,
        draft INTEGER NOT NULL REFERENCES drafts (id),
        hash TEXT NOT NULL,
        account TEXT NOT NULL,
        cause TEXT NOT NULL,              -- emergency, deputy
        act TEXT NOT NULL,                -- the decision: declare, approve, except, return
        login TEXT NOT NULL,              -- who made it
        deputy TEXT NOT NULL,             -- the entry of [[deputies]], '' in one's own right
        on_behalf TEXT NOT NULL,          -- for whom, in words
        person TEXT NOT NULL,             -- the login of whoever was represented, '' where nobody or a vacant post
        titles BLOB NOT NULL,             -- JSON: whoever holds one of these may endorse it
        clause TEXT NOT NULL,
        opened_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'open', -- open, endorsed, objected (不可), closed (an objection that was settled)
        done_by TEXT NOT NULL DEFAULT '',
        done_at INTEGER,
        note TEXT NOT NULL DEFAULT '',
        missed_at INTEGER                 -- when it was recorded as late
    ) STRICT;
    CREATE INDEX reviews_open ON reviews (due_at) WHERE state IN ('open', 'objected');
    CREATE INDEX reviews_draft ON reviews (draft);
    """,
    """
    -- Papers: what came and what was decided in a period. Looked up, never searched for.
    CREATE INDEX drafts_received ON drafts (received_at);
    CREATE INDEX audit_at ON audit (at);
    CREATE INDEX releases_begun ON releases (begun_at);
    """,
    """
    -- Duties (務め) as they were attested: a tick a row. One that was wrong is taken back, and stays.
    CREATE TABLE duty_ticks (
        id INTEGER PRIMARY KEY,
        duty TEXT NOT NULL,               -- minato/password
        account TEXT NOT NULL,            -- '' where no account bears it
        at INTEGER NOT NULL,
        day TEXT NOT NULL,                -- on which it was done, 2026-11-21
        by TEXT NOT NULL,
        note TEXT NOT NULL, proof TEXT NOT NULL,
        undone_by TEXT NOT NULL DEFAULT '', undone_at INTEGER, undone_reason TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX duty_ticks_standing ON duty_ticks (duty, account, day) WHERE undone_at IS NULL;
    """,
    """
    -- `hash` is the seal over the file and its images (rulebook/picture.py), `bytes` the hash of the file's own bytes, by which the store
    -- keeps them; `pictures` are the images as they were read (JSON, empty where there are none).
    ALTER TABLE drafts ADD COLUMN bytes TEXT NOT NULL DEFAULT '';
    UPDATE drafts SET bytes = hash;
    ALTER TABLE drafts ADD COLUMN pictures BLOB NOT NULL DEFAULT x'';
    ALTER TABLE draft_revisions ADD COLUMN bytes TEXT NOT NULL DEFAULT '';
    UPDATE draft_revisions SET bytes = hash;
    ALTER TABLE draft_revisions ADD COLUMN pictures BLOB NOT NULL DEFAULT x'';
    -- The reason for which this revision was returned (差戻し); shown to whoever gets the next one.
    ALTER TABLE draft_revisions ADD COLUMN returned TEXT NOT NULL DEFAULT '';
    CREATE INDEX drafts_pictures ON drafts (id) WHERE pictures <> x'' AND live = 1;
    -- Who else had a hand in an unproved draft (JSON of logins): none of them approves it.
    ALTER TABLE drafts ADD COLUMN hands BLOB NOT NULL DEFAULT x'';

    -- Since when approval is asked for, the moment that the author named, and since when it could go out (null: it cannot).
    ALTER TABLE drafts ADD COLUMN asked_at INTEGER NOT NULL DEFAULT 0;
    UPDATE drafts SET asked_at = changed_at;
    ALTER TABLE drafts ADD COLUMN wanted_at INTEGER;
    ALTER TABLE drafts ADD COLUMN ready_at INTEGER;
    UPDATE drafts SET ready_at = changed_at WHERE state = 'approved';
    CREATE INDEX drafts_asked ON drafts (asked_at) WHERE state IN ('waiting', 'held') AND live = 1;
    CREATE INDEX drafts_wanted ON drafts (wanted_at) WHERE wanted_at IS NOT NULL AND state = 'waiting' AND live = 1;

    -- An approval belongs to one step of the approver table.
    ALTER TABLE approvals RENAME TO approvals_before;
    CREATE TABLE approvals (
        draft INTEGER NOT NULL REFERENCES drafts (id), hash TEXT NOT NULL, login TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 1,
        titles BLOB NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL, policy_hash TEXT NOT NULL,
        how TEXT NOT NULL DEFAULT 'console', entered_by TEXT NOT NULL DEFAULT '', reference TEXT NOT NULL DEFAULT '',
        deputy TEXT NOT NULL DEFAULT '', PRIMARY KEY (draft, hash, login, step)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO approvals (draft, hash, login, titles, at, reason, policy_hash, how, entered_by, reference,
            deputy)
        SELECT draft, hash, login, titles, at, reason, policy_hash, how, entered_by, reference, deputy FROM approvals_before;
    DROP TABLE approvals_before;

    -- Who works at a draft now (着手), until when.
    CREATE TABLE claims (draft INTEGER PRIMARY KEY REFERENCES drafts (id), login TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL)
        STRICT;
    -- The last decision about a draft, and how it stood before (JSON): what its maker can take back (取消) for a moment.
    CREATE TABLE last_decisions (
        draft INTEGER PRIMARY KEY REFERENCES drafts (id), login TEXT NOT NULL, act TEXT NOT NULL, at INTEGER NOT NULL,
        state TEXT NOT NULL, changed_at INTEGER NOT NULL, before BLOB NOT NULL
    ) STRICT;
    """,
)
