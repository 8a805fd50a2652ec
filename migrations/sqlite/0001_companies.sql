-- Companies and who may do what in them. `companies`, `sessions` and `api_tokens` are infrastructure:
-- they are read before the company of a request is known.

CREATE TABLE companies (
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    zone TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (code)
) STRICT;

-- Counted up whenever something changes that a price depends on. An order's write transaction compares
-- the numbers that pricing saw with those that hold when it commits.
CREATE TABLE revisions (
    company_id BLOB NOT NULL REFERENCES companies (id),
    prices INTEGER NOT NULL,
    bindings INTEGER NOT NULL,
    dealers INTEGER NOT NULL,
    PRIMARY KEY (company_id)
) STRICT;

-- Gapless numbers; the row lock puts their takers in order.
CREATE TABLE counters (
    company_id BLOB NOT NULL REFERENCES companies (id),
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (company_id, name)
) STRICT;

-- `search`: code and name as a search sees them (lower case, full-width folded).
CREATE TABLE dealers (
    company_id BLOB NOT NULL REFERENCES companies (id),
    id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    search TEXT NOT NULL,
    parent_id BLOB,
    tier TEXT NOT NULL,
    region TEXT NOT NULL,
    credit_limit_minor INTEGER,
    terms_days INTEGER NOT NULL,
    attributes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, code),
    FOREIGN KEY (company_id, parent_id) REFERENCES dealers (company_id, id)
) STRICT;

-- Every dealer under each of its ancestors, itself included at depth 0.
CREATE TABLE dealer_branches (
    company_id BLOB NOT NULL,
    ancestor_id BLOB NOT NULL,
    dealer_id BLOB NOT NULL,
    depth INTEGER NOT NULL,
    PRIMARY KEY (company_id, ancestor_id, dealer_id),
    FOREIGN KEY (company_id, ancestor_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id)
) STRICT;
CREATE INDEX dealer_branches_by_dealer ON dealer_branches (company_id, dealer_id);

CREATE TABLE users (
    company_id BLOB NOT NULL REFERENCES companies (id),
    id BLOB NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    dealer_id BLOB,
    password_hash TEXT NOT NULL,
    language TEXT,
    created_at TEXT NOT NULL,
    disabled_at TEXT,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, email),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id)
) STRICT;

CREATE TABLE sessions (
    token_hash BLOB NOT NULL,
    company_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    csrf TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (token_hash),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, id)
) STRICT;
CREATE INDEX sessions_by_user ON sessions (company_id, user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE api_tokens (
    token_hash BLOB NOT NULL,
    company_id BLOB NOT NULL,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT,
    PRIMARY KEY (token_hash),
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, id)
) STRICT;

CREATE TABLE login_attempts (
    company_code TEXT NOT NULL,
    email TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (company_code, email)
) STRICT;

CREATE TABLE audit (
    company_id BLOB NOT NULL REFERENCES companies (id),
    id BLOB NOT NULL,
    at TEXT NOT NULL,
    user_id BLOB NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (company_id, id)
) STRICT;

-- What a POST with an Idempotency-Key answered: the same key and body get the same answer again.
CREATE TABLE idempotency_keys (
    company_id BLOB NOT NULL REFERENCES companies (id),
    user_id BLOB NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (company_id, user_id, key)
) STRICT;
