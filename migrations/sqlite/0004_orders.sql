-- Orders, what was shipped of them, the facts that incentives rest on, and the events that tell others.

CREATE TABLE orders (
    company_id BLOB NOT NULL REFERENCES companies (id),
    id BLOB NOT NULL,
    number TEXT NOT NULL,
    dealer_id BLOB NOT NULL,
    placed_by BLOB NOT NULL,
    status TEXT NOT NULL,
    revision INTEGER NOT NULL,
    currency TEXT NOT NULL,
    subtotal_minor INTEGER NOT NULL,
    adjustments_minor INTEGER NOT NULL,
    total_minor INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    reference TEXT NOT NULL,
    customer TEXT NOT NULL,
    ordered_on TEXT NOT NULL,
    placed_at TEXT NOT NULL,
    decision_id BLOB,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, number),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, placed_by) REFERENCES users (company_id, id),
    FOREIGN KEY (company_id, decision_id) REFERENCES decisions (company_id, id)
) STRICT;
CREATE INDEX orders_by_dealer ON orders (company_id, dealer_id, id);
CREATE INDEX orders_by_status ON orders (company_id, status, id);

CREATE TABLE order_lines (
    company_id BLOB NOT NULL,
    order_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    product_id BLOB NOT NULL,
    warehouse_id BLOB NOT NULL,
    quantity INTEGER NOT NULL,
    shipped INTEGER NOT NULL,
    base_price TEXT NOT NULL,
    unit_price TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (company_id, order_id, number),
    FOREIGN KEY (company_id, order_id) REFERENCES orders (company_id, id),
    FOREIGN KEY (company_id, product_id) REFERENCES products (company_id, id),
    FOREIGN KEY (company_id, warehouse_id) REFERENCES warehouses (company_id, id),
    CHECK (quantity > 0),
    CHECK (shipped >= 0 AND shipped <= quantity)
) STRICT;

-- Each step an order took, by whom and when.
CREATE TABLE order_events (
    company_id BLOB NOT NULL,
    order_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    status TEXT NOT NULL,
    at TEXT NOT NULL,
    user_id BLOB NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (company_id, order_id, revision),
    FOREIGN KEY (company_id, order_id) REFERENCES orders (company_id, id)
) STRICT;

CREATE TABLE shipments (
    company_id BLOB NOT NULL,
    id BLOB NOT NULL,
    order_id BLOB NOT NULL,
    warehouse_id BLOB NOT NULL,
    shipped_on TEXT NOT NULL,
    tracking TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    recorded_by BLOB NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, order_id) REFERENCES orders (company_id, id),
    FOREIGN KEY (company_id, warehouse_id) REFERENCES warehouses (company_id, id)
) STRICT;
CREATE INDEX shipments_by_order ON shipments (company_id, order_id);

CREATE TABLE shipment_lines (
    company_id BLOB NOT NULL,
    shipment_id BLOB NOT NULL,
    order_id BLOB NOT NULL,
    line_number INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    fact_seq INTEGER NOT NULL,
    PRIMARY KEY (company_id, shipment_id, line_number),
    FOREIGN KEY (company_id, shipment_id) REFERENCES shipments (company_id, id),
    FOREIGN KEY (company_id, order_id, line_number) REFERENCES order_lines (company_id, order_id, number),
    CHECK (quantity > 0)
) STRICT;

-- Append-only. `seq` has no gaps within a company (counter `facts`), so a watermark names a set of facts.
CREATE TABLE facts (
    company_id BLOB NOT NULL REFERENCES companies (id),
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    dealer_id BLOB NOT NULL,
    product_id BLOB NOT NULL,
    effective_on TEXT NOT NULL,
    paid_on TEXT,
    quantity INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    customer TEXT NOT NULL,
    order_id BLOB NOT NULL,
    line_number INTEGER NOT NULL,
    reverses_seq INTEGER,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (company_id, seq),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, product_id) REFERENCES products (company_id, id),
    FOREIGN KEY (company_id, order_id, line_number) REFERENCES order_lines (company_id, order_id, number)
) STRICT;
CREATE INDEX facts_by_day ON facts (company_id, effective_on, seq);
CREATE INDEX facts_by_dealer ON facts (company_id, dealer_id, effective_on);

CREATE TABLE outbox (
    company_id BLOB NOT NULL REFERENCES companies (id),
    id BLOB NOT NULL,
    aggregate TEXT NOT NULL,
    aggregate_id BLOB NOT NULL,
    aggregate_seq INTEGER NOT NULL,
    event TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, aggregate_id, aggregate_seq)
) STRICT;

CREATE TABLE outbox_cursors (
    company_id BLOB NOT NULL REFERENCES companies (id),
    consumer TEXT NOT NULL,
    last_id BLOB NOT NULL,
    PRIMARY KEY (company_id, consumer)
) STRICT;
