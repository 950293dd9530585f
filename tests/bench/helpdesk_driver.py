"""Files a folder of mails into django-helpdesk by its own gateway; run by the Python of its environment.

python helpdesk_driver.py FOLDER            makes a site there: SQLite as durable as ours, mail into files
python helpdesk_driver.py FOLDER MAILS      files what lies in the folder MAILS, prints the seconds
"""

import logging
import os
import sys
import time
from pathlib import Path


def main() -> None:
    folder = Path(sys.argv[1])
    settle(folder)
    import django

    django.setup()
    from django.urls import include, path

    globals()["urlpatterns"] = [path("", include("helpdesk.urls", namespace="helpdesk"))]
    logging.disable(logging.CRITICAL)
    if len(sys.argv) == 2:
        make(folder)
        return
    from helpdesk.email import process_queue
    from helpdesk.models import Queue, Ticket

    queue = Queue.objects.get()
    queue.email_box_local_dir = sys.argv[2]
    count = len(os.listdir(sys.argv[2]))
    began = time.perf_counter()
    process_queue(queue, logging.getLogger("bench"))
    seconds = time.perf_counter() - began
    assert Ticket.objects.count() == count, Ticket.objects.count()
    print(seconds)


def settle(folder: Path) -> None:
    from django.conf import settings

    apps = ["admin", "auth", "contenttypes", "sessions", "sites", "messages", "staticfiles", "humanize"]
    settings.configure(
        SECRET_KEY="bench",
        USE_TZ=True,
        SITE_ID=1,
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=[f"django.contrib.{app}" for app in apps] + ["rest_framework", "helpdesk"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        ROOT_URLCONF=__name__,
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(folder / "db.sqlite3"),
                "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"},
            }
        },
        EMAIL_BACKEND="django.core.mail.backends.filebased.EmailBackend",
        EMAIL_FILE_PATH=str(folder / "sent"),
        MEDIA_ROOT=str(folder / "media"),
        HELPDESK_TEAMS_MODE_ENABLED=False,
        HELPDESK_KANBAN_BOARD_ENABLED=False,
    )


def make(folder: Path) -> None:
    from django.core.management import call_command

    (folder / "sent").mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    from helpdesk.models import Queue

    Queue.objects.create(
        title="support",
        slug="support",
        email_address="support@bench.example",
        allow_email_submission=True,
        email_box_type="local",
        new_ticket_cc="agent@bench.example",
        enable_notifications_on_email_events=True,
    )


if __name__ == "__main__":
    main()
