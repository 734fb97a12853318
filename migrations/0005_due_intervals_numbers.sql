-- Three more read models: what is due, intervals of access, numbers. As in 0004: tenant and generation lead every key,
-- facts alone, no account of a family, and whatever leads to an erased case goes with it.

-- The cases in which something can wait: whether they are worked in, and when their situation last changed (V27).
CREATE TABLE due_cases (
    tenant_id        text    NOT NULL,
    generation       bigint  NOT NULL,
    case_id          text    COLLATE "C" NOT NULL,
    profile          text    NOT NULL,
    is_open          boolean NOT NULL,
    changed_position bigint,
    PRIMARY KEY (tenant_id, generation, case_id)
);

-- Consents that stand: given, and neither withdrawn nor invalid nor renewed. When they are to be renewed, and whether
-- anew after a change, the rule book says at the time of the question.
CREATE TABLE due_consents (
    tenant_id      text        NOT NULL,
    generation     bigint      NOT NULL,
    case_id        text        COLLATE "C" NOT NULL,
    consent_id     text        COLLATE "C" NOT NULL,
    consent_kind   text        NOT NULL,
    party_id       text        NOT NULL,
    given_position bigint      NOT NULL,
    given_at       timestamptz NOT NULL,
    valid_from     date,
    valid_through  date,
    PRIMARY KEY (tenant_id, generation, case_id, consent_id)
);

-- Everything else that waits in a case, one row a thing; on a day, at a moment, or undated.
CREATE TABLE due_items (
    tenant_id  text   NOT NULL,
    generation bigint NOT NULL,
    case_id    text   COLLATE "C" NOT NULL,
    kind       text   COLLATE "C" NOT NULL,
    item_id    text   COLLATE "C" NOT NULL,
    party_id   text,
    due_on     date,
    due_at     timestamptz,
    PRIMARY KEY (tenant_id, generation, case_id, kind, item_id)
);

-- Agreements of organisations that have a last day.
CREATE TABLE due_agreements (
    tenant_id       text   NOT NULL,
    generation      bigint NOT NULL,
    organisation_id text   COLLATE "C" NOT NULL,
    agreement_id    text   COLLATE "C" NOT NULL,
    agreement_kind  text   NOT NULL,
    valid_through   date   NOT NULL,
    PRIMARY KEY (tenant_id, generation, organisation_id, agreement_id)
);
CREATE INDEX due_agreements_by_day
    ON due_agreements (tenant_id, generation, valid_through, organisation_id, agreement_id);

-- From when until when somebody took part, a consent covered, a role was held, a unit was responsible, the glass was
-- broken.
CREATE TABLE access_intervals (
    tenant_id      text        NOT NULL,
    generation     bigint      NOT NULL,
    kind           text        NOT NULL,
    subject_id     text        NOT NULL,
    from_position  bigint      NOT NULL,
    case_id        text        COLLATE "C",
    account_id     text,
    party_id       text,
    unit           text,
    role           text,
    consent_kind   text,
    from_at        timestamptz NOT NULL,
    valid_from     date,
    valid_through  date,
    expires_at     timestamptz,
    until_position bigint,
    until_at       timestamptz,
    ended_by       text,
    PRIMARY KEY (tenant_id, generation, kind, subject_id, from_position)
);
CREATE INDEX access_intervals_by_case
    ON access_intervals (tenant_id, generation, case_id, from_position) WHERE case_id IS NOT NULL;
CREATE INDEX access_intervals_by_account
    ON access_intervals (tenant_id, generation, account_id, from_position) WHERE account_id IS NOT NULL;

-- What the numbers are counted from: one row a case, a measure that ended, a consent that was withdrawn.
CREATE TABLE numbers_cases (
    tenant_id        text        NOT NULL,
    generation       bigint      NOT NULL,
    case_id          text        NOT NULL,
    profile          text        NOT NULL,
    unit             text        NOT NULL,
    status           text        NOT NULL,
    opened_at        timestamptz NOT NULL,
    first_measure_at timestamptz,
    PRIMARY KEY (tenant_id, generation, case_id)
);
CREATE INDEX numbers_cases_by_unit ON numbers_cases (tenant_id, generation, profile, unit);

CREATE TABLE numbers_measures (
    tenant_id  text   NOT NULL,
    generation bigint NOT NULL,
    case_id    text   NOT NULL,
    measure_id text   NOT NULL,
    effect     text   NOT NULL,
    PRIMARY KEY (tenant_id, generation, case_id, measure_id)
);

CREATE TABLE numbers_withdrawals (
    tenant_id    text   NOT NULL,
    generation   bigint NOT NULL,
    case_id      text   NOT NULL,
    consent_id   text   NOT NULL,
    PRIMARY KEY (tenant_id, generation, case_id, consent_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON due_cases TO ledger_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON due_consents TO ledger_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON due_items TO ledger_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON due_agreements TO ledger_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON access_intervals TO ledger_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON numbers_cases TO ledger_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON numbers_measures TO ledger_projector;
GRANT SELECT, INSERT, UPDATE, DELETE ON numbers_withdrawals TO ledger_projector;

ALTER TABLE due_cases OWNER TO ledger_owner;
ALTER TABLE due_consents OWNER TO ledger_owner;
ALTER TABLE due_items OWNER TO ledger_owner;
ALTER TABLE due_agreements OWNER TO ledger_owner;
ALTER TABLE access_intervals OWNER TO ledger_owner;
ALTER TABLE numbers_cases OWNER TO ledger_owner;
ALTER TABLE numbers_measures OWNER TO ledger_owner;
ALTER TABLE numbers_withdrawals OWNER TO ledger_owner;
