#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Runs another program to its end with a given input and environment, and takes what it says.
///
/// Foundation's `Process` waits on a run loop with timers, which never wakes up under a faked clock; this only polls pipes.
struct ChildProgram {
    let status: Int32
    let output: [UInt8]
    /// What it said on standard error.
    let complaint: String

    /// Most bytes taken from a program's output.
    private static let outputLimitBytes = 256 << 20

    /// - Parameters:
    ///   - name: A path, or a name to be found on the path.
    ///   - environment: All of it; nothing is inherited.
    /// - Throws: ``EvidenceError`` with code `external` where it cannot be started.
    init(_ name: String, _ arguments: [String], environment: [String: String], input: [UInt8] = []) throws(EvidenceError) {
        let stdin = try Self.pipe(), stdout = try Self.pipe(), stderr = try Self.pipe()
        let pid: pid_t
        do { pid = try Self.spawn(name, arguments, environment, [stdin.read, stdout.write, stderr.write]) } catch {
            for end in [stdin.read, stdin.write, stdout.read, stdout.write, stderr.read, stderr.write] { close(end) }
            throw error
        }
        for end in [stdin.read, stdout.write, stderr.write] { close(end) }
        let said = Self.converse(input: input, to: stdin.write, from: [stdout.read, stderr.read])
        output = said[0]
        complaint = String(decoding: said[1].prefix(2_000), as: UTF8.self).trimmed
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0, errno == EINTR {}
        // WIFEXITED and WEXITSTATUS are macros.
        status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
    }

    private static func failure(_ what: String) -> EvidenceError {
        EvidenceError(.external, "\(what): \(String(cString: strerror(errno)))")
    }

    private static func pipe() throws(EvidenceError) -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        #if canImport(Glibc)
            guard Glibc.pipe(&ends) == 0 else { throw failure("no pipe could be made") }
        #else
            guard Musl.pipe(&ends) == 0 else { throw failure("no pipe could be made") }
        #endif
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(_ name: String, _ arguments: [String], _ environment: [String: String], _ ends: [Int32]) throws(EvidenceError)
        -> pid_t
    {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, end) in ends.enumerated() { posix_spawn_file_actions_adddup2(&actions, end, Int32(target)) }
        var argv: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, name, &actions, nil, &argv, &envp)
        guard code == 0 else { throw EvidenceError(.external, "\(name) could not be started: \(String(cString: strerror(code)))") }
        return pid
    }

    /// Feeds `input` and reads both streams to their ends, whichever is ready.
    private static func converse(input: [UInt8], to feed: Int32, from streams: [Int32]) -> [[UInt8]] {
        var said: [[UInt8]] = streams.map { _ in [] }
        var open = streams.map { _ in true }
        var fed = 0
        var isFeeding = true
        // A program that closes its input early must not kill us. Held back on this thread alone: other threads may talk to programs too.
        var pipe = sigset_t()
        sigemptyset(&pipe)
        sigaddset(&pipe, SIGPIPE)
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &pipe, &before)
        defer {
            var now = timespec()
            while sigtimedwait(&pipe, nil, &now) > 0 {}
            pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        _ = fcntl(feed, F_SETFL, O_NONBLOCK)
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while isFeeding || open.contains(true) {
            if isFeeding, fed == input.count {
                close(feed)
                isFeeding = false
            }
            var waiting = streams.indices.filter { open[$0] }.map { pollfd(fd: streams[$0], events: Int16(POLLIN), revents: 0) }
            if isFeeding { waiting.append(pollfd(fd: feed, events: Int16(POLLOUT), revents: 0)) }
            guard !waiting.isEmpty else { break }
            if poll(&waiting, nfds_t(waiting.count), -1) < 0 {
                if errno == EINTR { continue }
                break
            }
            for ready in waiting where ready.revents != 0 {
                if ready.fd == feed, isFeeding {
                    let count = input[fed...].withUnsafeBytes { write(feed, $0.baseAddress, $0.count) }
                    if count > 0 { fed += count } else if count < 0, errno != EINTR, errno != EAGAIN { fed = input.count }
                } else if let place = streams.firstIndex(of: ready.fd) {
                    let count = read(ready.fd, &buffer, buffer.count)
                    if count > 0, said[place].count < outputLimitBytes {
                        said[place] += buffer[..<count]
                    } else if count == 0 || (count < 0 && errno != EINTR) {
                        open[place] = false
                    }
                }
            }
        }
        if isFeeding { close(feed) }
        for stream in streams { close(stream) }
        return said
    }
}
