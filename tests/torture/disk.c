/* A shim between the program and its disk, loaded by LD_PRELOAD, for the files of the folder DISK_FOLDER:
 *
 *   DISK_SWITCH   while this file exists, the operations it names fail. It contains an errno and letters:
 *                 w write, t truncate, s sync, o open for writing. "28 w": no space left on the device.
 *   DISK_RECORD   every write, truncation, sync and removal is recorded here, in order, so that a test can compute
 *                 what a power failure could have left. An entry: kind, length of the name, 2 bytes unused,
 *                 length of the data (32 bits), offset (64 bits), name, data.
 *
 * The index of the write-ahead log, which SQLite maps into memory, is rebuilt after a crash and not recorded.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES 4096
#define NAME 64

static char names[FILES][NAME]; /* by descriptor; empty: none of ours */
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;
static int record = -1;
static const char *folder, *switched;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  folder = getenv("DISK_FOLDER");
  switched = getenv("DISK_SWITCH");
  const char *path = getenv("DISK_RECORD");
  if (path) record = REAL(open)(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static const char *name_of(int fd) { return fd >= 0 && fd < FILES && names[fd][0] ? names[fd] : NULL; }

/* Whether this operation fails now; sets errno. */
static int fails(char operation) {
  char text[32] = {0};
  int fd = switched ? REAL(open)(switched, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  REAL(close)(fd);
  char *letters = length > 0 ? strchr(text, ' ') : NULL;
  if (!letters || !strchr(letters, operation)) return 0;
  errno = atoi(text);
  return 1;
}

static void note(char kind, const char *name, const void *data, uint32_t length, uint64_t offset) {
  if (record < 0 || strstr(name, "-shm")) return;
  struct { char kind; uint8_t name; uint16_t unused; uint32_t length; uint64_t offset; } head = {
      kind, (uint8_t)strlen(name), 0, length, offset};
  struct iovec parts[3] = {{&head, sizeof head}, {(void *)name, head.name}, {(void *)data, length}};
  if (writev(record, parts, 3) < 0) abort();
}

static int opened(int fd, const char *path) {
  if (fd < 0 || fd >= FILES) return fd;
  size_t length = folder ? strlen(folder) : 0;
  names[fd][0] = 0;
  if (length && !strncmp(path, folder, length) && path[length] == '/') snprintf(names[fd], NAME, "%s", path + length + 1);
  return fd;
}

static int may_open(const char *path, int flags) {
  size_t length = folder ? strlen(folder) : 0;
  int writing = flags & (O_CREAT | O_WRONLY | O_RDWR);
  return !(length && writing && !strncmp(path, folder, length) && fails('o'));
}

#define OPEN(name)                                             \
  int name(const char *path, int flags, ...) {                 \
    va_list more;                                              \
    va_start(more, flags);                                     \
    mode_t mode = va_arg(more, mode_t);                        \
    va_end(more);                                              \
    if (!may_open(path, flags)) return -1;                     \
    return opened(REAL(name)(path, flags, mode), path);        \
  }
OPEN(open)
OPEN(open64)

int close(int fd) {
  if (fd >= 0 && fd < FILES) names[fd][0] = 0;
  return REAL(close)(fd);
}

#define PWRITE(called, offset_type)                                                    \
  ssize_t called(int fd, const void *data, size_t length, offset_type offset) {        \
    const char *name = name_of(fd);                                                    \
    if (!name) return REAL(called)(fd, data, length, offset);                          \
    if (fails('w')) return -1;                                                         \
    pthread_mutex_lock(&order);                                                        \
    ssize_t written = REAL(called)(fd, data, length, offset);                          \
    if (written > 0) note('w', name, data, (uint32_t)written, (uint64_t)offset);       \
    pthread_mutex_unlock(&order);                                                      \
    return written;                                                                    \
  }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *data, size_t length) {
  const char *name = name_of(fd);
  if (!name) return REAL(write)(fd, data, length);
  if (fails('w')) return -1;
  pthread_mutex_lock(&order);
  off_t offset = lseek(fd, 0, SEEK_CUR);
  ssize_t written = REAL(write)(fd, data, length);
  if (written > 0) note('w', name, data, (uint32_t)written, (uint64_t)offset);
  pthread_mutex_unlock(&order);
  return written;
}

#define TRUNCATE(called, offset_type)                                 \
  int called(int fd, offset_type length) {                            \
    const char *name = name_of(fd);                                   \
    if (!name) return REAL(called)(fd, length);                       \
    if (fails('t')) return -1;                                        \
    pthread_mutex_lock(&order);                                       \
    int done = REAL(called)(fd, length);                              \
    if (!done) note('t', name, "", 0, (uint64_t)length);              \
    pthread_mutex_unlock(&order);                                     \
    return done;                                                      \
  }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(called)                                \
  int called(int fd) {                              \
    const char *name = name_of(fd);                 \
    if (!name) return REAL(called)(fd);             \
    if (fails('s')) return -1;                      \
    pthread_mutex_lock(&order);                     \
    int done = REAL(called)(fd);                    \
    if (!done) note('s', name, "", 0, 0);           \
    pthread_mutex_unlock(&order);                   \
    return done;                                    \
  }
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
  size_t length = folder ? strlen(folder) : 0;
  int ours = length && !strncmp(path, folder, length) && path[length] == '/';
  pthread_mutex_lock(&order);
  int done = REAL(unlink)(path);
  if (!done && ours) note('u', path + length + 1, "", 0, 0);
  pthread_mutex_unlock(&order);
  return done;
}
