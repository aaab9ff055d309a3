-- The primary. Prices are in cents.

CREATE TABLE products (id bigint PRIMARY KEY, name text NOT NULL, price integer NOT NULL);

INSERT INTO products
SELECT number, 'product ' || number, 100 + number % 50 * 100 FROM generate_series(1, 2000) AS number;
