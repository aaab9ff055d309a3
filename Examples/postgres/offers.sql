-- The secondary: what the shop's pages show, in a database of SQLite.

CREATE TABLE offers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price INTEGER NOT NULL);
