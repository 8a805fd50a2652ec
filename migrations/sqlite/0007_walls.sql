-- What was recorded is never changed. (The wall between companies is Postgres's row-level security; here
-- every query names its company, and every key carries it.)

CREATE TRIGGER facts_never_update BEFORE UPDATE ON facts BEGIN
    SELECT RAISE(ABORT, 'facts is append-only');
END;

CREATE TRIGGER facts_never_delete BEFORE DELETE ON facts BEGIN
    SELECT RAISE(ABORT, 'facts is append-only');
END;

CREATE TRIGGER entries_never_update BEFORE UPDATE ON entries BEGIN
    SELECT RAISE(ABORT, 'entries is append-only');
END;

CREATE TRIGGER entries_never_delete BEFORE DELETE ON entries BEGIN
    SELECT RAISE(ABORT, 'entries is append-only');
END;

CREATE TRIGGER postings_never_update BEFORE UPDATE ON postings BEGIN
    SELECT RAISE(ABORT, 'postings is append-only');
END;

CREATE TRIGGER postings_never_delete BEFORE DELETE ON postings BEGIN
    SELECT RAISE(ABORT, 'postings is append-only');
END;

CREATE TRIGGER decisions_never_update BEFORE UPDATE ON decisions BEGIN
    SELECT RAISE(ABORT, 'decisions is append-only');
END;

CREATE TRIGGER decisions_never_delete BEFORE DELETE ON decisions BEGIN
    SELECT RAISE(ABORT, 'decisions is append-only');
END;

CREATE TRIGGER blobs_never_update BEFORE UPDATE ON blobs BEGIN
    SELECT RAISE(ABORT, 'blobs is append-only');
END;

CREATE TRIGGER blobs_never_delete BEFORE DELETE ON blobs BEGIN
    SELECT RAISE(ABORT, 'blobs is append-only');
END;

CREATE TRIGGER settings_revisions_never_update BEFORE UPDATE ON settings_revisions BEGIN
    SELECT RAISE(ABORT, 'settings_revisions is append-only');
END;

CREATE TRIGGER settings_revisions_never_delete BEFORE DELETE ON settings_revisions BEGIN
    SELECT RAISE(ABORT, 'settings_revisions is append-only');
END;

CREATE TRIGGER audit_never_update BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'audit is append-only');
END;

CREATE TRIGGER audit_never_delete BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'audit is append-only');
END;

CREATE TRIGGER outbox_never_update BEFORE UPDATE ON outbox BEGIN
    SELECT RAISE(ABORT, 'outbox is append-only');
END;

CREATE TRIGGER outbox_never_delete BEFORE DELETE ON outbox BEGIN
    SELECT RAISE(ABORT, 'outbox is append-only');
END;

CREATE TRIGGER order_events_never_update BEFORE UPDATE ON order_events BEGIN
    SELECT RAISE(ABORT, 'order_events is append-only');
END;

CREATE TRIGGER order_events_never_delete BEFORE DELETE ON order_events BEGIN
    SELECT RAISE(ABORT, 'order_events is append-only');
END;

CREATE TRIGGER shipments_never_update BEFORE UPDATE ON shipments BEGIN
    SELECT RAISE(ABORT, 'shipments is append-only');
END;

CREATE TRIGGER shipments_never_delete BEFORE DELETE ON shipments BEGIN
    SELECT RAISE(ABORT, 'shipments is append-only');
END;

CREATE TRIGGER shipment_lines_never_update BEFORE UPDATE ON shipment_lines BEGIN
    SELECT RAISE(ABORT, 'shipment_lines is append-only');
END;

CREATE TRIGGER shipment_lines_never_delete BEFORE DELETE ON shipment_lines BEGIN
    SELECT RAISE(ABORT, 'shipment_lines is append-only');
END;

CREATE TRIGGER statements_never_update BEFORE UPDATE ON statements BEGIN
    SELECT RAISE(ABORT, 'statements is append-only');
END;

CREATE TRIGGER statements_never_delete BEFORE DELETE ON statements BEGIN
    SELECT RAISE(ABORT, 'statements is append-only');
END;

CREATE TRIGGER statement_lines_never_update BEFORE UPDATE ON statement_lines BEGIN
    SELECT RAISE(ABORT, 'statement_lines is append-only');
END;

CREATE TRIGGER statement_lines_never_delete BEFORE DELETE ON statement_lines BEGIN
    SELECT RAISE(ABORT, 'statement_lines is append-only');
END;

CREATE TRIGGER settlement_runs_never_update BEFORE UPDATE ON settlement_runs BEGIN
    SELECT RAISE(ABORT, 'settlement_runs is append-only');
END;

CREATE TRIGGER settlement_runs_never_delete BEFORE DELETE ON settlement_runs BEGIN
    SELECT RAISE(ABORT, 'settlement_runs is append-only');
END;
