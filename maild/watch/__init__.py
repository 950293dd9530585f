"""Whether a site is well: `health` says it in words, `http` tells who asks, `alarms` tells the operator unasked."""
