"""Indexes that both databases keep."""

from typing import Any

from django.db import models


class CoveringIndex(models.Index):
    """An index that answers without its table: it holds `include` beside its keys.

    SQLite knows no such columns, and they are keys there.
    """

    def create_sql(
        self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any
    ) -> Any:
        if schema_editor.connection.features.supports_covering_indexes:
            return super().create_sql(model, schema_editor, using, **kwargs)
        wide = models.Index(fields=[*self.fields, *self.include], name=self.name)
        return wide.create_sql(model, schema_editor, using, **kwargs)
