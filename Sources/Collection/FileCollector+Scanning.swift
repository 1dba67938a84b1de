import AuditModel
import Compression
import DurableIO
import Glibc

extension FileCollector {
    /// Expands the patterns and says what could not be read.
    func look(_ sink: any CollectionSink) throws -> Glob.Expansion {
        var all = Glob.Expansion()
        for pattern in patterns {
            let before = all.files.count
            pattern.expand(in: fileSystem, into: &all)
            if firstScan == nil || mode == .once, all.files.count == before, all.unreadable.isEmpty {
                try noteOnce(CollectionNote(.noMatch, source: source, name: pattern.pattern), sink)
            }
        }
        for (path, reason) in all.unreadable {
            try noteOnce(CollectionNote(.unreadable(reason: reason), source: source, name: path), sink)
        }
        return all
    }

    /// Looks at everything: new files, new names of known ones, names that are gone.
    func scan(_ sink: any CollectionSink, _ now: UInt64) throws {
        let expansion = try look(sink)
        watcher?.watch(expansion.folders)
        var seen: Set<FileKey> = []
        for (path, status) in expansion.files where seen.insert(FileKey(status)).inserted {
            try visit(path, status, sink, now)
        }
        let rotated = rotated()
        let newSince = rotated.isEmpty ? 0 : lastWritten
        for (path, status) in rotated where seen.insert(FileKey(status)).inserted {
            try visit(path, status, sink, now, newSince: newSince)
        }
        for (key, file) in files where !seen.contains(key) {
            if case .reading(let content) = file.role {
                if content.reader?.namelessSince == nil { content.reader?.namelessSince = now }
            } else {
                files[key] = nil
            }
        }
        if firstScan == nil { firstScan = now }
        try searchForLost(sink, after: now - (firstScan ?? now))
    }

    /// Files that were rotated out of the patterns: a pattern's name with a number or date after it. Only what began under a pattern, or
    /// was written since anything was read, is read there.
    private func rotated() -> [(path: String, status: FileStatus)] {
        guard !known.all.isEmpty else { return [] }
        var all = Glob.Expansion()
        for pattern in patterns where !pattern.pattern.hasSuffix("*") {
            guard let siblings = try? Glob(pattern.pattern + "[.-][0-9]*") else { continue }
            siblings.expand(in: fileSystem, into: &all)
        }
        return all.files
    }

    /// When anything known of this source was last written to.
    private var lastWritten: Int64 { known.all.reduce(0) { max($0, $1.cursor.place?.modifiedMicroseconds ?? 0) } }

    private func visit(
        _ path: String, _ status: FileStatus, _ sink: any CollectionSink, _ now: UInt64, newSince: Int64? = nil
    ) throws {
        let key = FileKey(status)
        guard let file = files[key] else {
            return try examine(path, status, sink, now, newSince: newSince)
        }
        files[key]?.path = path
        let hasChanged = file.status != status
        switch file.role {
        case .reading(let content):
            content.reader?.path = path
            content.reader?.namelessSince = nil
        case .settled, .failed:
            if hasChanged { try examine(path, status, sink, now, newSince: newSince) }
        case .waiting:
            try examine(path, status, sink, now, newSince: newSince)
        }
    }

