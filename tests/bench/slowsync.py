"""A disk that is slow, and one that is counted: a library that is loaded before the C library (LD_PRELOAD).

With MAILD_BENCH_SYNC_MS each fsync and fdatasync takes so much longer; with MAILD_BENCH_SYNC_LOG each adds a byte to
a file.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.peers import BENCH, Absent

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int sync_by(const char *name, int fd) {
    const char *ms = getenv("MAILD_BENCH_SYNC_MS"), *log = getenv("MAILD_BENCH_SYNC_LOG");
    if (ms) usleep(1000 * atoi(ms));
    if (log) {
        int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (out >= 0) { if (write(out, "s", 1)) {} close(out); }
    }
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    return real(fd);
}
int fsync(int fd) { return sync_by("fsync", fd); }
int fdatasync(int fd) { return sync_by("fdatasync", fd); }
"""


@contextmanager
def syncing(milliseconds: int = 0, log: Path | None = None) -> Iterator[None]:
    """Have the programs that are started meanwhile sync slowly, or tell of each sync.

    Raises:
        Absent: there is no compiler.
    """
    values = {"LD_PRELOAD": str(_library())}
    if milliseconds:
        values["MAILD_BENCH_SYNC_MS"] = str(milliseconds)
    if log:
        values["MAILD_BENCH_SYNC_LOG"] = str(log)
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _library() -> Path:
    path = BENCH / "slowsync.so"
    if not path.exists():
        compiler = shutil.which("cc")
        if compiler is None:
            raise Absent("a C compiler (apt-get install gcc)")
        BENCH.mkdir(exist_ok=True)
        source = path.with_suffix(".c")
        source.write_text(SOURCE)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", str(path), str(source), "-ldl"], check=True)
    return path
