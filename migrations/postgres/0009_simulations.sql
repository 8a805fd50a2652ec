-- What a plugin and settings would have done to the orders of a range of days.

CREATE TABLE simulations (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    plugin_digest text NOT NULL,
    revision_id uuid NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    most_loss_minor bigint,
    most_cost_minor bigint,
    state text NOT NULL,
    orders bigint NOT NULL,
    done bigint NOT NULL,
    cancelled boolean NOT NULL,
    error text NOT NULL,
    outcome jsonb,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    beat_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, revision_id) REFERENCES settings_revisions (company_id, id),
    FOREIGN KEY (company_id, created_by) REFERENCES users (company_id, id)
);
CREATE INDEX simulations_by_plugin ON simulations (company_id, plugin_digest, id);

-- Whether a version is approved only after a simulation whose guards held.
ALTER TABLE plugin_policies ADD COLUMN needs_simulation boolean NOT NULL DEFAULT false;

ALTER TABLE simulations ENABLE ROW LEVEL SECURITY;
ALTER TABLE simulations FORCE ROW LEVEL SECURITY;
CREATE POLICY own_company ON simulations
    USING (company_id = CAST(current_setting('qudao.company', true) AS uuid));
