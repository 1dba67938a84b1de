#pragma once
// What Linux offers beyond Glibc's Swift overlay: inotify, flock, statvfs, poll, and a signal handler that is safe
// whatever threads exist (it only writes one byte to a descriptor).
#include <stddef.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/// From now on SIGTERM and SIGINT add one to the eventfd `descriptor` instead of ending the process.
/// A third signal ends the process at once, for whoever cannot wait.
/// Returns 0, or an errno value.
int clinux_stop_signals_to(int descriptor);

/// Standard output is buffered by lines on a terminal and by 64 KiB elsewhere; a writer to a closed pipe gets EPIPE, not a signal.
void clinux_prepare_output(void);
/// Writes bytes to standard output through the C library's buffer, in order with what `print` writes. 0 or -1.
int clinux_write_output(const void *bytes, size_t count);

/// Hands on what standard output's buffer holds. 0 or -1.
int clinux_flush_output(void);

/// Lets the C library give freed blocks of 512 KiB and more back at once and keep 16 MiB of smaller ones, and bounds its heaps to one for two of
/// `threads`. Giving more back costs a page fault for each 4 KiB that is needed again, a tenth of an ingest; keeping more, memory: the room of
/// columns that came and went is half as much again as is in use. Does nothing where the C library has no such settings.
void clinux_return_freed_memory(int threads);

/// Lets the C library keep freed memory for what is asked for next, in heaps that grow in large steps, one for each of `threads` up to eight:
/// threads that share one wait for each other. For a process that answers questions. To be called before threads begin. Does nothing where
/// the C library has no such settings.
void clinux_keep_freed_memory(int threads);
