-- Evaluations that decided nothing: every one that failed, and a sample of those that answered. Kept for some days.

ALTER TABLE rule_failures RENAME TO runs;
ALTER TABLE runs RENAME COLUMN error TO outcome;
ALTER TABLE runs ADD COLUMN dealer TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN output BLOB;
CREATE INDEX runs_by_dealer ON runs (company_id, dealer, id);

CREATE TABLE run_policies (
    company_id BLOB NOT NULL PRIMARY KEY REFERENCES companies (id),
    keep_days INTEGER NOT NULL,
    sample_per_mille INTEGER NOT NULL,
    changed_by BLOB NOT NULL,
    changed_at TEXT NOT NULL,
    FOREIGN KEY (company_id, changed_by) REFERENCES users (company_id, id)
) STRICT;
