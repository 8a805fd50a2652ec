-- Plugins, their settings, which of them hold when, and every evaluation that decided something.

CREATE TABLE plugins (
    company_id uuid NOT NULL REFERENCES companies (id),
    digest text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    contract text NOT NULL,
    descriptor jsonb NOT NULL,
    report jsonb NOT NULL,
    component bytea NOT NULL,
    state text NOT NULL,
    uploaded_by uuid NOT NULL,
    uploaded_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, digest),
    FOREIGN KEY (company_id, uploaded_by) REFERENCES users (company_id, id)
);

-- Immutable: a change is a new revision. `settings` is text, since its bytes are what the plugin reads.
CREATE TABLE settings_revisions (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    plugin_digest text NOT NULL,
    number bigint NOT NULL,
    settings text NOT NULL,
    note text NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, plugin_digest, number),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, created_by) REFERENCES users (company_id, id)
);

CREATE TABLE programs (
    company_id uuid NOT NULL REFERENCES companies (id),
    id uuid NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    calendar text NOT NULL,
    budget_minor bigint,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, code)
);

-- `scope_value` is a region, a tier or a dealer's code, empty for the company. `program_id` is set for incentives.
-- The latest `effective_from` that has come holds; two for one moment are refused.
CREATE TABLE bindings (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    program_id uuid,
    scope_kind text NOT NULL,
    scope_value text NOT NULL,
    plugin_digest text NOT NULL,
    revision_id uuid NOT NULL,
    effective_from timestamptz NOT NULL,
    reason text NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, program_id) REFERENCES programs (company_id, id),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, revision_id) REFERENCES settings_revisions (company_id, id),
    FOREIGN KEY (company_id, created_by) REFERENCES users (company_id, id)
);
CREATE UNIQUE INDEX bindings_no_tie ON bindings
    (company_id, kind, COALESCE(CAST(program_id AS text), ''), scope_kind, scope_value, effective_from);

-- Inputs and outputs too large for their decision's row, by the SHA-256 of their bytes.
CREATE TABLE blobs (
    company_id uuid NOT NULL REFERENCES companies (id),
    hash text NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (company_id, hash)
);

CREATE TABLE decisions (
    company_id uuid NOT NULL REFERENCES companies (id),
    id uuid NOT NULL,
    kind text NOT NULL,
    outcome text NOT NULL,
    subject text NOT NULL,
    plugin_digest text NOT NULL,
    contract text NOT NULL,
    revision_id uuid NOT NULL,
    binding_id uuid NOT NULL,
    engine text NOT NULL,
    made_for timestamptz NOT NULL,
    made_at timestamptz NOT NULL,
    input bytea,
    input_hash text NOT NULL,
    output bytea,
    output_hash text NOT NULL,
    fuel bigint NOT NULL,
    elapsed_us bigint NOT NULL,
    parent_id uuid,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, revision_id) REFERENCES settings_revisions (company_id, id),
    FOREIGN KEY (company_id, binding_id) REFERENCES bindings (company_id, id)
);
CREATE INDEX decisions_by_plugin ON decisions (company_id, plugin_digest, id);

-- Evaluations that failed (trap, out of fuel, deadline, memory, bad answer): nothing was decided by them.
CREATE TABLE rule_failures (
    company_id uuid NOT NULL REFERENCES companies (id),
    id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    plugin_digest text NOT NULL,
    revision_id uuid NOT NULL,
    binding_id uuid NOT NULL,
    at timestamptz NOT NULL,
    error text NOT NULL,
    detail text NOT NULL,
    backtrace text,
    input_hash text NOT NULL,
    input bytea,
    fuel bigint NOT NULL,
    elapsed_us bigint NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest)
);
CREATE INDEX rule_failures_by_plugin ON rule_failures (company_id, plugin_digest, id);
