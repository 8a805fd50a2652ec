//! The statements of an order's write transaction, as pgbench runs them.
//!
//! They are those of `write_order` in `host/app/src/orders.rs`, one for one, with the same rows by the same
//! arrays; only the order's own ids, number and key are new each time. The check before timing fails when the
//! application writes more, less or elsewhere.

/// How many orders a client writes from one captured order: reading it costs a round trip that the application
/// does not have, and so it is spread over some orders.
const ORDERS_PER_READING: u32 = 8;

/// Captures what the application wrote for its first orders: one row for each, numbered from 1.
pub const CAPTURE: &str = "
CREATE TABLE bench_captured AS
SELECT row_number() OVER (ORDER BY o.id) AS k, o.company_id, o.dealer_id, o.placed_by, o.status, o.revision,
    o.currency, o.subtotal_minor, o.adjustments_minor, o.total_minor, o.lines, o.ordered_on,
    l.numbers, l.products, l.warehouses, l.quantities, l.base_prices, l.unit_prices, l.amounts,
    s.products AS stock_products, s.reserved AS stock_reserved, s.on_hand AS stock_on_hand, s.warehouse,
    d.kind, d.outcome, d.plugin_digest, d.contract, d.revision_id, d.binding_id, d.engine,
    convert_from(d.input, 'UTF8') AS input, d.input_hash, convert_from(d.output, 'UTF8') AS output,
    d.output_hash, d.fuel, d.elapsed_us,
    p.numbers AS posting_numbers, p.accounts, p.dealers, p.currencies, p.amounts AS posting_amounts, p.nothing,
    e.kind AS entry_kind, x.body, i.request_hash
FROM orders o
JOIN decisions d ON d.company_id = o.company_id AND d.id = o.decision_id
JOIN entries e ON e.company_id = o.company_id AND e.document_id = o.id
JOIN outbox x ON x.company_id = o.company_id AND x.aggregate_id = o.id
JOIN idempotency_keys i ON i.company_id = o.company_id AND i.subject_id = o.id
CROSS JOIN LATERAL (
    SELECT array_agg(number ORDER BY number) AS numbers, array_agg(product_id ORDER BY number) AS products,
        array_agg(warehouse_id ORDER BY number) AS warehouses, array_agg(quantity ORDER BY number) AS quantities,
        array_agg(base_price ORDER BY number) AS base_prices, array_agg(unit_price ORDER BY number) AS unit_prices,
        array_agg(amount_minor ORDER BY number) AS amounts
    FROM order_lines WHERE company_id = o.company_id AND order_id = o.id) l
CROSS JOIN LATERAL (
    SELECT array_agg(product_id ORDER BY product_id) AS products, array_agg(quantity ORDER BY product_id) AS reserved,
        array_agg(CAST(0 AS bigint)) AS on_hand, min(CAST(warehouse_id AS text)) AS warehouse
    FROM order_lines WHERE company_id = o.company_id AND order_id = o.id) s
CROSS JOIN LATERAL (
    SELECT array_agg(line ORDER BY line) AS numbers, array_agg(account ORDER BY line) AS accounts,
        array_agg(dealer_id ORDER BY line) AS dealers, array_agg(currency ORDER BY line) AS currencies,
        array_agg(amount_minor ORDER BY line) AS amounts, array_agg(NULL::text) AS nothing
    FROM postings WHERE company_id = o.company_id AND entry_id = e.id) p";

/// Reads a captured order into pgbench's variables, now and then.
const READ: &str = "
\\if :turn % @every = 0
\\set k random(1, :orders)
SELECT * FROM bench_captured WHERE k = :k \\gset c_
\\endif
\\set turn :turn + 1
";

/// Writes it once more. `@order`, `@decision`, `@entry` and `@event` stand for new ids.
const WRITE: &str = "
\\set n random(1, 9223372036854775806)
\\startpipeline
BEGIN;
SELECT set_config('qudao.company', :company, true);
SELECT pg_advisory_xact_lock_shared(hashtextextended(:company, 0));
\\endpipeline
SELECT prices, bindings, dealers FROM revisions WHERE company_id = :company;
INSERT INTO idempotency_keys (company_id, user_id, key, request_hash, subject_id, created_at)
VALUES (:company, :c_placed_by, @key, :c_request_hash, @order, now());
WITH change AS (
    SELECT * FROM unnest(:c_stock_products::uuid[], :c_stock_on_hand::bigint[], :c_stock_reserved::bigint[])
        AS c (product_id, on_hand, reserved)
), locked AS (
    SELECT s.product_id FROM stock s JOIN change c ON c.product_id = s.product_id
    WHERE s.company_id = :company AND s.warehouse_id = :c_warehouse ORDER BY s.product_id FOR UPDATE OF s
)
UPDATE stock s SET on_hand = s.on_hand + c.on_hand, reserved = s.reserved + c.reserved
FROM change c
WHERE s.company_id = :company AND s.warehouse_id = :c_warehouse AND s.product_id = c.product_id
  AND s.product_id IN (SELECT product_id FROM locked)
  AND s.reserved + c.reserved >= 0 AND s.on_hand + c.on_hand >= s.reserved + c.reserved
