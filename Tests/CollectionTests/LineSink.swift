import Collection
import Foundation

/// A sink that takes lines and remembers them, as ingestion would; its parser state is the number of lines.
final class LineSink: CollectionSink {
    struct Content {
        var start: ContentStart
        var pending: [UInt8] = []
        var consumed: UInt64
        var lines = 0
    }

    /// Every record taken, in order.
    var lines: [String] = []
    var notes: [CollectionNote] = []
    var starts: [ContentStart] = []
    var open: [String: Content] = [:]
    /// Whether contents are to be fed from their beginning.
    var wantsAll = false

    func begin(_ start: ContentStart) throws -> UInt64 {
        starts.append(start)
        let lines = start.parserState.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
        open[start.contentID] = Content(start: start, consumed: start.offset, lines: lines)
        return wantsAll ? 0 : start.offset
    }

    func take(_ contentID: String, _ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws -> UInt64 {
        var content = open[contentID]!
        let known = content.consumed + UInt64(content.pending.count)
        if offset + UInt64(bytes.count) > known { content.pending += bytes[Int(max(known, offset) - offset)...] }
        while let end = content.pending.firstIndex(of: 10) {
            lines.append(String(decoding: content.pending[..<end], as: UTF8.self))
            content.pending.removeFirst(end + 1)
            content.consumed += UInt64(end + 1)
            content.lines += 1
        }
        open[contentID] = content
        return content.consumed
    }

    func quiet(_ contentID: String) throws -> UInt64 { open[contentID]!.consumed }

    func end(_ contentID: String) throws -> UInt64 {
        var content = open[contentID]!
        if !content.pending.isEmpty {
            lines.append(String(decoding: content.pending, as: UTF8.self))
            content.consumed += UInt64(content.pending.count)
            content.pending = []
            content.lines += 1
        }
        open[contentID] = content
        return content.consumed
    }

    func release(_ contentID: String) throws -> [UInt8] { state(open.removeValue(forKey: contentID)!) }

    func note(_ note: CollectionNote) throws { notes.append(note) }

    func state(of contentID: String) -> [UInt8] { state(open[contentID]!) }

    private func state(_ content: Content) -> [UInt8] { Array(String(content.lines).utf8) }
}

/// Keyed hashes for tests: FNV-1a in lanes. Production uses HMAC-SHA-256 and Poly1305.
struct TestHashing: ContentHashing {
    func digest(_ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutableRawBufferPointer) { lanes(0..<4, bytes, digest) }

    func tag(_ bytes: UnsafeRawBufferPointer, into tag: UnsafeMutableRawBufferPointer) { lanes(7..<9, bytes, tag) }

    private func lanes(_ lanes: Range<UInt64>, _ bytes: UnsafeRawBufferPointer, _ digest: UnsafeMutableRawBufferPointer) {
        var out: [UInt8] = []
        for lane in lanes {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325 &+ lane &* 0x9e37_79b9_7f4a_7c15
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash ^= hash >> 29
            for shift in 0..<8 as Range<UInt64> { out.append(UInt8(truncatingIfNeeded: hash >> (8 * shift))) }
        }
        digest.copyBytes(from: out)
    }
}

/// A folder that goes away with the test, and a collector over it that can be "restarted" from what it committed.
final class Workbench {
    let folder: URL
    var sink = LineSink()
    var committed: [String: CollectorCursor] = [:]
    var now: UInt64 = 1_000
    private(set) var collector: FileCollector?
    private let patterns: [String]
    private let mode: FileCollector.Mode

    init(_ patterns: [String] = ["*.log*"], _ mode: FileCollector.Mode = .follow) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "collect-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.patterns = patterns
        self.mode = mode
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path(name))) }

    func append(_ name: String, _ text: String) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: path(name)))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    func truncate(_ name: String) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: path(name)))
        try handle.truncate(atOffset: 0)
        try handle.close()
    }

    /// Asks until nothing more comes at once.
    func collect(advancing milliseconds: UInt64 = 2_500, commit: Bool = true) throws {
        now += milliseconds
        if collector == nil {
            collector = try FileCollector(
                source: "test", patterns: patterns.map { path($0) }, mode: mode,
                cursors: committed.values.sorted { $0.contentID < $1.contentID },
                hashing: TestHashing())
        }
        while try collector!.collect(budgetBytes: 1 << 20, into: sink, now: now).hasMore {}
        if commit { self.commit() }
    }

    func commit() {
        for cursor in collector!.cursors(parserState: { sink.state(of: $0) }) { committed[cursor.contentID] = cursor }
    }

    /// What kill -9 leaves: the committed cursors. The new sink begins without lines.
    func restart() {
        collector?.close()
        collector = nil
        sink = LineSink()
    }
}

/// Lines with a number each, long enough that a few make a fingerprint.
func numbered(_ range: Range<Int>) -> String {
    range.map { "line \($0) \(String(repeating: "x", count: 60))\n" }.joined()
}

/// The numbers in lines made by ``numbered(_:)``.
func numbers(_ lines: [String]) -> [Int] { lines.compactMap { Int($0.split(separator: " ")[1]) } }
