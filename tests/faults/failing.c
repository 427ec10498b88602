/* LD_PRELOAD: while the file $KOHOBAN_FAULT holds "<errno> <part of a path>", every write, sync, rename and creation under such a path
   fails with that error. For tests of one process and its children; real failing disks are in disks.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fails(const char *path) {
    const char *control = getenv("KOHOBAN_FAULT");
    char text[4096];
    int error = 0, start = 0;
    if (!control || !path) return 0;
    long fd = syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) return 0;
    long size = syscall(SYS_read, fd, text, sizeof text - 1);
    syscall(SYS_close, fd);
    if (size <= 0) return 0;
    text[size] = 0;
    if (sscanf(text, "%d %n", &error, &start) != 1 || !strstr(path, text + start)) return 0;
    errno = error;
    return 1;
}

static int fails_fd(int fd) {
    char name[64], path[4096];
    int before = errno;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(name, path, sizeof path - 1);
    errno = before;
    if (size <= 0) return 0;
    path[size] = 0;
    return fails(path);
}

static int fails_at(int dir, const char *path) {
    char name[64], whole[8192];
    if (path && path[0] == '/') return fails(path);
    if (dir == AT_FDCWD || !path) return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", dir);
    ssize_t size = readlink(name, whole, 4000);
    if (size <= 0) return 0;
    snprintf(whole + size, sizeof whole - size, "/%s", path);
    return fails(whole);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) { return fails_fd(fd) ? -1 : NEXT(write)(fd, data, size); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return fails_fd(fd) ? -1 : NEXT(pwrite)(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return fails_fd(fd) ? -1 : NEXT(pwrite64)(fd, data, size, at); }
int fsync(int fd) { return fails_fd(fd) ? -1 : NEXT(fsync)(fd); }
int fdatasync(int fd) { return fails_fd(fd) ? -1 : NEXT(fdatasync)(fd); }
int ftruncate(int fd, off_t size) { return fails_fd(fd) ? -1 : NEXT(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return fails_fd(fd) ? -1 : NEXT(ftruncate64)(fd, size); }
int mkdir(const char *path, mode_t mode) { return fails(path) ? -1 : NEXT(mkdir)(path, mode); }
int rename(const char *from, const char *to) { return fails(to) ? -1 : NEXT(rename)(from, to); }
int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    return fails_at(to_dir, to) ? -1 : NEXT(renameat2)(from_dir, from, to_dir, to, flags);
}

#define OPEN(name)                                                                   \
    int name(const char *path, int flags, ...) {                                     \
        va_list rest;                                                                \
        va_start(rest, flags);                                                       \
        mode_t mode = va_arg(rest, mode_t);                                          \
        va_end(rest);                                                                \
        return (flags & O_CREAT) && fails(path) ? -1 : NEXT(name)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
