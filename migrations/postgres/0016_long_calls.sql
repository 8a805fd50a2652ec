-- What a company's long evaluations may take of one processor while other companies are at work, in percent.

ALTER TABLE quotas ADD COLUMN long_calls_percent BIGINT NOT NULL DEFAULT 10;
