"""Who is who: evidence of who wrote a mail, gathered once and kept with it; what we sign, log in with, and show."""
