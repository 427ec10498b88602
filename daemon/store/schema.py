"""The tables, as migrations by `user_version`: each entry of `MIGRATIONS` brings the database one version on.

Times are integers, microseconds since 1970 in UTC. Hashes are lower-case hex sha256. JSON columns are UTF-8 bytes.
"""

from __future__ import annotations

from daemon.store.first_schema import FIRST
from daemon.store.second_schema import SECOND

MIGRATIONS: tuple[str, ...] = (
    *FIRST,
    *SECOND,
    """
    -- 一斉発信: the drafts of one emergency on all accounts of a policy. `hash` is that of the origin when it was last spread.
    CREATE TABLE fan_outs (
        id INTEGER PRIMARY KEY, origin INTEGER NOT NULL REFERENCES drafts (id), policy TEXT NOT NULL, clause TEXT NOT NULL,
        title TEXT NOT NULL, hash TEXT NOT NULL, at INTEGER NOT NULL, ended_at INTEGER
    ) STRICT;
    CREATE INDEX fan_outs_open ON fan_outs (origin) WHERE ended_at IS NULL;
    CREATE TABLE fan_out_members (
        fan_out INTEGER NOT NULL REFERENCES fan_outs (id), account TEXT NOT NULL, draft INTEGER REFERENCES drafts (id),
        excused_by TEXT NOT NULL DEFAULT '', -- the manager who recorded why it does not go out there
        reason TEXT NOT NULL DEFAULT '', excused_at INTEGER, PRIMARY KEY (fan_out, account)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX fan_out_members_draft ON fan_out_members (draft);
    """,
    """
    -- 訂正と削除: which draft corrects or deletes which (null: it names none of ours).
    CREATE TABLE corrections (draft INTEGER PRIMARY KEY REFERENCES drafts (id), kind TEXT NOT NULL, original INTEGER) STRICT;
    CREATE INDEX corrections_original ON corrections (original) WHERE original IS NOT NULL;
    """,
    """
    -- Decisions on paper as a clerk has entered them; they count when another person has countersigned.
    CREATE TABLE paper_entries (
        id INTEGER PRIMARY KEY,
        draft INTEGER NOT NULL REFERENCES drafts (id), hash TEXT NOT NULL,
        decided_by TEXT NOT NULL, decision TEXT NOT NULL, -- approve, return
        reference TEXT NOT NULL,          -- 決裁番号
        on_day TEXT NOT NULL,             -- the date on the paper, 2026-11-24
        reason TEXT NOT NULL,
        scan TEXT NOT NULL,               -- sha256 of its bytes, kept like those of a revision
        entered_by TEXT NOT NULL, at INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'open', -- open, counted, struck, void (the revision was replaced)
        countersigned_by TEXT NOT NULL DEFAULT '', countersigned_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX paper_entries_open ON paper_entries (draft) WHERE state = 'open';
    CREATE INDEX paper_entries_draft ON paper_entries (draft, hash);
    CREATE INDEX paper_entries_scan ON paper_entries (scan);
    """,
    """
    -- Notices (通知): what there is to tell whom, each thing once; and the letters made of them.
    CREATE TABLE letters (
        id TEXT PRIMARY KEY,              -- random; the same however often it is sent
        login TEXT NOT NULL,
        urgent INTEGER NOT NULL,
        made_at INTEGER NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        next_at INTEGER NOT NULL,
        state TEXT NOT NULL,              -- waiting, sending, sent, failed (given up), settled (a restore)
        sent_at INTEGER,
        why TEXT NOT NULL DEFAULT '', why_en TEXT NOT NULL DEFAULT ''
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX letters_open ON letters (state, next_at) WHERE state IN ('waiting', 'sending', 'failed');
    CREATE TABLE notices (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        login TEXT NOT NULL,
        account TEXT NOT NULL, ref TEXT NOT NULL, -- account and number: nothing of what is in a draft
        key TEXT NOT NULL,                -- what it is about; told once to each
        at INTEGER NOT NULL,              -- when it came about
        gathered_at INTEGER NOT NULL,
        urgent INTEGER NOT NULL,
        state TEXT NOT NULL,              -- open, console, mailed, settled
        letter TEXT REFERENCES letters (id),
        UNIQUE (key, login)
    ) STRICT;
    CREATE INDEX notices_open ON notices (id) WHERE state = 'open';
    CREATE INDEX notices_letter ON notices (letter) WHERE letter IS NOT NULL;
    """,
    """
    -- A file that is gone leaves its number to the next one that is made: only with its time is it known again.
    ALTER TABLE sheets ADD COLUMN ctime_ns INTEGER;
    """,
    """
    -- Comments. Only those with a finding, a guidance mark or an operator's mark have a row; of the others `comment_files` has the number.
    -- Nothing here counts what one citizen does, and nothing ties two comments of one author together.
    CREATE TABLE comment_files (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        hash TEXT NOT NULL,               -- of the file: an import that is repeated is known by it; behind a + until all of it is kept
        by TEXT NOT NULL,
        at INTEGER NOT NULL,
        lines INTEGER NOT NULL, kept INTEGER NOT NULL, clean INTEGER NOT NULL, known INTEGER NOT NULL, broken INTEGER NOT NULL,
        problems BLOB NOT NULL,           -- JSON: the first broken lines, by number; nothing of their text
        policy_hash TEXT NOT NULL,
        UNIQUE (account, hash)
    ) STRICT;
    CREATE TABLE comments (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        file INTEGER REFERENCES comment_files (id), -- null: an operator entered it
        source TEXT NOT NULL,             -- the platform's own id of it; '' where it is not known
        conversation TEXT NOT NULL,       -- the post under which it stands
        url TEXT NOT NULL,
        handle TEXT NOT NULL, author TEXT NOT NULL, -- name and platform id of whoever wrote it, until they are erased
        posted_at INTEGER,
        arrived_at INTEGER NOT NULL,
        evidence TEXT NOT NULL,           -- sha256 of what is kept of it in `comment_evidence`
        verdict TEXT NOT NULL,            -- act, look, pass
        findings BLOB NOT NULL,           -- JSON
        guidance TEXT NOT NULL,           -- emergency, help, crime, question, or ''
        marked_by TEXT NOT NULL,
        policy_hash TEXT NOT NULL,
        state TEXT NOT NULL,              -- open, proposed, second, escalated, judged, left, guided, gone
        changed_at INTEGER NOT NULL,
        tag TEXT NOT NULL DEFAULT '',
        erased_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX comments_source ON comments (account, source) WHERE source <> '';
    CREATE INDEX comments_bench ON comments (account, state, id);
    CREATE INDEX comments_in_hand ON comments (id) WHERE state IN ('open', 'proposed', 'second', 'escalated');
    CREATE INDEX comments_to_erase ON comments (changed_at) WHERE erased_at IS NULL;
    CREATE INDEX comments_evidence ON comments (evidence);
    -- The only copy of a comment's words, by hash; a row goes when the term is over.
    CREATE TABLE comment_evidence (hash TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE comment_claims (comment INTEGER PRIMARY KEY REFERENCES comments (id), login TEXT NOT NULL, until INTEGER NOT NULL) STRICT;

    -- What people said of a comment, one after the other.
    CREATE TABLE comment_says (
        id INTEGER PRIMARY KEY,
        comment INTEGER NOT NULL REFERENCES comments (id),
        kind TEXT NOT NULL,               -- proposal, ask_second, second, escalation, judgement, left, guided, undone, gone
        clause TEXT NOT NULL, cite TEXT NOT NULL, words TEXT NOT NULL, -- the ground, as it read then
        actions BLOB NOT NULL,            -- JSON
        reason TEXT NOT NULL,
        login TEXT NOT NULL, titles BLOB NOT NULL,
        to_login TEXT NOT NULL DEFAULT '', -- whose second opinion is asked for
        at INTEGER NOT NULL,
        policy_hash TEXT NOT NULL,
        undone_at INTEGER
    ) STRICT;
    CREATE INDEX comment_says_comment ON comment_says (comment, id);

    -- 措置: what a judgement asks for (要綱上の措置) and what is really done about it (実施した措置).
    CREATE TABLE measures (
        id INTEGER PRIMARY KEY,
        comment INTEGER REFERENCES comments (id),
        judgement INTEGER REFERENCES comment_says (id),
        account TEXT NOT NULL,
        asked TEXT NOT NULL, really TEXT NOT NULL, -- '' where the platform can do nothing of the kind
        reverses INTEGER REFERENCES measures (id),
        handle TEXT NOT NULL, author TEXT NOT NULL, url TEXT NOT NULL,
        clause TEXT NOT NULL,
        state TEXT NOT NULL,              -- due, taken, done, not_done, impossible, dropped
        at INTEGER NOT NULL,
        holder TEXT NOT NULL DEFAULT '', until INTEGER,
        done_by TEXT NOT NULL DEFAULT '', done_at INTEGER, proof TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX measures_open ON measures (account, id) WHERE state IN ('due', 'taken');
    CREATE INDEX measures_comment ON measures (comment) WHERE comment IS NOT NULL;
    CREATE INDEX measures_day ON measures (account, at) WHERE reverses IS NULL;

    -- ブロックリスト.
    CREATE TABLE block_list (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL, platform TEXT NOT NULL,
        handle TEXT NOT NULL, author TEXT NOT NULL,
        clause TEXT NOT NULL, cite TEXT NOT NULL, -- '' for an entry of an older list: 根拠未確認
        judge TEXT NOT NULL,
        reason TEXT NOT NULL,
        measure INTEGER REFERENCES measures (id),
        at INTEGER NOT NULL,
        review_on TEXT NOT NULL,          -- 2027-05-24
        state TEXT NOT NULL,              -- pending (nobody has confirmed it on the platform), standing, removed
        ended_at INTEGER, ended_by TEXT NOT NULL DEFAULT '', ended_why TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX block_list_standing ON block_list (account, handle) WHERE state <> 'removed';
    CREATE UNIQUE INDEX block_list_author ON block_list (account, author) WHERE state <> 'removed' AND author <> '';

    -- 炎上の報告: hostile reactions to a post of our own, until somebody has dealt with them.
    CREATE TABLE reactions (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL, post TEXT NOT NULL, note TEXT NOT NULL,
        by TEXT NOT NULL, at INTEGER NOT NULL,
        ended_at INTEGER, ended_by TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '' -- pause, correct, watch, none
    ) STRICT;
    CREATE INDEX reactions_open ON reactions (id) WHERE ended_at IS NULL;
    """,
    """
    -- What every round asks: is there anything to erase? And every status: is a backup past its term? Neither may read a whole table.
    CREATE INDEX comments_waiting ON comments (arrived_at)
        WHERE erased_at IS NULL AND state IN ('open', 'proposed', 'second', 'escalated');
    CREATE INDEX measures_alone ON measures (done_at) WHERE comment IS NULL;
    CREATE INDEX audit_backups ON audit (seq) WHERE act = 'backup';
    """,
    """
    -- A measure that a channel takes: which one ('' a person does it), from when on, how far it is, and why it is a person's after all.
    ALTER TABLE measures ADD COLUMN channel TEXT NOT NULL DEFAULT '';
    ALTER TABLE measures ADD COLUMN send_at INTEGER;
    ALTER TABLE measures ADD COLUMN sent TEXT NOT NULL DEFAULT ''; -- while the machine has it in hand: sending, unknown (不明)
    ALTER TABLE measures ADD COLUMN why TEXT NOT NULL DEFAULT '';
    ALTER TABLE measures ADD COLUMN why_en TEXT NOT NULL DEFAULT '';
    CREATE INDEX measures_send ON measures (send_at) WHERE state = 'due' AND channel <> '';
    -- Each try of one, journaled before the hand gets it.
    CREATE TABLE measure_tries (
        id INTEGER PRIMARY KEY,
        measure INTEGER NOT NULL REFERENCES measures (id),
        account TEXT NOT NULL, channel TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        state TEXT NOT NULL,              -- begun, released, prevented, failed, unknown
        begun_at INTEGER NOT NULL, ended_at INTEGER,
        detail TEXT NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX measure_tries_open ON measure_tries (id) WHERE state IN ('begun', 'unknown');
    CREATE INDEX measure_tries_of ON measure_tries (measure);

    -- What the platforms charge, in millionths of a US dollar: a row for each release, measure and question that cost something.
    CREATE TABLE charges (
        what TEXT NOT NULL, ref TEXT NOT NULL, -- release, measure (its try), ask
        account TEXT NOT NULL, channel TEXT NOT NULL, kind TEXT NOT NULL,
        month TEXT NOT NULL,              -- 2026-11, in Japan
        at INTEGER NOT NULL, micros INTEGER NOT NULL, PRIMARY KEY (what, ref)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX charges_month ON charges (account, month);

    -- How far the mentions of an account have been read.
    CREATE TABLE mention_cursor (
        account TEXT PRIMARY KEY,
        since TEXT NOT NULL,              -- the newest number that was read
        at INTEGER NOT NULL,
        gap_at INTEGER                    -- when there last were more than the platform keeps
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- Which draft has which words (daemon/store/texts.py): pairs of characters, without the texts themselves. Drafts up to `upto` are still
    -- to be taken in: those of a database from before.
    CREATE VIRTUAL TABLE drafts_text USING fts5 (body, content='', columnsize=0, tokenize='ascii');
    CREATE VIRTUAL TABLE drafts_named USING fts5 (name, content='', columnsize=0, tokenize='ascii');
    CREATE TABLE text_index (one INTEGER PRIMARY KEY CHECK (one = 1), upto INTEGER NOT NULL, folding TEXT NOT NULL) STRICT;
    INSERT INTO text_index SELECT 1, coalesce(max(id), 0), '' FROM drafts;

    -- What a filter asks for: what was found wrong, and whose it is.
    CREATE INDEX drafts_verdict ON drafts (verdict) WHERE verdict <> 'pass';
    CREATE INDEX drafts_author ON drafts (author);

    -- Filters under a name, and where each person's console was last: neither is in the record.
    CREATE TABLE saved_filters (
        login TEXT NOT NULL, name TEXT NOT NULL, words TEXT NOT NULL, sort TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (login, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE last_screens (
        login TEXT PRIMARY KEY, place TEXT NOT NULL, words TEXT NOT NULL, state TEXT NOT NULL, sort TEXT NOT NULL, draft INTEGER,
        at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    """,
    """
    -- A list by account is walked along an index, like every other.
    CREATE INDEX drafts_of_account ON drafts (account, state, changed_at DESC);
    DROP INDEX drafts_account;
    """,
    """
    -- The index of texts merges what it has gathered in steps of so many pages: small pages are small steps, for an act waits for them.
    INSERT INTO drafts_text (drafts_text, rank) VALUES ('pgsz', 1000);
    INSERT INTO drafts_named (drafts_named, rank) VALUES ('pgsz', 1000);
    """,
)