    /// Finds out what a file holds and begins, or goes on, to read it where that is called for.
    ///
    /// - Parameter newSince: When given, an unknown content is read only if the file was written to at or after this time.
    func examine(_ path: String, _ status: FileStatus, _ sink: any CollectionSink, _ now: UInt64, newSince: Int64? = nil) throws {
        let key = FileKey(status)
        files[key] = TrackedFile(path: path, status: status, role: .waiting)
        if let content = places[key], content.reader == nil, let place = content.cursor.place, place.isRead, place.isUnchanged(status) {
            files[key]?.role = .settled(content)
            return
        }
        do {
            let file = try fileSystem.open(path, .read)
            let stream = try ContentStream(file)
            let prefix = try FileIdentification.beginning(of: stream)
            guard isReady(prefix, stream, status) else { return }
            let answer = try FileIdentification(hashing: hashing).identify(file, prefix: prefix, among: known)
            if case .new = answer, let newSince, status.modifiedMicroseconds < newSince {
                files[key]?.role = .failed
                return
            }
            // Not in one step: `act` looks at the other files.
            let role = try act(on: answer, Found(path: path, status: status, file: file, prefix: prefix), sink, now)
            files[key]?.role = role
        } catch let error as CompressionError {
            if mode == .follow, !isStable(status) { return }
            files[key]?.role = .failed
            try noteOnce(CollectionNote(.damaged(reason: error.message), source: source, offset: 0, name: path), sink)
        } catch let error as DurableIOError {
            files[key]?.role = .failed
            if error.code == .notFound { return }
            try noteOnce(CollectionNote(.unreadable(reason: error.message), source: source, name: path), sink)
        }
    }

    /// A file that was opened and whose beginning was read.
    private struct Found {
        let path: String
        let status: FileStatus
        let file: any OpenFile
        let prefix: [UInt8]
    }

    private func act(
        on answer: FileIdentification.Answer, _ found: Found, _ sink: any CollectionSink, _ now: UInt64
    ) throws -> Role {
        switch answer {
        case .new:
            let empty = RunningHash(hashing)
            var prefixHash = empty
            prefixHash.update(found.prefix[...])
            let content = KnownContent(
                FileCursor(
                    contentID: known.newID(found.prefix, hashing), hash: empty.value, anchor: empty.anchor,
                    prefixLength: found.prefix.count, prefixHash: prefixHash.value))
            known.add(content)
            return try read(content, found, sink, now)
        case .same(let content):
            guard let reader = content.reader else { return try read(content, found, sink, now) }
            guard reader.detachedAt != nil else { return twin(of: content, found) }
            reader.attach(try ContentStream(found.file), path: found.path, now: now)
            content.openFile = FileKey(found.status)
            return .reading(content)
        case .shorter(let content, let length, let uncompared):
            if mode == .follow, !isStable(found.status) { return .waiting }
            switch try isBeginning(found.file, of: content, lengthBytes: length) {
            case true?: return .settled(content)
            case false?: return try act(on: .new, found, sink, now)
            case nil: if uncompared > length / Self.uncomparedShare { return try act(on: .new, found, sink, now) }
            }
            try noteOnce(
                CollectionNote(
                    .shorterCopy(uncomparedBytes: uncompared), source: source, contentID: content.cursor.contentID, name: found.path), sink)
            return twin(of: content, found)
        }
    }

    /// A file that holds a content which is read elsewhere.
    private func twin(of content: KnownContent, _ found: Found) -> Role {
        if content.reader != nil { content.twins.append(FileKey(found.status)) }
        return .settled(content)
    }

    /// The largest part, as one nth, of a shorter copy that may stay uncompared. Beyond it, as with exports that share a long header,
    /// the file is read: a record that stands there twice does less harm than one that is lost.
    private static let uncomparedShare: UInt64 = 8

    /// Whether a file is the beginning of a content, byte for byte, where a file that holds the content is at hand; nil where none is.
    private func isBeginning(_ file: any OpenFile, of content: KnownContent, lengthBytes: UInt64) throws -> Bool? {
        var paths: [String] = []
        for tracked in files.values {
            switch tracked.role {
            case .reading(let other) where other === content, .settled(let other) where other === content: paths.append(tracked.path)
            default: break
            }
        }
        if let place = content.cursor.place {
            paths += queue.filter { FileKey($0.status) == FileKey(device: place.device, inode: place.inode) }.map(\.path)
        }
        let identification = FileIdentification(hashing: hashing)
        var answer: Bool?
        for path in paths.sorted() {
            guard let other = try? fileSystem.open(path, .read) else { continue }
            switch try identification.agree(file, other, on: lengthBytes) {
            case true?: return true
            case false?: answer = false
            case nil: break
            }
        }
        return answer
    }

