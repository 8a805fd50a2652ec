-- Settlements and their statements, scorecards and their targets.

CREATE TABLE settlement_runs (
    company_id BLOB NOT NULL,
    id BLOB NOT NULL,
    program_id BLOB NOT NULL,
    period TEXT NOT NULL,
    number INTEGER NOT NULL,
    watermark INTEGER NOT NULL,
    facts INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    posted_minor INTEGER NOT NULL,
    postings INTEGER NOT NULL,
    statements INTEGER NOT NULL,
    currency TEXT NOT NULL,
    decision_id BLOB NOT NULL,
    run_by BLOB NOT NULL,
    run_at TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, program_id, period, number),
    FOREIGN KEY (company_id, program_id) REFERENCES programs (company_id, id),
    FOREIGN KEY (company_id, decision_id) REFERENCES decisions (company_id, id)
) STRICT;

-- A run writes a statement for a dealer when something is posted for it or its content changed.
CREATE TABLE statements (
    company_id BLOB NOT NULL,
    id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    program_id BLOB NOT NULL,
    period TEXT NOT NULL,
    dealer_id BLOB NOT NULL,
    total_minor INTEGER NOT NULL,
    posted_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    unpaid TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, run_id, dealer_id),
    FOREIGN KEY (company_id, run_id) REFERENCES settlement_runs (company_id, id),
    FOREIGN KEY (company_id, program_id) REFERENCES programs (company_id, id),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id)
) STRICT;
CREATE INDEX statements_by_dealer ON statements (company_id, dealer_id, id);
CREATE INDEX statements_by_program ON statements (company_id, program_id, period);

CREATE TABLE statement_lines (
    company_id BLOB NOT NULL,
    statement_id BLOB NOT NULL,
    line INTEGER NOT NULL,
    reason TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    basis TEXT NOT NULL,
    steps TEXT NOT NULL,
    PRIMARY KEY (company_id, statement_id, line),
    FOREIGN KEY (company_id, statement_id) REFERENCES statements (company_id, id)
) STRICT;

CREATE TABLE targets (
    company_id BLOB NOT NULL,
    dealer_id BLOB NOT NULL,
    period TEXT NOT NULL,
    metric TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (company_id, dealer_id, period, metric),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id)
) STRICT;

-- The latest scorecard of a dealer and period counts; earlier ones stay with their decisions.
CREATE TABLE scorecards (
    company_id BLOB NOT NULL,
    id BLOB NOT NULL,
    dealer_id BLOB NOT NULL,
    period TEXT NOT NULL,
    number INTEGER NOT NULL,
    total TEXT NOT NULL,
    grade TEXT NOT NULL,
    decision_id BLOB NOT NULL,
    scored_at TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, dealer_id, period, number),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, decision_id) REFERENCES decisions (company_id, id)
) STRICT;
CREATE INDEX scorecards_by_period ON scorecards (company_id, period);
