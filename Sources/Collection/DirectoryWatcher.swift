import CLinux
import Glibc

/// inotify on a set of folders: says that something happened, so that nobody has to look all the time.
///
/// It is a hint. Events may be lost (overflow, network file systems), so the collector also looks every few seconds.
final class DirectoryWatcher {
    /// What happened since the last call.
    struct Changes {
        /// A name appeared, went or changed hands, or events were lost: look at everything.
        var names = false
        /// Files that were written to.
        var written: Set<String> = []
        var isEmpty: Bool { !names && written.isEmpty }
    }

    /// Readable when there are events.
    let descriptor: Int32
    private var folders: [Int32: String] = [:]
    private var watches: [String: Int32] = [:]

    /// - Throws: ``CollectionError`` with `.system`.
    init() throws(CollectionError) {
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else {
            throw CollectionError(
                .system, "No inotify instance could be made (errno \(errno)); raise fs.inotify.max_user_instances")
        }
    }

    deinit { Glibc.close(descriptor) }

    /// Watches exactly these folders from now on. What cannot be watched is found by looking.
    func watch(_ wanted: Set<String>) {
        for (folder, watch) in watches where !wanted.contains(folder) {
            inotify_rm_watch(descriptor, watch)
            watches[folder] = nil
            folders[watch] = nil
        }
        let mask = UInt32(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_ATTRIB)
        for folder in wanted where watches[folder] == nil {
            let watch = inotify_add_watch(descriptor, folder, mask)
            guard watch >= 0 else { continue }
            watches[folder] = watch
            folders[watch] = folder
        }
    }

    /// Takes all events that have arrived.
    func drain() -> Changes {
        var changes = Changes()
        withUnsafeTemporaryAllocation(byteCount: 32 * 1024, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                if count <= 0 { return }
                var at = 0
                while at + 16 <= count {
                    // struct inotify_event: int wd; uint32 mask, cookie, len; char name[len], padded with zeros.
                    let watch = buffer.loadUnaligned(fromByteOffset: at, as: Int32.self)
                    let mask = buffer.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)
                    let length = Int(buffer.loadUnaligned(fromByteOffset: at + 12, as: UInt32.self))
                    let name = buffer[(at + 16)..<min(at + 16 + length, count)].prefix { $0 != 0 }
                    at += 16 + length
                    record(watch, mask, String(decoding: name, as: UTF8.self), &changes)
                }
            }
        }
        return changes
    }

    private func record(_ watch: Int32, _ mask: UInt32, _ name: String, _ changes: inout Changes) {
        if mask & UInt32(IN_IGNORED) != 0, let folder = folders.removeValue(forKey: watch) { watches[folder] = nil }
        if mask & UInt32(IN_MODIFY) != 0, let folder = folders[watch], changes.written.count < 4096 {
            let isPrefix = folder.hasSuffix("/")
            changes.written.insert(folder == "." ? name : isPrefix ? folder + name : folder + "/" + name)
        } else {
            changes.names = true
        }
    }
}
