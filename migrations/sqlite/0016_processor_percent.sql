-- What a company's evaluations may take of one processor while other companies are at work, in percent.

ALTER TABLE quotas ADD COLUMN processor_percent INTEGER NOT NULL DEFAULT 3;
