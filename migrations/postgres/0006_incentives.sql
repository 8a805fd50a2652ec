-- Settlements and their statements, scorecards and their targets.

CREATE TABLE settlement_runs (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    program_id uuid NOT NULL,
    period text NOT NULL,
    number bigint NOT NULL,
    watermark bigint NOT NULL,
    facts bigint NOT NULL,
    total_minor bigint NOT NULL,
    posted_minor bigint NOT NULL,
    postings bigint NOT NULL,
    statements bigint NOT NULL,
    currency text NOT NULL,
    decision_id uuid NOT NULL,
    run_by uuid NOT NULL,
    run_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, program_id, period, number),
    FOREIGN KEY (company_id, program_id) REFERENCES programs (company_id, id),
    FOREIGN KEY (company_id, decision_id) REFERENCES decisions (company_id, id)
);

-- A run writes a statement for a dealer when something is posted for it or its content changed.
CREATE TABLE statements (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    run_id uuid NOT NULL,
    program_id uuid NOT NULL,
    period text NOT NULL,
    dealer_id uuid NOT NULL,
    total_minor bigint NOT NULL,
    posted_minor bigint NOT NULL,
    currency text NOT NULL,
    unpaid jsonb NOT NULL,
    content_hash text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, run_id, dealer_id),
    FOREIGN KEY (company_id, run_id) REFERENCES settlement_runs (company_id, id),
    FOREIGN KEY (company_id, program_id) REFERENCES programs (company_id, id),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id)
);
CREATE INDEX statements_by_dealer ON statements (company_id, dealer_id, id);
CREATE INDEX statements_by_program ON statements (company_id, program_id, period);

CREATE TABLE statement_lines (
    company_id uuid NOT NULL,
    statement_id uuid NOT NULL,
    line bigint NOT NULL,
    reason jsonb NOT NULL,
    amount_minor bigint NOT NULL,
    basis jsonb NOT NULL,
    steps jsonb NOT NULL,
    PRIMARY KEY (company_id, statement_id, line),
    FOREIGN KEY (company_id, statement_id) REFERENCES statements (company_id, id)
);

CREATE TABLE targets (
    company_id uuid NOT NULL,
    dealer_id uuid NOT NULL,
    period text NOT NULL,
    metric text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (company_id, dealer_id, period, metric),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id)
);

-- The latest scorecard of a dealer and period counts; earlier ones stay with their decisions.
CREATE TABLE scorecards (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    dealer_id uuid NOT NULL,
    period text NOT NULL,
    number bigint NOT NULL,
    total text NOT NULL,
    grade text NOT NULL,
    decision_id uuid NOT NULL,
    scored_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, dealer_id, period, number),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, decision_id) REFERENCES decisions (company_id, id)
);
CREATE INDEX scorecards_by_period ON scorecards (company_id, period);
