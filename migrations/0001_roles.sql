-- Least privilege: who may do what in the ledger's database.
-- Roles belong to the whole cluster, so another database may have made them already.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['ledger_owner', 'ledger_writer', 'ledger_projector'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
        -- The login that migrates and serves acts as these roles by SET ROLE. Since PostgreSQL 16 whoever makes a role is
        -- its member without the right to act as it, so the grant is made in any case; a superuser needs none.
        IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
            EXECUTE format('GRANT %I TO %I', role_name, current_user);
        END IF;
    END LOOP;
END
$$;
