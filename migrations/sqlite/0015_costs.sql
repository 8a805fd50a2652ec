-- What a product costs the company: of one piece from a day on; the latest day that has come holds.

CREATE TABLE cost_prices (
    company_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    valid_from TEXT NOT NULL,
    cost TEXT NOT NULL,
    PRIMARY KEY (company_id, product_id, valid_from),
    FOREIGN KEY (company_id, product_id) REFERENCES products (company_id, id)
) STRICT;

-- The least share of the amount, in percent, that may be left once costs are taken off.
ALTER TABLE simulations ADD COLUMN least_margin TEXT;

-- The day of the first of a row of registrations, each of which took the place of the one before; none where it is the
-- first itself.
ALTER TABLE deal_registrations ADD COLUMN first_registered_on TEXT;
