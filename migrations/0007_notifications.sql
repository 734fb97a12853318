-- Messages that something new is waiting: how far the ledger was read for them, and what is still to be delivered. Unlike a
-- read model this is never made again from the events: what was sent was sent. Ids and codes only: no address, no name,
-- no text, and no account of a family (a recipient stands here by the party of the case).

DO $$
BEGIN
    BEGIN
        CREATE ROLE ledger_notifier NOLOGIN;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT ledger_notifier TO %I', current_user);
    END IF;
END
$$;

-- How far a tenant's ledger was read. The row is also the lease of the one server that does it: nobody else moves it before
-- `held_until`, by the database's time.
CREATE TABLE notification_subscribers (
    tenant_id     text        NOT NULL,
    next_position bigint      NOT NULL CHECK (next_position >= 0),
    holder        text        NOT NULL,
    held_until    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id)
) WITH (fillfactor = 50);

-- The last day of each system, in its time zone, whose dated notices were planned.
CREATE TABLE notification_days (
    tenant_id    text NOT NULL,
    profile      text NOT NULL,
    told_through date NOT NULL,
    PRIMARY KEY (tenant_id, profile)
);

-- One row a message. The id follows from what caused it and for whom it is, so that nothing is planned twice.
CREATE TABLE notification_deliveries (
    tenant_id       text        NOT NULL,
    delivery_id     text        COLLATE "C" NOT NULL,
    channel         text        NOT NULL CHECK (channel IN ('email', 'webhook')),
    kind            text        NOT NULL,
    profile         text        NOT NULL,
    case_id         text        NOT NULL,
    section         text        NOT NULL,
    party_id        text,
    webhook_id      text,
    cause           text        NOT NULL,
    due_on          date,
    state           text        NOT NULL CHECK (state IN ('waiting', 'sent', 'withheld', 'dead')),
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    planned_at      timestamptz NOT NULL,
    settled_at      timestamptz,
    outcome         text,
    PRIMARY KEY (tenant_id, delivery_id)
);
CREATE INDEX notification_deliveries_waiting
    ON notification_deliveries (tenant_id, next_attempt_at) WHERE state = 'waiting';
CREATE INDEX notification_deliveries_dead
    ON notification_deliveries (tenant_id, delivery_id) WHERE state = 'dead';
CREATE INDEX notification_deliveries_by_case ON notification_deliveries (tenant_id, case_id);

-- A role of its own: who sends messages has no business in the ledger's tables or in the read models.
GRANT SELECT, INSERT, UPDATE ON notification_subscribers TO ledger_notifier;
GRANT SELECT, INSERT, UPDATE ON notification_days TO ledger_notifier;
GRANT SELECT, INSERT, UPDATE, DELETE ON notification_deliveries TO ledger_notifier;

ALTER TABLE notification_subscribers OWNER TO ledger_owner;
ALTER TABLE notification_days OWNER TO ledger_owner;
ALTER TABLE notification_deliveries OWNER TO ledger_owner;
