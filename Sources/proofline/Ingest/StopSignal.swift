import CLinux
import Glibc
import Synchronization

/// SIGTERM and SIGINT as a descriptor that becomes readable, so that work ends between two steps.
final class StopSignal {
    private let descriptor: Int32

    /// Takes the signals over for the rest of the process's life. A third signal ends the process at once.
    init() throws {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0, clinux_stop_signals_to(descriptor) == 0 else {
            throw VerbError.failed("signals cannot be taken over (errno \(errno))")
        }
    }

    /// Whether a signal came.
    var isRaised: Bool { wait([], milliseconds: 0) }

    /// Sleeps until a signal comes (true), one of the descriptors is readable, or the time is over.
    func wait(_ descriptors: [Int32], milliseconds: UInt64) -> Bool {
        var entries = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        for other in descriptors { entries.append(pollfd(fd: other, events: Int16(POLLIN), revents: 0)) }
        _ = poll(&entries, nfds_t(entries.count), Int32(clamping: milliseconds))
        return entries[0].revents != 0
    }

    /// As ``wait(_:milliseconds:)``, and then a moment more, so that a file written line by line is not read line by line.
    func waitAndGather(_ descriptors: [Int32], milliseconds: UInt64) -> Bool {
        if wait(descriptors, milliseconds: milliseconds) { return true }
        return milliseconds == 0 ? false : wait([], milliseconds: min(milliseconds, 40))
    }
}
