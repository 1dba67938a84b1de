#pragma once
#include <sys/inotify.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <poll.h>
#include <signal.h>
