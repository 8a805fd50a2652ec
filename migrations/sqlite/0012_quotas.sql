-- What one company may use of a shared server; set by the operator.

CREATE TABLE quotas (
    company_id BLOB NOT NULL PRIMARY KEY REFERENCES companies (id),
    plugins INTEGER NOT NULL,
    component_bytes INTEGER NOT NULL,
    simulations INTEGER NOT NULL,
    calls_per_second INTEGER NOT NULL,
    calls_at_once INTEGER
) STRICT;
