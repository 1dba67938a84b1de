import Compression
import DurableIO

extension FileCollector {
    /// ``Mode/once``: one file after another, each to its end.
    func collectOnce(_ budget: Int, _ sink: any CollectionSink, _ now: UInt64) throws -> CollectorProgress {
        if firstScan == nil {
            firstScan = now
            queue = try look(sink).files.reversed()
            totalBytes = queue.reduce(0) { $0 + $1.status.sizeBytes }
        }
        var progress = CollectorProgress()
        while progress.rawBytes < UInt64(budget), progress.deliveredBytes < Self.deliveredBytes {
            if let content = reading.first {
                try readOn(content, until: UInt64(budget), sink, now, &progress)
                if content.reader?.isLive == false { try finish(content, sink) }
            } else if let next = queue.popLast() {
                try examine(next.path, next.status, sink, now)
                // A file that adds nothing still counts as dealt with, so that progress reaches its end.
                if reading.isEmpty { progress.rawBytes += next.status.sizeBytes }
            } else {
                return progress
            }
        }
        progress.hasMore = true
        return progress
    }

    /// ``Mode/follow``: looks where something happened, then reads everything open in turn.
    func collectFollowing(_ budget: Int, _ sink: any CollectionSink, _ now: UInt64) throws -> CollectorProgress {
        let changes = watcher?.drain() ?? DirectoryWatcher.Changes()
        let openPaths = Set(reading.compactMap { $0.reader?.path })
        wantsScan = wantsScan || changes.names || !changes.written.isSubset(of: openPaths)
        if now >= nextScan || (wantsScan && now >= earliestScan) {
            let begin = ContinuousClock.now
            try scan(sink, now)
            // A look at very many files is paid for by looking less often.
            let took = UInt64(max(0, (ContinuousClock.now - begin) / .milliseconds(1)))
            earliestScan = now + 5 * took
            nextScan = now + max(Self.scanMilliseconds, 20 * took)
            wantsScan = false
        }
        var progress = CollectorProgress()
        let share = UInt64(max(64 * 1024, budget / max(reading.count, 1)))
        for content in reading {
            var own = CollectorProgress()
            if content.reader?.detachedAt == nil { content.reader?.isLive = true }
            try readOn(content, until: share, sink, now, &own)
            progress.rawBytes += own.rawBytes
            progress.deliveredBytes += own.deliveredBytes
            progress.hasMore = progress.hasMore || own.hasMore
        }
        // What was replaced may go on in a copy: look for it at once.
        if mustLook {
            mustLook = false
            nextScan = now
            progress.hasMore = true
        }
        try settle(sink, now)
        return progress
    }

    /// Reads a content until `limit` bytes of the file are read in `progress`, or nothing is there.
    private func readOn(
        _ content: KnownContent, until limit: UInt64, _ sink: any CollectionSink, _ now: UInt64, _ progress: inout CollectorProgress
    ) throws {
        guard let reader = content.reader, reader.stream != nil else { return }
        while progress.rawBytes < limit, progress.deliveredBytes < Self.deliveredBytes {
            let before = reader.position
            do {
                switch try reader.read(limit: ContentStream.readBytes, into: sink, now: now) {
                case .read(let count):
                    progress.rawBytes += UInt64(count)
                    progress.deliveredBytes += reader.position - before
                case .atEnd:
                    reader.isLive = false
                    return
                case .replaced:
                    return replaced(content, reader, now)
                }
            } catch let error as CompressionError {
                return try damaged(content, error, sink)
            } catch let error as DurableIOError {
                try noteOnce(CollectionNote(.unreadable(reason: error.message), source: source, name: reader.path), sink)
                return letGo(content, role: .failed, state: try sink.release(content.cursor.contentID))
            }
        }
        progress.hasMore = true
    }

    /// The file under a reader turned into something else: it is a file to be examined, and the content waits for a copy.
    private func replaced(_ content: KnownContent, _ reader: ContentReader, _ now: UInt64) {
        reader.isLive = false
        if mode == .once {
            // There is nobody to wait for: what was read stays, and what the file holds now is for the next run.
            reader.detach(now: now)
            return
        }
        if let key = content.openFile { files[key] = nil }
        content.openFile = nil
        reader.detach(now: now)
        mustLook = true
        releaseTwins(of: content)
    }

