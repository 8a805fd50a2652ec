-- Deals that dealers and the company's sales register, and what each of them was told.

CREATE TABLE deal_customers (
    company_id BLOB NOT NULL REFERENCES companies (id),
    key TEXT NOT NULL,
    registered_number TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Counts up with every change to the registrations of this customer: whoever rules on one rests on it.
    revision INTEGER NOT NULL,
    PRIMARY KEY (company_id, key)
) STRICT;
CREATE UNIQUE INDEX deal_customers_by_number ON deal_customers (company_id, registered_number)
    WHERE registered_number <> '';

CREATE TABLE deal_registrations (
    company_id BLOB NOT NULL,
    id BLOB NOT NULL,
    customer_key TEXT NOT NULL,
    customer_name TEXT NOT NULL,
    registered_number TEXT NOT NULL,
    customer_region TEXT NOT NULL,
    -- None where the company's own sales registered it.
    dealer_id BLOB,
    user_id BLOB NOT NULL,
    category TEXT NOT NULL,
    skus TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    expected_close TEXT NOT NULL,
    progress TEXT NOT NULL,
    note TEXT NOT NULL,
    registered_on TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    decision_id BLOB NOT NULL,
    outcome TEXT NOT NULL,
    state TEXT NOT NULL,
    protected_until TEXT,
    floor_share TEXT,
    floor_minor INTEGER,
    share_bp INTEGER,
    decided_by BLOB,
    decided_at TEXT,
    decided_note TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, customer_key) REFERENCES deal_customers (company_id, key),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, id),
    FOREIGN KEY (company_id, decision_id) REFERENCES decisions (company_id, id),
    FOREIGN KEY (company_id, decided_by) REFERENCES users (company_id, id)
) STRICT;
CREATE INDEX deal_registrations_by_customer ON deal_registrations (company_id, customer_key, state);
CREATE INDEX deal_registrations_by_dealer ON deal_registrations (company_id, dealer_id, id);

CREATE TABLE deal_notices (
    company_id BLOB NOT NULL,
    id BLOB NOT NULL,
    registration_id BLOB NOT NULL,
    -- The evaluation that says so.
    decision_id BLOB NOT NULL,
    at TEXT NOT NULL,
    -- Whether the registration ends by it.
    ends INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, registration_id) REFERENCES deal_registrations (company_id, id),
    FOREIGN KEY (company_id, decision_id) REFERENCES decisions (company_id, id)
) STRICT;
CREATE INDEX deal_notices_by_registration ON deal_notices (company_id, registration_id, id);
CREATE INDEX deal_notices_by_decision ON deal_notices (company_id, decision_id);

CREATE TRIGGER deal_notices_never_update BEFORE UPDATE ON deal_notices BEGIN
    SELECT RAISE(ABORT, 'deal_notices is append-only');
END;

CREATE TRIGGER deal_notices_never_delete BEFORE DELETE ON deal_notices BEGIN
    SELECT RAISE(ABORT, 'deal_notices is append-only');
END;
