"""Working time, clocks and promises: pure arithmetic on UTC seconds."""
