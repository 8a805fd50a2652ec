-- The program that a simulation of an incentive plugin is about.

CREATE TABLE simulation_programs (
    company_id uuid NOT NULL,
    simulation_id uuid NOT NULL,
    program_id uuid NOT NULL,
    PRIMARY KEY (company_id, simulation_id),
    FOREIGN KEY (company_id, simulation_id) REFERENCES simulations (company_id, id),
    FOREIGN KEY (company_id, program_id) REFERENCES programs (company_id, id)
);

ALTER TABLE simulation_programs ENABLE ROW LEVEL SECURITY;
ALTER TABLE simulation_programs FORCE ROW LEVEL SECURITY;
CREATE POLICY own_company ON simulation_programs
    USING (company_id = CAST(current_setting('qudao.company', true) AS uuid));