RETURNING s.product_id;
INSERT INTO decisions (company_id, id, kind, outcome, subject, plugin_digest, contract, revision_id, binding_id,
    engine, made_for, made_at, input, input_hash, output, output_hash, fuel, elapsed_us, parent_id)
VALUES (:company, @decision, :c_kind, :c_outcome, 'order ' || @order, :c_plugin_digest, :c_contract,
    :c_revision_id, :c_binding_id, :c_engine, now(), now(), convert_to(:c_input, 'UTF8'), :c_input_hash,
    convert_to(:c_output, 'UTF8'), :c_output_hash, :c_fuel, :c_elapsed_us, NULL);
INSERT INTO orders (company_id, id, number, dealer_id, placed_by, status, revision, currency, subtotal_minor,
    adjustments_minor, total_minor, lines, reference, customer, ordered_on, placed_at, decision_id)
VALUES (:company, @order, @number, :c_dealer_id, :c_placed_by, :c_status, :c_revision, :c_currency,
    :c_subtotal_minor, :c_adjustments_minor, :c_total_minor, :c_lines, '', '', :c_ordered_on, now(), @decision);
INSERT INTO order_lines (company_id, order_id, shipped, number, product_id, warehouse_id, quantity, base_price,
    unit_price, amount_minor)
SELECT :company, @order, 0, l.* FROM unnest(:c_numbers::bigint[], :c_products::uuid[], :c_warehouses::uuid[],
    :c_quantities::bigint[], :c_base_prices::text[], :c_unit_prices::text[], :c_amounts::bigint[]) AS l;
INSERT INTO order_events (company_id, order_id, revision, status, at, user_id, note)
VALUES (:company, @order, :c_revision, :c_status, now(), :c_placed_by, '');
INSERT INTO entries (company_id, id, kind, document_id, effective_on, recorded_at)
VALUES (:company, @entry, :c_entry_kind, @order, :c_ordered_on, now());
INSERT INTO postings (company_id, entry_id, line, account, dealer_id, currency, amount_minor, fact_seq, code,
    program_id, period)
SELECT :company, @entry, line, account, dealer_id, currency, amount_minor, fact_seq, code, NULL, NULL
FROM unnest(:c_posting_numbers::bigint[], :c_accounts::text[], :c_dealers::uuid[], :c_currencies::text[],
    :c_posting_amounts::bigint[], :c_nothing::bigint[], :c_nothing::text[])
    AS p (line, account, dealer_id, currency, amount_minor, fact_seq, code);
INSERT INTO balances (company_id, dealer_id, account, currency, amount_minor)
SELECT :company, * FROM unnest(:c_dealers::uuid[], :c_accounts::text[], :c_currencies::text[],
    :c_posting_amounts::bigint[])
ON CONFLICT (company_id, dealer_id, account, currency)
DO UPDATE SET amount_minor = balances.amount_minor + excluded.amount_minor;
SELECT account, amount_minor FROM balances
WHERE company_id = :company AND dealer_id = :c_dealer_id AND currency = :c_currency;
INSERT INTO outbox (company_id, id, aggregate, aggregate_id, aggregate_seq, event, version, body, recorded_at)
VALUES (:company, @event, 'order', @order, :c_revision, 'order.placed', 1, :c_body, now());
COMMIT;
";

/// The script: one order. A client's variables outlive it; `turn` begins at 0.
pub fn script() -> String {
    let mut write = WRITE.to_owned();
    for (place, salt) in [("@order", "7a00"), ("@decision", "7b00"), ("@entry", "7c00"), ("@event", "7d00")] {
        write = write.replace(place, &id(salt));
    }
    write = write.replace("@number", "'261125-' || lpad(to_hex(:n::bigint & 1099511627775), 10, '0')");
    write = write.replace("@key", "'bench-' || to_hex(:n::bigint)");
    let read = READ.replace("@every", &ORDERS_PER_READING.to_string());
    format!("{read}{write}")
}

/// An id that begins with the transaction's time, as the application's do, so that it lands beside its neighbours.
fn id(salt: &str) -> String {
    format!(
        "(lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '{salt}' || lpad(to_hex(:n::bigint), 16, '0'))::uuid"
    )
}
