-- The grants already make the log append-only. On a single Postgres this trigger also refuses the owner;
-- a distributed Postgres that refuses triggers may leave this migration's objects out.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER tree_hashes_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON tree_hashes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
