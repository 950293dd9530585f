"""What the admin decided beforehand: conditions over facts, and what follows from them.  Pure."""
