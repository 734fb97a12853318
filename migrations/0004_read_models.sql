-- Read models: what can always be made again from the events. Every table begins with the tenant and the
-- generation, so that a second filling can grow beside the one that answers queries. No content, ever.

-- Each filling of a read model, and how far it has read. One of them is live; while the read model is rebuilt another
-- is filling; a retired one waits for its rows to be deleted. The row is also the lock of whoever fills it.
CREATE TABLE projection_generations (
    tenant_id     text    NOT NULL,
    projection    text    NOT NULL,
    generation    bigint  NOT NULL CHECK (generation > 0),
    state         text    NOT NULL CHECK (state IN ('filling', 'live', 'retired')),
    version       integer NOT NULL,
    next_position bigint  NOT NULL CHECK (next_position >= 0),
    PRIMARY KEY (tenant_id, projection, generation)
);
-- The database itself sees to it that one generation answers and one is filled, whatever several servers attempt.
CREATE UNIQUE INDEX projection_generations_live
    ON projection_generations (tenant_id, projection) WHERE state = 'live';
CREATE UNIQUE INDEX projection_generations_filling
    ON projection_generations (tenant_id, projection) WHERE state = 'filling';

-- Cases by what leads to them. Their identifiers sort by age, byte by byte.
CREATE TABLE case_list (
    tenant_id     text        NOT NULL,
    generation    bigint      NOT NULL,
    case_id       text        COLLATE "C" NOT NULL,
    profile       text        NOT NULL,
    unit          text        NOT NULL,
    status        text        NOT NULL,
    opened_at     timestamptz NOT NULL,
    closed_at     timestamptz,
    last_position bigint      NOT NULL,
    PRIMARY KEY (tenant_id, generation, case_id)
);
CREATE INDEX case_list_by_unit ON case_list (tenant_id, generation, unit, case_id);

-- Members of staff who take part now. A family's accounts are content and never stand here.
CREATE TABLE case_list_members (
    tenant_id  text   NOT NULL,
    generation bigint NOT NULL,
    case_id    text   COLLATE "C" NOT NULL,
    party_id   text   NOT NULL,
    account_id text   NOT NULL,
    role       text   NOT NULL,
    service    text,
    PRIMARY KEY (tenant_id, generation, case_id, party_id)
);
CREATE INDEX case_list_members_by_account
    ON case_list_members (tenant_id, generation, account_id, case_id);

-- Who saw what, and who was refused.
CREATE TABLE case_views (
    tenant_id   text        NOT NULL,
    generation  bigint      NOT NULL,
    position    bigint      NOT NULL,
    case_id     text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    account_id  text,
    party_id    text,
    event_type  text        NOT NULL,
    PRIMARY KEY (tenant_id, generation, position)
);
CREATE INDEX case_views_by_case ON case_views (tenant_id, generation, case_id, position);
CREATE INDEX case_views_by_account
    ON case_views (tenant_id, generation, account_id, position) WHERE account_id IS NOT NULL;

-- Only the projector touches read models: the writer, who may append to the log, has no business here.
GRANT SELECT, INSERT, UPDATE, DELETE ON projection_generations TO ledger_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON case_list TO ledger_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON case_list_members TO ledger_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON case_views TO ledger_projector;

ALTER TABLE projection_generations OWNER TO ledger_owner;
ALTER TABLE case_list OWNER TO ledger_owner;
ALTER TABLE case_list_members OWNER TO ledger_owner;
ALTER TABLE case_views OWNER TO ledger_owner;
