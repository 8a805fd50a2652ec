-- Evaluations that decided nothing: every one that failed, and a sample of those that answered. Kept for some days.

ALTER TABLE rule_failures RENAME TO runs;
ALTER TABLE runs RENAME COLUMN error TO outcome;
ALTER TABLE runs ADD COLUMN dealer text NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN output bytea;
CREATE INDEX runs_by_dealer ON runs (company_id, dealer, id);

CREATE TABLE run_policies (
    company_id uuid NOT NULL PRIMARY KEY REFERENCES companies (id),
    keep_days bigint NOT NULL,
    sample_per_mille bigint NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    FOREIGN KEY (company_id, changed_by) REFERENCES users (company_id, id)
);

ALTER TABLE run_policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE run_policies FORCE ROW LEVEL SECURITY;
CREATE POLICY own_company ON run_policies
    USING (company_id = CAST(current_setting('qudao.company', true) AS uuid));
