import Compression
import DurableIO

/// Reads one content to its present end and on as it grows, keeping the hash of what was taken.
///
/// It trusts neither name nor inode: before each read of a plain file it compares the bytes just before its position with those it
/// read there, and the beginning with the fingerprint, so a file that was truncated or rewritten under it is noticed even when it
/// has grown past the old position.
final class ContentReader {
    /// The content's identity.
    let contentID: String
    /// The path it was last seen under.
    var path: String
    /// The open file; nil when it turned into something else.
    private(set) var stream: ContentStream?
    /// The hash of the bytes that the sink has taken.
    private(set) var hash: RunningHash
    /// Offset after the last byte handed out.
    private(set) var position: UInt64
    /// The content's first bytes, up to 1,024.
    private(set) var prefix: [UInt8]
    /// Size of the file when last looked at.
    private(set) var seenBytes: UInt64 = 0
    /// The file as it was before the last comparison and read: a later change shows against it.
    private(set) var checked: FileStatus?
    /// Time of the last growth or change, by the collector's clock.
    var lastGrowth: UInt64
    /// Whether another read may give bytes at once.
    var isLive = true
    /// Since when no name leads to the file.
    var namelessSince: UInt64?
    /// Since when there is no file.
    private(set) var detachedAt: UInt64?

    /// Bytes handed out and not yet taken: the unfinished record.
    private var pending: [UInt8] = []
    /// The bytes before `position`, at most 256.
    private var recent: [UInt8] = []
    /// Where the sink wants to be fed from.
    private var feedFrom: UInt64

    /// What a read found.
    enum Outcome {
        /// Bytes of the file that were read.
        case read(Int)
        /// Nothing new.
        case atEnd
        /// The file no longer holds this content.
        case replaced
    }

    /// - Parameters:
    ///   - hash: The hash at the cursor, or the empty one for a compressed content that is read again from its beginning.
    ///   - offset: The cursor.
    init(
        contentID: String, path: String, stream: ContentStream, hash: RunningHash, offset: UInt64, feedFrom: UInt64, prefix: [UInt8],
        now: UInt64
    ) {
        self.contentID = contentID
        self.path = path
        self.stream = stream
        self.hash = hash
        self.prefix = prefix
        self.feedFrom = feedFrom
        position = offset
        lastGrowth = now
        if stream.format == .none, feedFrom == offset { stream.seek(to: offset) }
    }

    /// Whether bytes wait for the rest of their record.
    var hasUnfinishedRecord: Bool { !pending.isEmpty }

    /// The hash of everything handed out.
    var hashAtPosition: ContentDigest {
        var hash = hash
        hash.update(pending[...])
        return hash.value
    }

    /// The file turned into something else; the content may go on in a copy.
    func detach(now: UInt64) {
        stream = nil
        checked = nil
        detachedAt = now
    }

    /// Goes on in another file that holds the same content.
    func attach(_ stream: ContentStream, path: String, now: UInt64) {
        self.stream = stream
        self.path = path
        feedFrom = position
        checked = nil
        recent = []
        lastGrowth = now
        detachedAt = nil
        namelessSince = nil
        isLive = true
        if stream.format == .none { stream.seek(to: position) }
    }

    /// Reads once.
    /// - Throws: ``DurableIOError``, ``CompressionError`` (damage), ``SinkError``.
    func read(limit: Int, into sink: any CollectionSink, now: UInt64) throws -> Outcome {
        guard let stream else { return .atEnd }
        let status = try stream.file.status()
        if stream.format == .none {
            if status.sizeBytes != seenBytes { lastGrowth = now }
            if status.sizeBytes < stream.rawOffset { return .replaced }
            // Also where the size says that nothing is new: other content may have grown to the same size.
            guard try holdsWhatWasRead(stream) else { return .replaced }
            seenBytes = max(status.sizeBytes, seenBytes)
        }
        checked = status
        if stream.format == .none, status.sizeBytes == stream.rawOffset { return .atEnd }
        let count = try stream.step(limit: limit) { bytes, offset in try hand(bytes, at: offset, to: sink) }
        guard count > 0 else { return .atEnd }
        lastGrowth = now
        return .read(count)
    }

    /// Says that nothing came for a while, again and again while bytes wait, so that a record that only what follows would end is taken.
    func quiet(_ sink: any CollectionSink) throws {
        guard hasUnfinishedRecord else { return }
        advance(to: try sink.quiet(contentID))
    }

    /// Says that the content ends here, so that an unfinished record is taken as it is.
    func end(_ sink: any CollectionSink) throws {
        advance(to: try sink.end(contentID))
    }

    private func hand(_ bytes: UnsafeRawBufferPointer, at offset: UInt64, to sink: any CollectionSink) throws {
        let end = offset + UInt64(bytes.count)
        func tail(from start: UInt64) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(rebasing: bytes[Int(start - offset)...])
        }
        if prefix.count < RunningHash.fingerprintBytes, offset <= UInt64(prefix.count), end > UInt64(prefix.count) {
            prefix += tail(from: UInt64(prefix.count)).prefix(RunningHash.fingerprintBytes - prefix.count)
        }
        // A compressed content that is read again passes its cursor first.
        if hash.count < position, offset <= hash.count, end > hash.count, pending.isEmpty {
            hash.update(UnsafeRawBufferPointer(rebasing: tail(from: hash.count).prefix(Int(min(end, position) - hash.count))))
        }
        guard end > position else {
            guard end > feedFrom else { return }
            let start = max(offset, feedFrom)
            return advance(to: try sink.take(contentID, tail(from: start), at: start))
        }
        let new = tail(from: max(offset, position))
        position = end
        recent = Array((recent + new.suffix(Self.recentBytes)).suffix(Self.recentBytes))
        guard end > feedFrom else {
            pending += new
            return
        }
        let start = max(offset, feedFrom)
        do {
            advance(to: try sink.take(contentID, tail(from: start), at: start), with: new)
        } catch {
            pending += new
            throw error
        }
    }

    /// Hashes what the sink has taken, up to `consumed`; of `new`, the bytes that follow those pending, it keeps the others.
    private func advance(to consumed: UInt64, with new: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) {
        let taken = consumed > hash.count ? min(Int(consumed - hash.count), pending.count + new.count) : 0
        guard taken >= pending.count else {
            hash.update(pending[..<taken])
            pending.removeFirst(taken)
            pending += new
            return
        }
        // Most bytes are hashed where they lie and are kept nowhere.
        let ofNew = taken - pending.count
        hash.update(pending[...])
        hash.update(UnsafeRawBufferPointer(rebasing: new[..<ofNew]))
        pending.removeAll(keepingCapacity: true)
        pending += new[ofNew...]
    }

    private static let recentBytes = 256

    private func holdsWhatWasRead(_ stream: ContentStream) throws -> Bool {
        let start = stream.rawOffset - min(UInt64(recent.count), stream.rawOffset)
        return try Self.file(stream.file, holds: recent, at: start) && Self.file(stream.file, holds: prefix, at: 0)
    }

    private static func file(_ file: any OpenFile, holds expected: [UInt8], at offset: UInt64) throws -> Bool {
        guard !expected.isEmpty else { return true }
        return try withUnsafeTemporaryAllocation(byteCount: expected.count, alignment: 1) { buffer in
            let count = try file.read(into: buffer, at: offset)
            return count == expected.count && expected.withUnsafeBytes { $0.elementsEqual(buffer) }
        }
    }
}
