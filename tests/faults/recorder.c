/* Records what a process does to the files below RECORD_DIR, in the order in which it happened.
 *
 * Preloaded in front of the C library. Each call is made and recorded under one lock, so the record
 * is an order that the file system saw. RECORD_LOG gets entries of
 *
 *     kind (1 byte), handle (4), offset (8), length (4), that many bytes   little-endian
 *
 * `recording.py` reads them and proves that nothing is missing: what they come to must be what lies
 * in the directory in the end.
 *
 * One library of the engine renames by a system call of its own. Its files begin as `.tmp…` and are
 * open while they get their name, so their new name is asked of the kernel before the next entry.
 *
 * The planted defect: with RECORD_SKIP_SYNC set, fsync and fdatasync do nothing and say that they
 * did, for files whose name contains it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define HANDLES 4096

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char below[PATH_MAX];
static size_t below_length;
static int journal = -1;
static uint32_t handle_of[HANDLES]; /* by descriptor; 0: not ours */
static char is_skipped[HANDLES];
static char *temporary[HANDLES]; /* the name that a file was opened under, while it is a `.tmp…` */
static uint32_t handles;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
    const char *directory = getenv("RECORD_DIR"), *log = getenv("RECORD_LOG");
    if (!directory || !log || !realpath(directory, below)) return;
    below_length = strlen(below);
    journal = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void put(const void *bytes, size_t count) {
    while (count) {
        ssize_t done = REAL(write)(journal, bytes, count);
        if (done <= 0) abort();
        bytes = (const char *)bytes + done;
        count -= (size_t)done;
    }
}

static void entry(char kind, uint32_t handle, uint64_t offset, const void *bytes, uint32_t length) {
    char head[17];
    head[0] = kind;
    memcpy(head + 1, &handle, 4);
    memcpy(head + 5, &offset, 8);
    memcpy(head + 13, &length, 4);
    put(head, sizeof head);
    put(bytes, length);
}

static void note_renames(void) {
    for (int fd = 0; fd < HANDLES; fd++) {
        char link[64], now[PATH_MAX], both[2 * PATH_MAX];
        if (!temporary[fd]) continue;
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, now, sizeof now - 1);
        if (length <= (ssize_t)below_length) continue;
        now[length] = 0;
        if (!strcmp(now + below_length + 1, temporary[fd]) || strstr(now, " (deleted)")) continue;
        length = snprintf(both, sizeof both, "%s\n%s", temporary[fd], now + below_length + 1);
        entry('r', 0, 0, both, (uint32_t)length);
        free(temporary[fd]);
        temporary[fd] = NULL;
    }
}

static void note(char kind, uint32_t handle, uint64_t offset, const void *bytes, uint32_t length) {
    note_renames();
    entry(kind, handle, offset, bytes, length);
}

/* The path below the directory, or NULL. */
static const char *inside(int base, const char *path, char *room) {
    if (journal < 0) return NULL;
    if (path[0] != '/') {
        char link[64], start[PATH_MAX];
        ssize_t length;
        if (base == AT_FDCWD) {
            if (!getcwd(start, sizeof start)) return NULL;
        } else {
            snprintf(link, sizeof link, "/proc/self/fd/%d", base);
            length = readlink(link, start, sizeof start - 1);
            if (length < 0) return NULL;
            start[length] = 0;
        }
        if (snprintf(room, PATH_MAX, "%s/%s", start, path) >= PATH_MAX) return NULL;
        path = room;
    }
    if (strncmp(path, below, below_length)) return NULL;
    if (!path[below_length]) return ""; /* the directory itself */
    return path[below_length] == '/' ? path + below_length + 1 : NULL;
}

static uint32_t handle(int fd) { return fd >= 0 && fd < HANDLES ? handle_of[fd] : 0; }

static void opened(int fd, int base, const char *path, int flags) {
    char room[PATH_MAX];
    const char *name = fd >= 0 && fd < HANDLES ? inside(base, path, room) : NULL;
    if (!name) return;
    const char *skip = getenv("RECORD_SKIP_SYNC");
    handle_of[fd] = ++handles;
    is_skipped[fd] = skip && strstr(name, skip) != NULL;
    note('o', handles, (uint64_t)flags, name, (uint32_t)strlen(name));
    if (strstr(name, "/.tmp")) temporary[fd] = strdup(name);
}

#define OPENING(name, real)                                                                        \
    int name(const char *path, int flags, ...) {                                                   \
        mode_t mode = 0;                                                                           \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        if (flags & (O_CREAT | O_TMPFILE)) mode = (mode_t)va_arg(rest, int);                       \
        va_end(rest);                                                                              \
        pthread_mutex_lock(&lock);                                                                 \
        int fd = REAL(real)(path, flags, mode);                                                    \
        int kept = errno;                                                                          \
        opened(fd, AT_FDCWD, path, flags);                                                         \
        pthread_mutex_unlock(&lock);                                                               \
        errno = kept;                                                                              \
        return fd;                                                                                 \
    }

#define OPENING_AT(name, real)                                                                     \
    int name(int base, const char *path, int flags, ...) {                                         \
        mode_t mode = 0;                                                                           \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        if (flags & (O_CREAT | O_TMPFILE)) mode = (mode_t)va_arg(rest, int);                       \
        va_end(rest);                                                                              \
        pthread_mutex_lock(&lock);                                                                 \
        int fd = REAL(real)(base, path, flags, mode);                                              \
        int kept = errno;                                                                          \
        opened(fd, base, path, flags);                                                             \
        pthread_mutex_unlock(&lock);                                                               \
        errno = kept;                                                                              \
        return fd;                                                                                 \
    }

