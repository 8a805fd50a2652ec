-- The life of a plugin's version, how careful a company is with it, and what happened when one failed.

-- What was done to a plugin: uploaded, approved, retired or restored.
CREATE TABLE plugin_steps (
    company_id BLOB NOT NULL,
    plugin_digest TEXT NOT NULL,
    number INTEGER NOT NULL,
    step TEXT NOT NULL,
    reason TEXT NOT NULL,
    taken_by BLOB NOT NULL,
    taken_at TEXT NOT NULL,
    PRIMARY KEY (company_id, plugin_digest, number),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, taken_by) REFERENCES users (company_id, id)
) STRICT;

INSERT INTO plugin_steps (company_id, plugin_digest, number, step, reason, taken_by, taken_at)
SELECT company_id, digest, 1, 'uploaded', '', uploaded_by, uploaded_at FROM plugins;

-- A company without a row has the defaults of `host/domain/src/lifecycle.rs`. `approvers` are roles, parted by blanks.
CREATE TABLE plugin_policies (
    company_id BLOB NOT NULL PRIMARY KEY REFERENCES companies (id),
    second_person INTEGER NOT NULL,
    approvers TEXT NOT NULL,
    breaker_failures INTEGER NOT NULL,
    breaker_minutes INTEGER NOT NULL,
    changed_by BLOB NOT NULL,
    changed_at TEXT NOT NULL,
    FOREIGN KEY (company_id, changed_by) REFERENCES users (company_id, id)
) STRICT;

-- `share` of 100 dealers; the others keep what held before. `on_failure` is refuse, last-good or base-price.
-- `automatic` when the breaker made it, in the name of who made the binding that it puts back.
ALTER TABLE bindings ADD COLUMN share INTEGER NOT NULL DEFAULT 100;
ALTER TABLE bindings ADD COLUMN on_failure TEXT NOT NULL DEFAULT 'refuse';
ALTER TABLE bindings ADD COLUMN automatic INTEGER NOT NULL DEFAULT 0;

-- What held before this rule went through upload and approval may go on to be used.
UPDATE plugins SET state = 'approved' WHERE state = 'verified' AND EXISTS (
    SELECT 1 FROM bindings b WHERE b.company_id = plugins.company_id AND b.plugin_digest = plugins.digest);

-- A binding that failed again and again. `restored_id` is the binding that took its place, if something held before.
CREATE TABLE incidents (
    company_id BLOB NOT NULL,
    id BLOB NOT NULL,
    opened_at TEXT NOT NULL,
    binding_id BLOB NOT NULL,
    restored_id BLOB,
    failures INTEGER NOT NULL,
    error TEXT NOT NULL,
    closed_by BLOB,
    closed_at TEXT,
    note TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, binding_id) REFERENCES bindings (company_id, id),
    FOREIGN KEY (company_id, restored_id) REFERENCES bindings (company_id, id),
    FOREIGN KEY (company_id, closed_by) REFERENCES users (company_id, id)
) STRICT;
CREATE UNIQUE INDEX incidents_one_open ON incidents (company_id, binding_id) WHERE closed_at IS NULL;

CREATE INDEX rule_failures_by_binding ON rule_failures (company_id, binding_id, at);

CREATE TRIGGER plugin_steps_never_update BEFORE UPDATE ON plugin_steps BEGIN
    SELECT RAISE(ABORT, 'plugin_steps is append-only');
END;

CREATE TRIGGER plugin_steps_never_delete BEFORE DELETE ON plugin_steps BEGIN
    SELECT RAISE(ABORT, 'plugin_steps is append-only');
END;
