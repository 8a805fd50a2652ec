-- The one ledger: double entry, append-only. Each entry balances by currency before it is written.

CREATE TABLE entries (
    company_id BLOB NOT NULL REFERENCES companies (id),
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    document_id BLOB NOT NULL,
    effective_on TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (company_id, id)
) STRICT;
CREATE INDEX entries_by_document ON entries (company_id, document_id);

-- Debit positive, credit negative, in minor units. Postings of a settlement name their program, period and
-- payout code: what is posted for them is what later runs net.
CREATE TABLE postings (
    company_id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    line INTEGER NOT NULL,
    account TEXT NOT NULL,
    dealer_id BLOB NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    fact_seq INTEGER,
    program_id BLOB,
    period TEXT,
    code TEXT,
    PRIMARY KEY (company_id, entry_id, line),
    FOREIGN KEY (company_id, entry_id) REFERENCES entries (company_id, id),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, program_id) REFERENCES programs (company_id, id)
) STRICT;
CREATE INDEX postings_by_account ON postings (company_id, dealer_id, account);
CREATE INDEX postings_by_program ON postings (company_id, program_id, period, dealer_id)
    WHERE program_id IS NOT NULL;

-- The sum of each account's postings, kept with them: a balance costs the same after ten orders and ten million.
CREATE TABLE balances (
    company_id BLOB NOT NULL,
    dealer_id BLOB NOT NULL,
    account TEXT NOT NULL,
    currency TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (company_id, dealer_id, account, currency),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id)
) STRICT;
