"""Who stands behind a mail: evidence gathered once, after it was accepted, and kept with it."""
