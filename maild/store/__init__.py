"""The one place where anything is kept: tables, the one writer, and what may be asked of it."""
