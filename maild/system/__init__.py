"""What the operating system gives: files, locks, processes, the clock.

durable     files that are whole and on the disk, or as they were before
lock        a file that whoever works on it holds
forks       processes begun as copies of one that is loaded
timepiece   the clock: whether it was set, and whether it may be wrong
supervisor  what systemd is told
"""
