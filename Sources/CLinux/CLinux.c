#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static volatile sig_atomic_t stop_descriptor = -1;
static volatile sig_atomic_t stop_count = 0;

static void on_stop_signal(int number) {
    int saved = errno;
    uint64_t one = 1;
    stop_count = stop_count + 1;
    if (stop_count > 2) {
        signal(number, SIG_DFL);
        raise(number);
    }
    if (stop_descriptor >= 0) {
        ssize_t written = write((int)stop_descriptor, &one, sizeof one);
        (void)written;
    }
    errno = saved;
}

int clinux_stop_signals_to(int descriptor) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_stop_signal;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    stop_count = 0;
    stop_descriptor = descriptor;
    if (sigaction(SIGTERM, &action, NULL) != 0) return errno;
    if (sigaction(SIGINT, &action, NULL) != 0) return errno;
    return 0;
}

void clinux_prepare_output(void) {
    setvbuf(stdout, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, 1 << 16);
#ifdef F_SETPIPE_SZ
    // A longer pipe: the reader is woken for a megabyte, not for every 64 kB. Where standard output is none, this does nothing.
    fcntl(STDOUT_FILENO, F_SETPIPE_SZ, 1 << 20);
#endif
    signal(SIGPIPE, SIG_IGN);
}

int clinux_write_output(const void *bytes, size_t count) {
    return fwrite(bytes, 1, count, stdout) == count && !ferror(stdout) ? 0 : -1;
}

int clinux_flush_output(void) { return fflush(stdout); }

void clinux_return_freed_memory(int threads) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 512 << 10);
    mallopt(M_TRIM_THRESHOLD, 16 << 20);
    mallopt(M_ARENA_MAX, threads < 4 ? 1 : threads / 2);
#else
    (void)threads;
#endif
}

void clinux_keep_freed_memory(int threads) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    mallopt(M_TOP_PAD, 4 << 20);
    mallopt(M_ARENA_MAX, threads < 8 ? threads : 8);
#else
    (void)threads;
#endif
}
