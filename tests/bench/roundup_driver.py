"""Files an mbox into a Roundup tracker by its own mail gateway; run by Roundup's own Python.

python roundup_driver.py TRACKER USERS        creates the users u0@bench.example …
python roundup_driver.py TRACKER MBOX         prints the seconds it took
"""

import sys
import time

import roundup.instance
from roundup import password
from roundup.scripts.roundup_mailgw import parse_arguments


def main() -> None:
    home, what = sys.argv[1], sys.argv[2]
    tracker = roundup.instance.open(home)
    if what.isdigit():
        db = tracker.open("admin")
        for number in range(int(what)):
            db.user.create(
                username=f"u{number}",
                address=f"u{number}@bench.example",
                roles="User",
                password=password.Password("x", config=db.config),
            )
        db.commit()
        db.close()
        return
    gateway = tracker.MailGW(tracker, parse_arguments([home])[1])
    began = time.perf_counter()
    gateway.do_mailbox(what)
    print(time.perf_counter() - began)


if __name__ == "__main__":
    main()
