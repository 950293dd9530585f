"""What the operator and the admin wrote: settings, rule files, templates."""
