-- Deals that dealers and the company's sales register, and what each of them was told.

CREATE TABLE deal_customers (
    company_id uuid NOT NULL REFERENCES companies (id),
    key text NOT NULL,
    registered_number text NOT NULL,
    name text NOT NULL,
    -- Counts up with every change to the registrations of this customer: whoever rules on one rests on it.
    revision bigint NOT NULL,
    PRIMARY KEY (company_id, key)
);
CREATE UNIQUE INDEX deal_customers_by_number ON deal_customers (company_id, registered_number)
    WHERE registered_number <> '';

CREATE TABLE deal_registrations (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    customer_key text NOT NULL,
    customer_name text NOT NULL,
    registered_number text NOT NULL,
    customer_region text NOT NULL,
    -- None where the company's own sales registered it.
    dealer_id uuid,
    user_id uuid NOT NULL,
    category text NOT NULL,
    skus jsonb NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    expected_close date NOT NULL,
    progress text NOT NULL,
    note text NOT NULL,
    registered_on date NOT NULL,
    registered_at timestamptz NOT NULL,
    decision_id uuid NOT NULL,
    outcome text NOT NULL,
    state text NOT NULL,
    protected_until date,
    floor_share text,
    floor_minor bigint,
    share_bp bigint,
    decided_by uuid,
    decided_at timestamptz,
    decided_note text NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, customer_key) REFERENCES deal_customers (company_id, key),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, id),
    FOREIGN KEY (company_id, decision_id) REFERENCES decisions (company_id, id),
    FOREIGN KEY (company_id, decided_by) REFERENCES users (company_id, id)
);
CREATE INDEX deal_registrations_by_customer ON deal_registrations (company_id, customer_key, state);
CREATE INDEX deal_registrations_by_dealer ON deal_registrations (company_id, dealer_id, id);

CREATE TABLE deal_notices (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    registration_id uuid NOT NULL,
    -- The evaluation that says so.
    decision_id uuid NOT NULL,
    at timestamptz NOT NULL,
    -- Whether the registration ends by it.
    ends boolean NOT NULL,
    reasons jsonb NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, registration_id) REFERENCES deal_registrations (company_id, id),
    FOREIGN KEY (company_id, decision_id) REFERENCES decisions (company_id, id)
);
CREATE INDEX deal_notices_by_registration ON deal_notices (company_id, registration_id, id);
CREATE INDEX deal_notices_by_decision ON deal_notices (company_id, decision_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON deal_notices FOR EACH ROW EXECUTE FUNCTION refuse_change();

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['deal_customers', 'deal_registrations', 'deal_notices'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY own_company ON %I
            USING (company_id = CAST(current_setting(''qudao.company'', true) AS uuid))', t);
    END LOOP;
END
$$;
