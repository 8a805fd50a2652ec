-- Keys that a company trusts, what they signed, and the history that came with an imported plugin.

-- `fingerprint` is the SHA-256 of the 32 bytes of an Ed25519 public key, in hex. A key is revoked, never deleted.
CREATE TABLE signing_keys (
    company_id BLOB NOT NULL REFERENCES companies (id),
    fingerprint TEXT NOT NULL,
    name TEXT NOT NULL,
    public_key BLOB NOT NULL,
    added_by BLOB NOT NULL,
    added_at TEXT NOT NULL,
    revoked_by BLOB,
    revoked_at TEXT,
    revoked_reason TEXT NOT NULL,
    PRIMARY KEY (company_id, fingerprint),
    FOREIGN KEY (company_id, added_by) REFERENCES users (company_id, id),
    FOREIGN KEY (company_id, revoked_by) REFERENCES users (company_id, id)
) STRICT;

-- `signature` is the 64 bytes of Ed25519 over the message of `host/app/src/signatures.rs`.
CREATE TABLE plugin_signatures (
    company_id BLOB NOT NULL,
    plugin_digest TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    signature BLOB NOT NULL,
    recorded_by BLOB NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (company_id, plugin_digest, fingerprint),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, fingerprint) REFERENCES signing_keys (company_id, fingerprint),
    FOREIGN KEY (company_id, recorded_by) REFERENCES users (company_id, id)
) STRICT;

-- What a plugin went through elsewhere, as JSON in the words of `host/app/src/exports/history.rs`. `sha256` is that of
-- source and history: the same history is kept once.
CREATE TABLE plugin_imports (
    company_id BLOB NOT NULL,
    plugin_digest TEXT NOT NULL,
    number INTEGER NOT NULL,
    source_code TEXT NOT NULL,
    source_name TEXT NOT NULL,
    exported_at TEXT NOT NULL,
    history TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    imported_by BLOB NOT NULL,
    imported_at TEXT NOT NULL,
    PRIMARY KEY (company_id, plugin_digest, number),
    UNIQUE (company_id, plugin_digest, sha256),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, imported_by) REFERENCES users (company_id, id)
) STRICT;

-- Whether a version is taken in and approved only with a signature by a key that is not revoked.
ALTER TABLE plugin_policies ADD COLUMN needs_signature INTEGER NOT NULL DEFAULT 0;

CREATE TRIGGER signing_keys_never_delete BEFORE DELETE ON signing_keys BEGIN
    SELECT RAISE(ABORT, 'signing_keys are revoked, never deleted');
END;

CREATE TRIGGER signing_keys_revoked_once BEFORE UPDATE ON signing_keys
WHEN OLD.revoked_at IS NOT NULL OR NEW.fingerprint <> OLD.fingerprint OR NEW.public_key <> OLD.public_key BEGIN
    SELECT RAISE(ABORT, 'signing_keys are revoked once, and nothing else changes');
END;

CREATE TRIGGER plugin_signatures_never_update BEFORE UPDATE ON plugin_signatures BEGIN
    SELECT RAISE(ABORT, 'plugin_signatures is append-only');
END;

CREATE TRIGGER plugin_signatures_never_delete BEFORE DELETE ON plugin_signatures BEGIN
    SELECT RAISE(ABORT, 'plugin_signatures is append-only');
END;

CREATE TRIGGER plugin_imports_never_update BEFORE UPDATE ON plugin_imports BEGIN
    SELECT RAISE(ABORT, 'plugin_imports is append-only');
END;

CREATE TRIGGER plugin_imports_never_delete BEFORE DELETE ON plugin_imports BEGIN
    SELECT RAISE(ABORT, 'plugin_imports is append-only');
END;
