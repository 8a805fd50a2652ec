-- What was recorded is never changed, and no row of one company is seen from another.

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

DO $$
DECLARE
    append_only text[] := ARRAY['facts', 'entries', 'postings', 'decisions', 'blobs', 'settings_revisions', 'audit',
        'outbox', 'order_events', 'shipments', 'shipment_lines', 'statements', 'statement_lines', 'settlement_runs'];
    infrastructure text[] := ARRAY['companies', 'sessions', 'api_tokens', 'login_attempts', '_sqlx_migrations'];
    t text;
BEGIN
    FOREACH t IN ARRAY append_only LOOP
        EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON %I
            FOR EACH ROW EXECUTE FUNCTION refuse_change()', t);
    END LOOP;
    FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
        IF NOT t = ANY (infrastructure) THEN
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
            EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
            EXECUTE format('CREATE POLICY own_company ON %I
                USING (company_id = CAST(current_setting(''qudao.company'', true) AS uuid))', t);
        END IF;
    END LOOP;
END
$$;
