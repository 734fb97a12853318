-- The ledger itself. `tenant_id` leads every key: nothing orders events across tenants, so each can live
-- on a node of its own. No foreign keys, sequences or triggers carry correctness.

-- The end of each tenant's ledger; locking this row is what orders appends.
CREATE TABLE ledger_heads (
    tenant_id   text        NOT NULL,
    size        bigint      NOT NULL CHECK (size >= 0),
    root        bytea       NOT NULL,
    frontier    bytea       NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id)
) WITH (fillfactor = 50);

-- One row an event. `envelope` is JSON in UTF-8, stored as it was written and never encoded again.
CREATE TABLE events (
    tenant_id  text   NOT NULL,
    position   bigint NOT NULL CHECK (position >= 0),
    stream     text   COLLATE "C" NOT NULL,
    version    bigint NOT NULL CHECK (version > 0),
    account_id text,
    envelope   bytea  NOT NULL,
    salt       bytea  NOT NULL,
    leaf_entry bytea  NOT NULL,
    PRIMARY KEY (tenant_id, position),
    UNIQUE (tenant_id, stream, version)
);

-- What one member of staff did.
CREATE INDEX events_by_account ON events (tenant_id, account_id, position) WHERE account_id IS NOT NULL;

-- The sealed half of an event; deleted by redaction and erasure.
CREATE TABLE event_contents (
    tenant_id  text   NOT NULL,
    position   bigint NOT NULL,
    key_id     text   NOT NULL,
    ciphertext bytea  NOT NULL,
    PRIMARY KEY (tenant_id, position)
);

-- Roots of the complete subtrees of 2^8, 2^16, … leaves, from which proofs are made.
CREATE TABLE tree_hashes (
    tenant_id text     NOT NULL,
    level     smallint NOT NULL,
    index     bigint   NOT NULL,
    hash      bytea    NOT NULL,
    PRIMARY KEY (tenant_id, level, index)
);

-- Keyed digests of national ids and of family members' accounts, by which a case is found again.
CREATE TABLE lookups (
    tenant_id text  NOT NULL,
    index     bytea NOT NULL,
    case_id   text  NOT NULL,
    party_id  text  NOT NULL,
    PRIMARY KEY (tenant_id, index, case_id, party_id)
);
CREATE INDEX lookups_by_case ON lookups (tenant_id, case_id);

-- Requests that may be repeated: keyed digests and positions, never a body or an answer.
CREATE TABLE idempotency (
    tenant_id   text        NOT NULL,
    account_id  text        NOT NULL,
    key         bytea       NOT NULL,
    request     bytea       NOT NULL,
    first       bigint      NOT NULL,
    count       bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, account_id, key)
);

-- Documents' bodies, sealed in pieces under a key of their own.
CREATE TABLE document_chunks (
    tenant_id   text    NOT NULL,
    document_id text    NOT NULL,
    index       integer NOT NULL CHECK (index >= 0),
    ciphertext  bytea   NOT NULL,
    PRIMARY KEY (tenant_id, document_id, index)
);
ALTER TABLE document_chunks ALTER COLUMN ciphertext SET STORAGE EXTERNAL;

-- Signed heads as they are served: the newest of each tenant under `latest`, and those that carry the signatures
-- of two keys under `rotation-<number>`.
CREATE TABLE published_heads (
    tenant_id   text   NOT NULL,
    name        text   NOT NULL,
    size        bigint NOT NULL,
    signed_head text   NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

-- The writer may add to the log and read it; it can never change or remove an event.
GRANT SELECT, INSERT ON events TO ledger_writer;
GRANT SELECT, INSERT, UPDATE ON ledger_heads TO ledger_writer;
GRANT SELECT, INSERT ON tree_hashes TO ledger_writer;
GRANT SELECT, INSERT, DELETE ON event_contents TO ledger_writer;
GRANT SELECT, INSERT, DELETE ON lookups TO ledger_writer;
GRANT SELECT, INSERT, DELETE ON idempotency TO ledger_writer;
GRANT SELECT, INSERT, DELETE ON document_chunks TO ledger_writer;
GRANT SELECT, INSERT, UPDATE ON published_heads TO ledger_writer;

-- The projector reads envelopes and never a content.
GRANT SELECT ON events TO ledger_projector;
GRANT SELECT ON ledger_heads TO ledger_projector;

ALTER TABLE ledger_heads OWNER TO ledger_owner;
ALTER TABLE events OWNER TO ledger_owner;
ALTER TABLE event_contents OWNER TO ledger_owner;
ALTER TABLE tree_hashes OWNER TO ledger_owner;
ALTER TABLE lookups OWNER TO ledger_owner;
ALTER TABLE idempotency OWNER TO ledger_owner;
ALTER TABLE document_chunks OWNER TO ledger_owner;
ALTER TABLE published_heads OWNER TO ledger_owner;
