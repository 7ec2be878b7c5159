-- A small web shop, written for a single PostgreSQL server.
--
--   scripts/dsqlint check examples/shop.sql          what Aurora DSQL refuses
--   scripts/dsqlint fix --diff examples/shop.sql     the smallest edits that make it run

CREATE TABLE customer (
    id          SERIAL PRIMARY KEY,             -- handed out by the web tier
    email       varchar(255) NOT NULL UNIQUE,
    name        text COLLATE "en_US" NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE product (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku      text NOT NULL,
    tags     text[],                            -- shown as chips in the catalogue
    price    numeric NOT NULL CHECK (price >= 0),
    details  jsonb NOT NULL DEFAULT '{}'
) WITH (fillfactor = 90);

/* Orders are partitioned by month on the old server. */
CREATE TABLE purchase (
    id           bigserial,
    customer_id  bigint NOT NULL REFERENCES customer (id) ON DELETE CASCADE,
    placed_at    timestamptz NOT NULL DEFAULT now(),
    total        numeric(12, 2) NOT NULL,
    PRIMARY KEY (id, placed_at)
) PARTITION BY RANGE (placed_at);

CREATE INDEX product_sku_idx ON product USING btree (sku);
CREATE INDEX CONCURRENTLY purchase_recent_idx ON purchase (customer_id, placed_at DESC);

BEGIN;
CREATE TABLE audit (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), what text NOT NULL);
INSERT INTO audit (what) VALUES ('schema created');
ALTER TABLE audit ADD COLUMN who text;
COMMIT;

ALTER TABLE product ADD COLUMN weight numeric(8, 3) NOT NULL DEFAULT 0;

TRUNCATE audit;
