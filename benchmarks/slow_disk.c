/* A disk that takes longer for every sync: LD_PRELOAD this, with SLOW_DISK_MS milliseconds added to each call (5 where it is not set).
   Built by benchmarks/office.py --slow-disk. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static void wait_for_disk(void)
{
    const char *ms = getenv("SLOW_DISK_MS");
    double asked = ms ? atof(ms) : 5.0;
    struct timespec rest = {(time_t)(asked / 1e3), (long)((asked - 1e3 * (long)(asked / 1e3)) * 1e6)};
    nanosleep(&rest, NULL);
}

#define SLOW(name)                                            \
    int name(int fd)                                          \
    {                                                         \
        static int (*real)(int);                              \
        if (!real)                                            \
            real = (int (*)(int))dlsym(RTLD_NEXT, #name);     \
        wait_for_disk();                                      \
        return real(fd);                                      \
    }

SLOW(fsync)
SLOW(fdatasync)
SLOW(syncfs)
