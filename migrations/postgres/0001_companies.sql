-- Companies and who may do what in them. `companies`, `sessions` and `api_tokens` are infrastructure:
-- they are read before the company of a request is known.

CREATE TABLE companies (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    zone text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (code)
);

-- Counted up whenever something changes that a price depends on. An order's write transaction compares
-- the numbers that pricing saw with those that hold when it commits.
CREATE TABLE revisions (
    company_id uuid NOT NULL REFERENCES companies (id),
    prices bigint NOT NULL,
    bindings bigint NOT NULL,
    dealers bigint NOT NULL,
    PRIMARY KEY (company_id)
);

-- Gapless numbers; the row lock puts their takers in order.
CREATE TABLE counters (
    company_id uuid NOT NULL REFERENCES companies (id),
    name text NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (company_id, name)
);

-- `search`: code and name as a search sees them (lower case, full-width folded).
CREATE TABLE dealers (
    company_id uuid NOT NULL REFERENCES companies (id),
    id uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    search text NOT NULL,
    parent_id uuid,
    tier text NOT NULL,
    region text NOT NULL,
    credit_limit_minor bigint,
    terms_days bigint NOT NULL,
    attributes jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, code),
    FOREIGN KEY (company_id, parent_id) REFERENCES dealers (company_id, id)
);

-- Every dealer under each of its ancestors, itself included at depth 0.
CREATE TABLE dealer_branches (
    company_id uuid NOT NULL,
    ancestor_id uuid NOT NULL,
    dealer_id uuid NOT NULL,
    depth bigint NOT NULL,
    PRIMARY KEY (company_id, ancestor_id, dealer_id),
    FOREIGN KEY (company_id, ancestor_id) REFERENCES dealers (company_id, id),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id)
);
CREATE INDEX dealer_branches_by_dealer ON dealer_branches (company_id, dealer_id);

CREATE TABLE users (
    company_id uuid NOT NULL REFERENCES companies (id),
    id uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    dealer_id uuid,
    password_hash text NOT NULL,
    language text,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    PRIMARY KEY (company_id, id),
    UNIQUE (company_id, email),
    FOREIGN KEY (company_id, dealer_id) REFERENCES dealers (company_id, id)
);

CREATE TABLE sessions (
    token_hash bytea NOT NULL,
    company_id uuid NOT NULL,
    user_id uuid NOT NULL,
    csrf text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (token_hash),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, id)
);
CREATE INDEX sessions_by_user ON sessions (company_id, user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE api_tokens (
    token_hash bytea NOT NULL,
    company_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    scopes text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (token_hash),
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, user_id) REFERENCES users (company_id, id)
);

CREATE TABLE login_attempts (
    company_code text NOT NULL,
    email text NOT NULL,
    failures bigint NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (company_code, email)
);

CREATE TABLE audit (
    company_id uuid NOT NULL REFERENCES companies (id),
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL,
    PRIMARY KEY (company_id, id)
);

-- What a POST with an Idempotency-Key answered: the same key and body get the same answer again.
CREATE TABLE idempotency_keys (
    company_id uuid NOT NULL REFERENCES companies (id),
    user_id uuid NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, user_id, key)
);
