-- The life of a plugin's version, how careful a company is with it, and what happened when one failed.

-- What was done to a plugin: uploaded, approved, retired or restored.
CREATE TABLE plugin_steps (
    company_id uuid NOT NULL,
    plugin_digest text NOT NULL,
    number bigint NOT NULL,
    step text NOT NULL,
    reason text NOT NULL,
    taken_by uuid NOT NULL,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, plugin_digest, number),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, taken_by) REFERENCES users (company_id, id)
);

-- The walls are let down for whoever migrates: it sees every company.
ALTER TABLE plugins NO FORCE ROW LEVEL SECURITY;
ALTER TABLE bindings NO FORCE ROW LEVEL SECURITY;

INSERT INTO plugin_steps (company_id, plugin_digest, number, step, reason, taken_by, taken_at)
SELECT company_id, digest, 1, 'uploaded', '', uploaded_by, uploaded_at FROM plugins;

-- A company without a row has the defaults of `host/domain/src/lifecycle.rs`. `approvers` are roles, parted by blanks.
CREATE TABLE plugin_policies (
    company_id uuid NOT NULL PRIMARY KEY REFERENCES companies (id),
    second_person boolean NOT NULL,
    approvers text NOT NULL,
    breaker_failures bigint NOT NULL,
    breaker_minutes bigint NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    FOREIGN KEY (company_id, changed_by) REFERENCES users (company_id, id)
);

-- `share` of 100 dealers; the others keep what held before. `on_failure` is refuse, last-good or base-price.
-- `automatic` when the breaker made it, in the name of who made the binding that it puts back.
ALTER TABLE bindings ADD COLUMN share bigint NOT NULL DEFAULT 100;
ALTER TABLE bindings ADD COLUMN on_failure text NOT NULL DEFAULT 'refuse';
ALTER TABLE bindings ADD COLUMN automatic boolean NOT NULL DEFAULT false;

-- What held before this rule went through upload and approval may go on to be used.
UPDATE plugins SET state = 'approved' WHERE state = 'verified' AND EXISTS (
    SELECT 1 FROM bindings b WHERE b.company_id = plugins.company_id AND b.plugin_digest = plugins.digest);

ALTER TABLE plugins FORCE ROW LEVEL SECURITY;
ALTER TABLE bindings FORCE ROW LEVEL SECURITY;

-- A binding that failed again and again. `restored_id` is the binding that took its place, if something held before.
CREATE TABLE incidents (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    opened_at timestamptz NOT NULL,
    binding_id uuid NOT NULL,
    restored_id uuid,
    failures bigint NOT NULL,
    error text NOT NULL,
    closed_by uuid,
    closed_at timestamptz,
    note text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, binding_id) REFERENCES bindings (company_id, id),
    FOREIGN KEY (company_id, restored_id) REFERENCES bindings (company_id, id),
    FOREIGN KEY (company_id, closed_by) REFERENCES users (company_id, id)
);
CREATE UNIQUE INDEX incidents_one_open ON incidents (company_id, binding_id) WHERE closed_at IS NULL;

CREATE INDEX rule_failures_by_binding ON rule_failures (company_id, binding_id, at);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON plugin_steps FOR EACH ROW EXECUTE FUNCTION refuse_change();

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['plugin_steps', 'plugin_policies', 'incidents'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_company ON %I
            USING (company_id = CAST(current_setting(''qudao.company'', true) AS uuid))', t);
    END LOOP;
END
$$;
