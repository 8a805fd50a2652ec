-- Keys that a company trusts, what they signed, and the history that came with an imported plugin.

-- `fingerprint` is the SHA-256 of the 32 bytes of an Ed25519 public key, in hex. A key is revoked, never deleted.
CREATE TABLE signing_keys (
    company_id uuid NOT NULL REFERENCES companies (id),
    fingerprint text NOT NULL,
    name text NOT NULL,
    public_key bytea NOT NULL,
    added_by uuid NOT NULL,
    added_at timestamptz NOT NULL,
    revoked_by uuid,
    revoked_at timestamptz,
    revoked_reason text NOT NULL,
    PRIMARY KEY (company_id, fingerprint),
    FOREIGN KEY (company_id, added_by) REFERENCES users (company_id, id),
    FOREIGN KEY (company_id, revoked_by) REFERENCES users (company_id, id)
);

-- `signature` is the 64 bytes of Ed25519 over the message of `host/app/src/signatures.rs`.
CREATE TABLE plugin_signatures (
    company_id uuid NOT NULL,
    plugin_digest text NOT NULL,
    fingerprint text NOT NULL,
    signature bytea NOT NULL,
    recorded_by uuid NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, plugin_digest, fingerprint),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, fingerprint) REFERENCES signing_keys (company_id, fingerprint),
    FOREIGN KEY (company_id, recorded_by) REFERENCES users (company_id, id)
);

-- What a plugin went through elsewhere, as JSON in the words of `host/app/src/exports/history.rs`. `sha256` is that of
-- source and history: the same history is kept once.
CREATE TABLE plugin_imports (
    company_id uuid NOT NULL,
    plugin_digest text NOT NULL,
    number bigint NOT NULL,
    source_code text NOT NULL,
    source_name text NOT NULL,
    exported_at timestamptz NOT NULL,
    history text NOT NULL,
    sha256 text NOT NULL,
    imported_by uuid NOT NULL,
    imported_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, plugin_digest, number),
    UNIQUE (company_id, plugin_digest, sha256),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, imported_by) REFERENCES users (company_id, id)
);

-- Whether a version is taken in and approved only with a signature by a key that is not revoked.
ALTER TABLE plugin_policies ADD COLUMN needs_signature boolean NOT NULL DEFAULT false;

CREATE FUNCTION refuse_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.revoked_at IS NOT NULL OR NEW.fingerprint <> OLD.fingerprint
        OR NEW.public_key <> OLD.public_key THEN
        RAISE EXCEPTION 'signing_keys are revoked once, never deleted, and nothing else changes';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER revoked_once BEFORE UPDATE OR DELETE ON signing_keys FOR EACH ROW EXECUTE FUNCTION refuse_key_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON plugin_signatures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON plugin_imports FOR EACH ROW EXECUTE FUNCTION refuse_change();

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['signing_keys', 'plugin_signatures', 'plugin_imports'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_company ON %I
            USING (company_id = CAST(current_setting(''qudao.company'', true) AS uuid))', t);
    END LOOP;
END
$$;
