-- Changes the products whose ids are in the file `ids`, and no others: those that were announced. The request that
-- found them may find others by now.

BEGIN;
CREATE TEMP TABLE announced (id bigint PRIMARY KEY) ON COMMIT DROP;
\copy announced FROM 'ids'
UPDATE products SET price = price + 50 FROM announced WHERE products.id = announced.id;
COMMIT;
