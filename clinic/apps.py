from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

from clinic import append_only


class ClinicConfig(AppConfig):
    name = "clinic"

    def ready(self) -> None:
        # SQLite rebuilds a table to alter it and loses its triggers without a word.
        post_migrate.connect(append_only.reinstall, dispatch_uid="append_only")
        # Each app above registers what changes mean to it in a module of that name.
        autodiscover_modules("consequences")
