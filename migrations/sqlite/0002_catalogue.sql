-- What is sold, for how much, and how many are there.

-- `search`: code and name as a search sees them (lower case, full-width folded).
CREATE TABLE products (
    company_id BLOB NOT NULL REFERENCES companies (id),
    id BLOB NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    category TEXT NOT NULL,
    attributes TEXT NOT NULL,
    active INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, sku)
) STRICT;
CREATE INDEX products_by_category ON products (company_id, category, sku);

-- The base price of one piece from a day on; the latest day that has come holds.
CREATE TABLE prices (
    company_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    valid_from TEXT NOT NULL,
    price TEXT NOT NULL,
    PRIMARY KEY (company_id, product_id, valid_from),
    FOREIGN KEY (company_id, product_id) REFERENCES products (company_id, id)
) STRICT;

CREATE TABLE warehouses (
    company_id BLOB NOT NULL REFERENCES companies (id),
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, code)
) STRICT;

CREATE TABLE stock (
    company_id BLOB NOT NULL,
    warehouse_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    on_hand INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    PRIMARY KEY (company_id, warehouse_id, product_id),
    FOREIGN KEY (company_id, warehouse_id) REFERENCES warehouses (company_id, id),
    FOREIGN KEY (company_id, product_id) REFERENCES products (company_id, id),
    CHECK (reserved >= 0),
    CHECK (on_hand >= reserved)
) STRICT;

-- What somebody has put together and not yet ordered, as typed: wrong rows stay until they are mended.
CREATE TABLE carts (
    company_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    lines TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    PRIMARY KEY (company_id, user_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, id)
) STRICT;
