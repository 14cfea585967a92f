"""The database's own refusal to rewrite an order's history or an invoice, for whoever goes past the models."""

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

_MESSAGES = {
    "payments_ordertransition": "the history of an order is never changed or deleted",
    "payments_invoice": "an invoice is never changed or deleted",
}


def create_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table, message in _MESSAGES.items():
        for statement in _write_creation(schema_editor.connection.vendor, table, message):
            schema_editor.execute(statement, params=None)


def drop_triggers(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_postgres = schema_editor.connection.vendor == "postgresql"
    for table in _MESSAGES:
        schema_editor.execute(f"DROP TRIGGER {table}_append_only{f' ON {table}' if is_postgres else ''}", params=None)
        if is_postgres:
            schema_editor.execute(f"DROP FUNCTION refuse_{table}_rewrite()", params=None)


def _write_creation(vendor: str, table: str, message: str) -> list[str]:
    name = f"{table}_append_only"
    if vendor == "sqlite":
        # SQLite has no TRUNCATE: Django empties test databases by DELETE, which therefore stays allowed there.
        return [f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END"]
    return [
        f"CREATE FUNCTION refuse_{table}_rewrite() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION refuse_{table}_rewrite()",
    ]
