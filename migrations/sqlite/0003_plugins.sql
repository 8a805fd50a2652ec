-- Plugins, their settings, which of them hold when, and every evaluation that decided something.

CREATE TABLE plugins (
    company_id BLOB NOT NULL REFERENCES companies (id),
    digest TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    contract TEXT NOT NULL,
    descriptor TEXT NOT NULL,
    report TEXT NOT NULL,
    component BLOB NOT NULL,
    state TEXT NOT NULL,
    uploaded_by BLOB NOT NULL,
    uploaded_at TEXT NOT NULL,
    PRIMARY KEY (company_id, digest),
    FOREIGN KEY (company_id, uploaded_by) REFERENCES users (company_id, id)
) STRICT;

-- Immutable: a change is a new revision. `settings` is text, since its bytes are what the plugin reads.
CREATE TABLE settings_revisions (
    company_id BLOB NOT NULL,
    id BLOB NOT NULL,
    plugin_digest TEXT NOT NULL,
    number INTEGER NOT NULL,
    settings TEXT NOT NULL,
    note TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, plugin_digest, number),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, created_by) REFERENCES users (company_id, id)
) STRICT;

CREATE TABLE programs (
    company_id BLOB NOT NULL REFERENCES companies (id),
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    calendar TEXT NOT NULL,
    budget_minor INTEGER,
    created_at TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, code)
) STRICT;

-- `scope_value` is a region, a tier or a dealer's code, empty for the company. `program_id` is set for incentives.
-- The latest `effective_from` that has come holds; two for one moment are refused.
CREATE TABLE bindings (
    company_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    program_id BLOB,
    scope_kind TEXT NOT NULL,
    scope_value TEXT NOT NULL,
    plugin_digest TEXT NOT NULL,
    revision_id BLOB NOT NULL,
    effective_from TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_by BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, program_id) REFERENCES programs (company_id, id),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, revision_id) REFERENCES settings_revisions (company_id, id),
    FOREIGN KEY (company_id, created_by) REFERENCES users (company_id, id)
) STRICT;
CREATE UNIQUE INDEX bindings_no_tie ON bindings
    (company_id, kind, COALESCE(hex(program_id), ''), scope_kind, scope_value, effective_from);

-- Inputs and outputs too large for their decision's row, by the SHA-256 of their bytes.
CREATE TABLE blobs (
    company_id BLOB NOT NULL REFERENCES companies (id),
    hash TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (company_id, hash)
) STRICT;

CREATE TABLE decisions (
    company_id BLOB NOT NULL REFERENCES companies (id),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    subject TEXT NOT NULL,
    plugin_digest TEXT NOT NULL,
    contract TEXT NOT NULL,
    revision_id BLOB NOT NULL,
    binding_id BLOB NOT NULL,
    engine TEXT NOT NULL,
    made_for TEXT NOT NULL,
    made_at TEXT NOT NULL,
    input BLOB,
    input_hash TEXT NOT NULL,
    output BLOB,
    output_hash TEXT NOT NULL,
    fuel INTEGER NOT NULL,
    elapsed_us INTEGER NOT NULL,
    parent_id BLOB,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, revision_id) REFERENCES settings_revisions (company_id, id),
    FOREIGN KEY (company_id, binding_id) REFERENCES bindings (company_id, id)
) STRICT;
CREATE INDEX decisions_by_plugin ON decisions (company_id, plugin_digest, id);

-- Evaluations that failed (trap, out of fuel, deadline, memory, bad answer): nothing was decided by them.
CREATE TABLE rule_failures (
    company_id BLOB NOT NULL REFERENCES companies (id),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    plugin_digest TEXT NOT NULL,
    revision_id BLOB NOT NULL,
    binding_id BLOB NOT NULL,
    at TEXT NOT NULL,
    error TEXT NOT NULL,
    detail TEXT NOT NULL,
    backtrace TEXT,
    input_hash TEXT NOT NULL,
    input BLOB,
    fuel INTEGER NOT NULL,
    elapsed_us INTEGER NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest)
) STRICT;
CREATE INDEX rule_failures_by_plugin ON rule_failures (company_id, plugin_digest, id);
