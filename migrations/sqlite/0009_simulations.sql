-- What a plugin and settings would have done to the orders of a range of days.

CREATE TABLE simulations (
    company_id BLOB NOT NULL,
    id BLOB NOT NULL,
    plugin_digest TEXT NOT NULL,
    revision_id BLOB NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    most_loss_minor INTEGER,
    most_cost_minor INTEGER,
    state TEXT NOT NULL,
    orders INTEGER NOT NULL,
    done INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    error TEXT NOT NULL,
    outcome TEXT,
    created_by BLOB NOT NULL,
    created_at TEXT NOT NULL,
    beat_at TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, plugin_digest) REFERENCES plugins (company_id, digest),
    FOREIGN KEY (company_id, revision_id) REFERENCES settings_revisions (company_id, id),
    FOREIGN KEY (company_id, created_by) REFERENCES users (company_id, id)
) STRICT;
CREATE INDEX simulations_by_plugin ON simulations (company_id, plugin_digest, id);

-- Whether a version is approved only after a simulation whose guards held.
ALTER TABLE plugin_policies ADD COLUMN needs_simulation INTEGER NOT NULL DEFAULT 0;
