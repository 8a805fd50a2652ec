-- Orders, what was shipped of them, the facts that incentives rest on, and the events that tell others.

CREATE TABLE orders (
    company_id uuid NOT NULL REFERENCES companies (id),
    id uuid NOT NULL,
    number text NOT NULL,
    dealer_id uuid NOT NULL,
    placed_by uuid NOT NULL,
    status text NOT NULL,
    revision bigint NOT NULL,
    currency text NOT NULL,
    subtotal_minor bigint NOT NULL,
    adjustments_minor bigint NOT NULL,
    total_minor bigint NOT NULL,
    lines bigint NOT NULL,
    reference text NOT NULL,
    customer text NOT NULL,
    ordered_on date NOT NULL,
    placed_at timestamptz NOT NULL,
    decision_id uuid,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, number),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, placed_by) REFERENCES users (company_id, id),
    FOREIGN KEY (company_id, decision_id) REFERENCES decisions (company_id, id)
);
CREATE INDEX orders_by_dealer ON orders (company_id, dealer_id, id);
CREATE INDEX orders_by_status ON orders (company_id, status, id);

CREATE TABLE order_lines (
    company_id uuid NOT NULL,
    order_id uuid NOT NULL,
    number bigint NOT NULL,
    product_id uuid NOT NULL,
    warehouse_id uuid NOT NULL,
    quantity bigint NOT NULL,
    shipped bigint NOT NULL,
    base_price text NOT NULL,
    unit_price text NOT NULL,
    amount_minor bigint NOT NULL,
    PRIMARY KEY (company_id, order_id, number),
    FOREIGN KEY (company_id, order_id) REFERENCES orders (company_id, id),
    FOREIGN KEY (company_id, product_id) REFERENCES products (company_id, id),
    FOREIGN KEY (company_id, warehouse_id) REFERENCES warehouses (company_id, id),
    CHECK (quantity > 0),
    CHECK (shipped >= 0 AND shipped <= quantity)
);

-- Each step an order took, by whom and when.
CREATE TABLE order_events (
    company_id uuid NOT NULL,
    order_id uuid NOT NULL,
    revision bigint NOT NULL,
    status text NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid NOT NULL,
    note text NOT NULL,
    PRIMARY KEY (company_id, order_id, revision),
    FOREIGN KEY (company_id, order_id) REFERENCES orders (company_id, id)
);

CREATE TABLE shipments (
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    warehouse_id uuid NOT NULL,
    shipped_on date NOT NULL,
    tracking text NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL,
    PRIMARY KEY (company_id, id),
    FOREIGN KEY (company_id, order_id) REFERENCES orders (company_id, id),
    FOREIGN KEY (company_id, warehouse_id) REFERENCES warehouses (company_id, id)
);
CREATE INDEX shipments_by_order ON shipments (company_id, order_id);

CREATE TABLE shipment_lines (
    company_id uuid NOT NULL,
    shipment_id uuid NOT NULL,
    order_id uuid NOT NULL,
    line_number bigint NOT NULL,
    quantity bigint NOT NULL,
    amount_minor bigint NOT NULL,
    fact_seq bigint NOT NULL,
    PRIMARY KEY (company_id, shipment_id, line_number),
    FOREIGN KEY (company_id, shipment_id) REFERENCES shipments (company_id, id),
    FOREIGN KEY (company_id, order_id, line_number) REFERENCES order_lines (company_id, order_id, number),
    CHECK (quantity > 0)
);

-- Append-only. `seq` has no gaps within a company (counter `facts`), so a watermark names a set of facts.
CREATE TABLE facts (
    company_id uuid NOT NULL REFERENCES companies (id),
    seq bigint NOT NULL,
    kind text NOT NULL,
    dealer_id uuid NOT NULL,
    product_id uuid NOT NULL,
    effective_on date NOT NULL,
    paid_on date,
    quantity bigint NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    customer text NOT NULL,
    order_id uuid NOT NULL,
    line_number bigint NOT NULL,
    reverses_seq bigint,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, seq),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, product_id) REFERENCES products (company_id, id),
    FOREIGN KEY (company_id, order_id, line_number) REFERENCES order_lines (company_id, order_id, number)
);
CREATE INDEX facts_by_day ON facts (company_id, effective_on, seq);
CREATE INDEX facts_by_dealer ON facts (company_id, dealer_id, effective_on);

CREATE TABLE outbox (
    company_id uuid NOT NULL REFERENCES companies (id),
    id uuid NOT NULL,
    aggregate text NOT NULL,
    aggregate_id uuid NOT NULL,
    aggregate_seq bigint NOT NULL,
    event text NOT NULL,
    version bigint NOT NULL,
    body jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, aggregate_id, aggregate_seq)
);

CREATE TABLE outbox_cursors (
    company_id uuid NOT NULL REFERENCES companies (id),
    consumer text NOT NULL,
    last_id uuid NOT NULL,
    PRIMARY KEY (company_id, consumer)
);
