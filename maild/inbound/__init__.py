"""How mail comes in: SMTP listeners, mailboxes, files.  Each hands on bytes and an Envelope, and knows no store."""