    /// Copies of a content are looked at again: one of them may hold more than was read.
    private func releaseTwins(of content: KnownContent) {
        for key in content.twins where files[key] != nil { files[key]?.role = .waiting }
        content.twins = []
    }

    /// Ends contents that will not go on, and lets go of files in which nothing happens.
    private func settle(_ sink: any CollectionSink, _ now: UInt64) throws {
        for content in reading {
            guard let reader = content.reader, !reader.isLive else { continue }
            let idle = now - min(now, reader.lastGrowth)
            if let since = reader.detachedAt {
                let waited = now - since
                if waited >= Self.unfinishedMilliseconds || (waited >= Self.graceMilliseconds && !hasWaitingFiles) {
                    try giveUp(content, reader, sink)
                }
            } else if let since = reader.namelessSince {
                if now - since >= Self.graceMilliseconds, idle >= Self.graceMilliseconds { try finish(content, sink) }
            } else if reader.stream?.format != CompressionFormat.none {
                if idle >= Self.graceMilliseconds { try finish(content, sink) }
            } else if reader.hasUnfinishedRecord, idle >= Self.unfinishedMilliseconds {
                try finish(content, sink)
            } else if idle >= Self.quietMilliseconds {
                try reader.quiet(sink)
            }
        }
        guard reading.count > Self.maximumIdleReaders else { return }
        let quiet = reading.filter { $0.reader.map { !$0.isLive && !$0.hasUnfinishedRecord && $0.detachedAt == nil } ?? false }
            .sorted { $0.reader!.lastGrowth < $1.reader!.lastGrowth }
        for content in quiet.prefix(reading.count - Self.maximumIdleReaders) {
            letGo(content, role: nil, state: try sink.release(content.cursor.contentID))
        }
    }

    /// The content's file was truncated or replaced, and no copy of it came: what was not read is lost.
    private func giveUp(_ content: KnownContent, _ reader: ContentReader, _ sink: any CollectionSink) throws {
        let missing = reader.seenBytes > reader.position ? reader.seenBytes - reader.position : reader.hasUnfinishedRecord ? 1 : 0
        try reader.end(sink)
        if missing > 0 {
            try sink.note(
                CollectionNote(
                    .lost(atLeastBytes: missing), source: source, contentID: content.cursor.contentID, offset: reader.position,
                    name: reader.path))
        }
        letGo(content, role: nil, state: try sink.release(content.cursor.contentID))
    }

    /// The end of a content that will not grow where it is: the last record is complete now, and the file is let go.
    func finish(_ content: KnownContent, _ sink: any CollectionSink) throws {
        guard let reader = content.reader else { return }
        do { try reader.stream?.finish() } catch let error as CompressionError {
            return try damaged(content, error, sink)
        }
        try reader.end(sink)
        letGo(content, role: nil, state: try sink.release(content.cursor.contentID))
    }

    /// The compressed form breaks off. The record that was cut is not taken: when the whole file comes, reading goes on with it.
    private func damaged(_ content: KnownContent, _ error: CompressionError, _ sink: any CollectionSink) throws {
        guard let reader = content.reader else { return }
        reader.isLive = false
        try sink.note(
            CollectionNote(
                .damaged(reason: error.message), source: source, contentID: content.cursor.contentID, offset: reader.hash.count,
                name: reader.path))
        letGo(content, role: .failed, state: try sink.release(content.cursor.contentID))
    }

    /// Closes a content's file. What was taken so far is kept for the next commit, with the parser's state there.
    private func letGo(_ content: KnownContent, role: Role?, state: [UInt8]) {
        guard let reader = content.reader else { return }
        updateCursor(of: content)
        content.cursor.parserState = state
        releaseTwins(of: content)
        if let key = content.openFile, files[key] != nil {
            files[key]?.role = role ?? .settled(content)
            if mode == .follow, let status = try? reader.stream?.file.status() { files[key]?.status = status }
        }
        content.openFile = nil
        content.reader = nil
        reading.removeAll { $0 === content }
    }

    /// Says something once per file.
    func noteOnce(_ note: CollectionNote, _ sink: any CollectionSink) throws {
        guard noted.insert(note.name).inserted else { return }
        try sink.note(note)
    }
}
