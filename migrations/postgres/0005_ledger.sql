-- The one ledger: double entry, append-only. Each entry balances by currency before it is written.

CREATE TABLE entries (
    company_id uuid NOT NULL REFERENCES companies (id),
    id uuid NOT NULL,
    kind text NOT NULL,
    document_id uuid NOT NULL,
    effective_on date NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id)
);
CREATE INDEX entries_by_document ON entries (company_id, document_id);

-- Debit positive, credit negative, in minor units. Postings of a settlement name their program, period and
-- payout code: what is posted for them is what later runs net.
CREATE TABLE postings (
    company_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    line bigint NOT NULL,
    account text NOT NULL,
    dealer_id uuid NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL,
    fact_seq bigint,
    program_id uuid,
    period text,
    code text,
    PRIMARY KEY (company_id, entry_id, line),
    FOREIGN KEY (company_id, entry_id) REFERENCES entries (company_id, id),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, program_id) REFERENCES programs (company_id, id)
);
CREATE INDEX postings_by_account ON postings (company_id, dealer_id, account);
CREATE INDEX postings_by_program ON postings (company_id, program_id, period, dealer_id)
    WHERE program_id IS NOT NULL;

-- The sum of each account's postings, kept with them: a balance costs the same after ten orders and ten million.
CREATE TABLE balances (
    company_id uuid NOT NULL,
    dealer_id uuid NOT NULL,
    account text NOT NULL,
    currency text NOT NULL,
    amount_minor bigint NOT NULL,
    PRIMARY KEY (company_id, dealer_id, account, currency),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id)
);