OPENING(open, open)
OPENING(open64, open64)
OPENING_AT(openat, openat)
OPENING_AT(openat64, openat64)

int close(int fd) {
    pthread_mutex_lock(&lock);
    if (handle(fd)) {
        note_renames();
        free(temporary[fd]);
        temporary[fd] = NULL;
        handle_of[fd] = 0;
    }
    int result = REAL(close)(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

static void copied(int from, int to) {
    if (to >= 0 && to < HANDLES && handle(from)) {
        handle_of[to] = handle_of[from];
        is_skipped[to] = is_skipped[from];
    }
}

int fcntl64(int fd, int command, ...) {
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    pthread_mutex_lock(&lock);
    int result = REAL(fcntl64)(fd, command, argument);
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) copied(fd, result);
    pthread_mutex_unlock(&lock);
    return result;
}

int fcntl(int fd, int command, ...) {
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    pthread_mutex_lock(&lock);
    int result = REAL(fcntl)(fd, command, argument);
    if (command == F_DUPFD || command == F_DUPFD_CLOEXEC) copied(fd, result);
    pthread_mutex_unlock(&lock);
    return result;
}

static void wrote(int fd, uint64_t offset, const void *bytes, ssize_t count) {
    if (count > 0 && handle(fd)) note('w', handle(fd), offset, bytes, (uint32_t)count);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    if (!handle(fd)) return REAL(write)(fd, bytes, count);
    pthread_mutex_lock(&lock);
    ssize_t done = REAL(write)(fd, bytes, count);
    int kept = errno;
    if (done > 0) wrote(fd, (uint64_t)(lseek(fd, 0, SEEK_CUR) - done), bytes, done);
    pthread_mutex_unlock(&lock);
    errno = kept;
    return done;
}

ssize_t writev(int fd, const struct iovec *pieces, int count) {
    if (!handle(fd)) return REAL(writev)(fd, pieces, count);
    /* As many calls as pieces: a short write is allowed anyway. */
    return write(fd, pieces[0].iov_base, pieces[0].iov_len);
}

#define WRITING_AT(name)                                                                           \
    ssize_t name(int fd, const void *bytes, size_t count, off64_t offset) {                        \
        pthread_mutex_lock(&lock);                                                                 \
        ssize_t done = REAL(name)(fd, bytes, count, offset);                                       \
        int kept = errno;                                                                          \
        wrote(fd, (uint64_t)offset, bytes, done);                                                  \
        pthread_mutex_unlock(&lock);                                                               \
        errno = kept;                                                                              \
        return done;                                                                               \
    }

WRITING_AT(pwrite)
WRITING_AT(pwrite64)

#define SIZING(name)                                                                               \
    int name(int fd, off64_t size) {                                                               \
        pthread_mutex_lock(&lock);                                                                 \
        int result = REAL(name)(fd, size);                                                         \
        if (!result && handle(fd)) note('t', handle(fd), (uint64_t)size, NULL, 0);                 \
        pthread_mutex_unlock(&lock);                                                               \
        return result;                                                                             \
    }

SIZING(ftruncate)
SIZING(ftruncate64)

#define SYNCING(name)                                                                              \
    int name(int fd) {                                                                             \
        pthread_mutex_lock(&lock);                                                                 \
        int result = 0;                                                                            \
        if (!handle(fd) || !is_skipped[fd]) {                                                      \
            result = REAL(name)(fd);                                                               \
            if (!result && handle(fd)) note('s', handle(fd), 0, NULL, 0);                          \
        }                                                                                          \
        pthread_mutex_unlock(&lock);                                                               \
        return result;                                                                             \
    }

SYNCING(fsync)
SYNCING(fdatasync)

static void named(char kind, int base, const char *path) {
    char room[PATH_MAX];
    const char *name = inside(base, path, room);
    if (name) note(kind, 0, 0, name, (uint32_t)strlen(name));
}

#define NAMING(call, kind, base, path)                                                             \
    pthread_mutex_lock(&lock);                                                                     \
    int result = call;                                                                             \
    int kept = errno;                                                                              \
    if (!result) named(kind, base, path);                                                          \
    pthread_mutex_unlock(&lock);                                                                   \
    errno = kept;                                                                                  \
    return result;

int mkdir(const char *path, mode_t mode) { NAMING(REAL(mkdir)(path, mode), 'm', AT_FDCWD, path) }
int unlink(const char *path) { NAMING(REAL(unlink)(path), 'u', AT_FDCWD, path) }
int rmdir(const char *path) { NAMING(REAL(rmdir)(path), 'd', AT_FDCWD, path) }
int unlinkat(int base, const char *path, int flags) {
    NAMING(REAL(unlinkat)(base, path, flags), flags & AT_REMOVEDIR ? 'd' : 'u', base, path)
}

int rename(const char *from, const char *to) {
    pthread_mutex_lock(&lock);
    int result = REAL(rename)(from, to);
    int kept = errno;
    char room[PATH_MAX], other[PATH_MAX], both[2 * PATH_MAX];
    const char *old = inside(AT_FDCWD, from, room), *fresh = inside(AT_FDCWD, to, other);
    if (!result && old && fresh) {
        int length = snprintf(both, sizeof both, "%s\n%s", old, fresh);
        note('r', 0, 0, both, (uint32_t)length);
    }
    pthread_mutex_unlock(&lock);
    errno = kept;
    return result;
}

/* Ways that would go past the record: the callers have others. */
ssize_t copy_file_range(int from, off64_t *start, int to, off64_t *place, size_t count, unsigned f) {
    (void)from, (void)start, (void)to, (void)place, (void)count, (void)f;
    errno = ENOSYS;
    return -1;
}
