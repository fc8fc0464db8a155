"""Where everything is kept: tables, transactions, migrations. SQLite by default, PostgreSQL by URL."""
