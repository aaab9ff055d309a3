-- Reads messages as JSON lines, and prints the products that they name as CSV: as they stand now, all at one moment. A
-- product that is gone has neither name nor price.

CREATE TEMP TABLE messages (line json);
-- JSON text holds no raw control bytes, so a line is one column.
\copy messages FROM pstdin WITH (FORMAT csv, DELIMITER E'\x1f', QUOTE E'\x1e')
\copy (SELECT id, name, price FROM (SELECT DISTINCT (line #>> '{payload,id}')::bigint AS id FROM messages) AS changed LEFT JOIN products USING (id)) TO pstdout WITH (FORMAT csv)