    /// Opens a content at its cursor.
    private func read(_ content: KnownContent, _ found: Found, _ sink: any CollectionSink, _ now: UInt64) throws -> Role {
        let stream = try ContentStream(found.file)
        let cursor = content.cursor
        let isPlain = stream.format == .none
        if isPlain, found.status.sizeBytes == cursor.offset {
            content.cursor.place = FileCursor.Place(
                device: found.status.device, inode: found.status.inode, sizeBytes: found.status.sizeBytes,
                modifiedMicroseconds: found.status.modifiedMicroseconds, isCompressed: false, isRead: true)
            places[FileKey(found.status)] = content
            return .settled(content)
        }
        var hash = RunningHash(hashing)
        if isPlain, cursor.offset > 0 {
            guard let resumed = try FileIdentification(hashing: hashing).resumedHash(found.file, cursor) else { return .waiting }
            hash = resumed
        }
        let start = ContentStart(
            source: source, contentID: cursor.contentID, name: found.path, offset: cursor.offset,
            parserState: cursor.offset > 0 ? cursor.parserState : nil,
            modified: modified ?? Timestamp(microseconds: found.status.modifiedMicroseconds))
        let feedFrom: UInt64
        do { feedFrom = try sink.begin(start) } catch { throw SinkError(error: error) }
        content.reader = ContentReader(
            contentID: cursor.contentID, path: found.path, stream: stream, hash: hash, offset: cursor.offset,
            feedFrom: min(feedFrom, cursor.offset), prefix: found.prefix, now: now)
        content.openFile = FileKey(found.status)
        reading.append(content)
        return .reading(content)
    }

    /// Whether enough of a file is there to know it: its first 1,024 bytes or, while it is shorter, its first line.
    private func isReady(_ prefix: [UInt8], _ stream: ContentStream, _ status: FileStatus) -> Bool {
        guard !prefix.isEmpty else { return false }
        guard mode == .follow, prefix.count < RunningHash.fingerprintBytes else { return true }
        if stream.format != .none { return isStable(status) }
        guard prefix.contains(10) else { return false }
        return isStable(status) || !known.mayBeBeginning(prefix, hashing)
    }

    /// Whether nobody has written to a file for a while.
    private func isStable(_ status: FileStatus) -> Bool {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let now = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        return now - status.modifiedMicroseconds > Int64(Self.graceMilliseconds) * 1_000
    }

    /// Whether a file is still too short, or too fresh, to be known.
    var hasWaitingFiles: Bool {
        files.values.contains { file in
            if case .waiting = file.role { file.status.sizeBytes > 0 } else { false }
        }
    }

    /// Contents of which more was there at the last commit than had been read, and which are nowhere to be found: lost while nobody looked.
    ///
    /// Once per start, when every file has been looked into; one that stays too short to be known holds this up for five minutes at most.
    private func searchForLost(_ sink: any CollectionSink, after milliseconds: UInt64) throws {
        guard !hasSearchedForLost, milliseconds >= Self.graceMilliseconds else { return }
        guard !hasWaitingFiles || milliseconds >= 300_000 else { return }
        hasSearchedForLost = true
        var present: Set<String> = []
        for file in files.values {
            switch file.role {
            case .reading(let content), .settled(let content): present.insert(content.cursor.contentID)
            case .waiting, .failed: break
            }
        }
        for content in known.all where content.reader == nil && !present.contains(content.cursor.contentID) {
            guard let place = content.cursor.place, !place.isCompressed, place.sizeBytes > content.cursor.offset else { continue }
            try sink.note(
                CollectionNote(
                    .lost(atLeastBytes: place.sizeBytes - content.cursor.offset), source: source, contentID: content.cursor.contentID,
                    offset: content.cursor.offset, name: "a file that is gone"))
            content.cursor.place = nil
            content.isDirty = true
        }
    }
}
