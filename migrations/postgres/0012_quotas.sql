-- What one company may use of a shared server; set by the operator.

CREATE TABLE quotas (
    company_id uuid NOT NULL PRIMARY KEY REFERENCES companies (id),
    plugins bigint NOT NULL,
    component_bytes bigint NOT NULL,
    simulations bigint NOT NULL,
    calls_per_second bigint NOT NULL,
    calls_at_once bigint
);

ALTER TABLE quotas ENABLE ROW LEVEL SECURITY;
ALTER TABLE quotas FORCE ROW LEVEL SECURITY;
CREATE POLICY own_company ON quotas
    USING (company_id = CAST(current_setting('qudao.company', true) AS uuid));
