-- Already fit for Aurora DSQL: nothing to report.

CREATE TABLE session (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id  bigint NOT NULL,
    expires_at  timestamptz NOT NULL
);

CREATE INDEX ASYNC session_account_idx ON session (account_id);
CREATE INDEX ASYNC session_live_idx ON session (expires_at) WHERE expires_at IS NOT NULL;
