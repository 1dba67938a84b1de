import Compression
import DurableIO

/// A content that the store has a cursor of, or that is being read.
final class KnownContent {
    /// What is or will be committed.
    var cursor: FileCursor
    /// Who reads it.
    var reader: ContentReader?
    /// The file that `reader` has open, and files that were found to hold the same content meanwhile.
    var openFile: FileCollector.FileKey?
    var twins: [FileCollector.FileKey] = []
    /// Whether `cursor` moved since it was last handed out.
    var isDirty = false

    init(_ cursor: FileCursor) { self.cursor = cursor }

    /// Where a file must agree to hold this content: an offset and the hash up to it.
    var matchPoint: (offset: UInt64, hash: ContentDigest) {
        guard let reader else { return (cursor.offset, cursor.hash) }
        return reader.detachedAt == nil ? (reader.hash.count, reader.hash.value) : (reader.position, reader.hashAtPosition)
    }

    /// Hashes at earlier offsets.
    var waypoints: Waypoints { reader?.hash.waypoints ?? cursor.waypoints }

    /// Takes over how far the reader has come.
    func update(_ hashing: any ContentHashing, isRead: Bool) {
        guard let reader else { return }
        var new = cursor
        new.offset = reader.hash.count
        if new.offset != cursor.offset {
            new.hash = reader.hash.value
            new.anchor = reader.hash.anchor
            new.waypoints = reader.hash.waypoints
        }
        if reader.prefix.count > new.prefixLength {
            new.prefixLength = reader.prefix.count
            var prefixHash = RunningHash(hashing)
            prefixHash.update(reader.prefix[...])
            new.prefixHash = prefixHash.value
        }
        if let status = reader.checked {
            new.place = FileCursor.Place(
                device: status.device, inode: status.inode, sizeBytes: status.sizeBytes,
                modifiedMicroseconds: status.modifiedMicroseconds, isCompressed: reader.stream?.format != CompressionFormat.none,
                isRead: isRead)
        }
        // A place alone is no reason for a commit.
        if new.offset > 0, new.offset != cursor.offset || new.prefixLength != cursor.prefixLength { isDirty = true }
        cursor = new
    }
}

/// The contents of one source, found by their beginnings.
struct KnownContents {
    private struct Prefix: Hashable {
        let length: Int
        let hash: ContentDigest
    }

    private(set) var byID: [String: KnownContent] = [:]
    private var byPrefix: [Prefix: [KnownContent]] = [:]
    private var lengths: [Int: Int] = [:]

    /// All of them.
    var all: Dictionary<String, KnownContent>.Values { byID.values }

    /// Adds one.
    mutating func add(_ content: KnownContent) {
        byID[content.cursor.contentID] = content
        index(content, as: Prefix(length: content.cursor.prefixLength, hash: content.cursor.prefixHash))
    }

    /// Finds a content again by its longer beginning.
    mutating func prefixGrew(_ content: KnownContent, from old: FileCursor) {
        let before = Prefix(length: old.prefixLength, hash: old.prefixHash)
        byPrefix[before]?.removeAll { $0 === content }
        if byPrefix[before]?.isEmpty == true { byPrefix[before] = nil }
        lengths[old.prefixLength, default: 1] -= 1
        if lengths[old.prefixLength] == 0 { lengths[old.prefixLength] = nil }
        index(content, as: Prefix(length: content.cursor.prefixLength, hash: content.cursor.prefixHash))
    }

    private mutating func index(_ content: KnownContent, as prefix: Prefix) {
        byPrefix[prefix, default: []].append(content)
        lengths[prefix.length, default: 0] += 1
    }

    /// The contents whose fingerprint agrees with a file's beginning.
    func candidates(_ prefix: [UInt8], _ hashing: any ContentHashing) -> [KnownContent] {
        var found: [KnownContent] = []
        var hash = RunningHash(hashing)
        for length in lengths.keys.sorted() where length <= prefix.count {
            hash.update(prefix[Int(hash.count)..<length])
            found += byPrefix[Prefix(length: length, hash: hash.value)] ?? []
        }
        return found
    }

    /// Whether a file this short may be the beginning of a content that is being copied right now.
    func mayBeBeginning(_ prefix: [UInt8], _ hashing: any ContentHashing) -> Bool {
        guard prefix.count < RunningHash.fingerprintBytes else { return false }
        return all.contains { $0.reader.map { $0.prefix.count > prefix.count && $0.prefix.starts(with: prefix) } ?? false }
    }

    /// A new identity for a content that begins so: the first line's digest, and a number where others share that line.
    func newID(_ prefix: [UInt8], _ hashing: any ContentHashing) -> String {
        let firstLine = prefix.firstIndex(of: 10).map { prefix[...$0] } ?? prefix[...]
        let base = (Array("proofline content identity 1".utf8) + firstLine).withUnsafeBytes { ContentDigest(of: $0, hashing) }
        let text = String(base.hex.prefix(32))
        var candidate = text
        var number = 2
        while byID[candidate] != nil {
            candidate = "\(text)~\(number)"
            number += 1
        }
        return candidate
    }
}
