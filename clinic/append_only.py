"""Tables whose rows can be added but never changed or deleted, by the database."""

from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

_POSTGRESQL = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
DROP TRIGGER IF EXISTS {table}_kept ON {table};
CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
_SQLITE = """
CREATE TRIGGER IF NOT EXISTS {table}_kept_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""
_SQLITE_ACTS = ("UPDATE", "DELETE")


def tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables of the models that call themselves append-only and exist already."""
    present = set(connection.introspection.table_names())
    marked = [m for m in apps.get_models() if getattr(m, "is_append_only", False)]
    return [m._meta.db_table for m in marked if m._meta.db_table in present]


def install(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        for table in tables(connection):
            if connection.vendor == "postgresql":
                cursor.execute(_POSTGRESQL.format(table=table))
            else:
                for act in _SQLITE_ACTS:
                    cursor.execute(_SQLITE.format(table=table, act=act))


def remove(connection: BaseDatabaseWrapper) -> None:
    """For tests that must empty the tables; nothing in the product calls it."""
    with connection.cursor() as cursor:
        for table in tables(connection):
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_kept ON {table}")
            else:
                for act in _SQLITE_ACTS:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_kept_{act}")


def reinstall(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    install(connections[using])
