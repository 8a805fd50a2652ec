-- The program that a simulation of an incentive plugin is about.

CREATE TABLE simulation_programs (
    company_id BLOB NOT NULL,
    simulation_id BLOB NOT NULL,
    program_id BLOB NOT NULL,
    PRIMARY KEY (company_id, simulation_id),
    FOREIGN KEY (company_id, simulation_id) REFERENCES simulations (company_id, id),
    FOREIGN KEY (company_id, program_id) REFERENCES programs (company_id, id)
) STRICT;
