-- What a product costs the company: of one piece from a day on; the latest day that has come holds.

CREATE TABLE cost_prices (
    company_id uuid NOT NULL,
    product_id uuid NOT NULL,
    valid_from date NOT NULL,
    cost text NOT NULL,
    PRIMARY KEY (company_id, product_id, valid_from),
    FOREIGN KEY (company_id, product_id) REFERENCES products (company_id, id)
);

-- The least share of the amount, in percent, that may be left once costs are taken off.
ALTER TABLE simulations ADD COLUMN least_margin text;

-- The day of the first of a row of registrations, each of which took the place of the one before; none where it is the
-- first itself.
ALTER TABLE deal_registrations ADD COLUMN first_registered_on date;

ALTER TABLE cost_prices ENABLE ROW LEVEL SECURITY;
ALTER TABLE cost_prices FORCE ROW LEVEL SECURITY;
CREATE POLICY own_company ON cost_prices
    USING (company_id = CAST(current_setting('qudao.company', true) AS uuid));
