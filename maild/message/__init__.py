"""What a mail says: pure, and never failing, whatever the bytes."""
