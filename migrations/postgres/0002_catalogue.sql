-- What is sold, for how much, and how many are there.

-- `search`: code and name as a search sees them (lower case, full-width folded).
CREATE TABLE products (
    company_id uuid NOT NULL REFERENCES companies (id),
    id uuid NOT NULL,
    sku text COLLATE "C" NOT NULL,
    name text NOT NULL,
    search text NOT NULL,
    category text NOT NULL,
    attributes jsonb NOT NULL,
    active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, sku)
);
CREATE INDEX products_by_category ON products (company_id, category, sku);

-- The base price of one piece from a day on; the latest day that has come holds.
CREATE TABLE prices (
    company_id uuid NOT NULL,
    product_id uuid NOT NULL,
    valid_from date NOT NULL,
    price text NOT NULL,
    PRIMARY KEY (company_id, product_id, valid_from),
    FOREIGN KEY (company_id, product_id) REFERENCES products (company_id, id)
);

CREATE TABLE warehouses (
    company_id uuid NOT NULL REFERENCES companies (id),
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, code)
);

CREATE TABLE stock (
    company_id uuid NOT NULL,
    warehouse_id uuid NOT NULL,
    product_id uuid NOT NULL,
    on_hand bigint NOT NULL,
    reserved bigint NOT NULL,
    PRIMARY KEY (company_id, warehouse_id, product_id),
    FOREIGN KEY (company_id, warehouse_id) REFERENCES warehouses (company_id, id),
    FOREIGN KEY (company_id, product_id) REFERENCES products (company_id, id),
    CHECK (reserved >= 0),
    CHECK (on_hand >= reserved)
);

-- What somebody has put together and not yet ordered, as typed: wrong rows stay until they are mended.
CREATE TABLE carts (
    company_id uuid NOT NULL,
    user_id uuid NOT NULL,
    lines jsonb NOT NULL,
    saved_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, user_id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, id)
);
