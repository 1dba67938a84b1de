import Cryptography

/// `SHA256SUMS`: what two people sign. One line per file of the body, sorted by the bytes of the path.
struct SumsFile {
    static let name = "SHA256SUMS"
    /// The largest file that is read, in bytes: as many lines as a pack may have files, of common length.
    static let maximumSizeBytes = 64 << 20
    /// Lines that are wrong are named up to this number; then reading ends.
    private static let maximumFaultCount = 100

    struct Entry {
        let path: String
        let digest: SHA256Digest
    }

    private(set) var entries: [Entry] = []
    /// Line and reason of what is not as specified.
    private(set) var faults: [(line: Int, what: String)] = []

    init(_ bytes: [UInt8]) {
        guard bytes.last == 0x0a else {
            faults.append((0, "the file is empty or does not end with a newline"))
            return
        }
        var previous: ArraySlice<UInt8>?
        var next = bytes.startIndex
        var index = -1
        while next < bytes.endIndex {
            let end = bytes[next...].firstIndex(of: 0x0a) ?? bytes.endIndex
            let line = bytes[next..<end]
            next = end + 1
            index += 1
            guard faults.count < Self.maximumFaultCount, entries.count < PackFolder.maximumEntryCount else {
                faults.append((index + 1, "the rest is not read: too much is wrong, or there are more lines than a pack may have files"))
                return
            }
            guard line.count > 66, let digest = SHA256Digest(hex: String(decoding: line.prefix(64), as: UTF8.self)),
                line[line.startIndex + 64] == 0x20, line[line.startIndex + 65] == 0x20
            else {
                faults.append((index + 1, "a line is 64 hex digits, two spaces and a path"))
                continue
            }
            let path = line.dropFirst(66)
            guard PackPath.isValid(path) else {
                faults.append((index + 1, "the path is not one that a pack may have"))
                continue
            }
            if let previous, !previous.lexicographicallyPrecedes(path) {
                faults.append((index + 1, "the lines are not sorted by path, or a path is there twice"))
            }
            previous = path
            entries.append(Entry(path: String(decoding: path, as: UTF8.self), digest: digest))
        }
    }
}
