-- The secondary: documents, and a full-text index over them that triggers keep up to date.

CREATE TABLE documents (
    id INTEGER PRIMARY KEY, name TEXT UNIQUE, version TEXT, size INTEGER, summary TEXT, description TEXT
);

CREATE VIRTUAL TABLE search USING fts5(
    name, summary, description, content = 'documents', content_rowid = 'id', tokenize = 'porter'
);

CREATE TRIGGER documents_inserted AFTER INSERT ON documents BEGIN
    INSERT INTO search(rowid, name, summary, description) VALUES (new.id, new.name, new.summary, new.description);
END;

CREATE TRIGGER documents_deleted AFTER DELETE ON documents BEGIN
    INSERT INTO search(search, rowid, name, summary, description)
    VALUES ('delete', old.id, old.name, old.summary, old.description);
END;

CREATE TRIGGER documents_updated AFTER UPDATE ON documents BEGIN
    INSERT INTO search(search, rowid, name, summary, description)
    VALUES ('delete', old.id, old.name, old.summary, old.description);
    INSERT INTO search(rowid, name, summary, description) VALUES (new.id, new.name, new.summary, new.description);
END;
