"""What is remembered: the database with its one writer, the revisions' exact bytes, the audit chain."""
