import AuditModel
import Synchronization

/// Numbers for the distinct texts of one column over all segments: 1, 2, … in the order of sight; 0 is an absent value.
///
/// Entries never change their number, so what was translated once stays true. Thread-safe.
final class GlobalDictionary: @unchecked Sendable {
    // All state is touched under `lock` only.
    private let lock = Mutex(())
    private var bytes: [UInt8] = []
    private var ends: [UInt32] = [0]
    private var table: [UInt32] = Array(repeating: 0, count: 1_024)
    private var hashes: [UInt64] = [0]
    private var ranked: GlobalRanking?
    private static let seed = UInt64.random(in: .min ... .max)

    /// Bytes that all texts together may take; codes and offsets are 32 bits wide.
    static let mostBytes = 1 << 31

    /// Number of texts.
    var count: Int { lock.withLock { _ in ends.count - 1 } }

    /// About how much memory it takes.
    var byteCount: Int { lock.withLock { _ in bytes.count + ends.count * 12 + table.count * 4 + (ranked?.byteCount ?? 0) } }

    /// The numbers of all entries of a table: one value an entry.
    ///
    /// - Throws: ``QueryError`` with `memory` when the column holds too many texts.
    func codes(of entries: EntryTable) throws(QueryError) -> [UInt32] {
        let codes: [UInt32]? = lock.withLock { _ in
            var codes: [UInt32] = []
            codes.reserveCapacity(entries.count)
            for entry in 0..<entries.count {
                let text = entries.entry(entry)
                guard bytes.count + text.count < Self.mostBytes else { return nil }
                codes.append(find(text))
            }
            return codes
        }
        guard let codes else {
            throw QueryError(
                .memory, "the column to group by holds more than \(Self.mostBytes >> 20) MB of different texts: narrow the filter or its time")
        }
        return codes
    }

    private func find(_ text: UnsafeRawBufferPointer) -> UInt32 {
        let hash = Self.hash(text)
        var slot = Int(truncatingIfNeeded: hash) & (table.count - 1)
        while true {
            let code = table[slot]
            if code == 0 { break }
            if hashes[Int(code)] == hash, equals(code, text) { return code }
            slot = (slot + 1) & (table.count - 1)
        }
        let code = UInt32(ends.count)
        bytes.append(contentsOf: text)
        ends.append(UInt32(bytes.count))
        hashes.append(hash)
        table[slot] = code
        if ends.count * 2 > table.count { grow() }
        return code
    }

    private func equals(_ code: UInt32, _ text: UnsafeRawBufferPointer) -> Bool {
        let start = Int(ends[Int(code) - 1])
        guard Int(ends[Int(code)]) - start == text.count else { return false }
        return bytes.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[start..<start + text.count]).elementsEqual(text) }
    }

    private func grow() {
        table = Array(repeating: 0, count: table.count * 2)
        for code in 1..<ends.count {
            var slot = Int(truncatingIfNeeded: hashes[code]) & (table.count - 1)
            while table[slot] != 0 { slot = (slot + 1) & (table.count - 1) }
            table[slot] = UInt32(code)
        }
    }

    /// Eight bytes at a time, multiplied and folded; keyed per process, so that a source cannot choose texts that collide.
    private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        var hash = seed ^ UInt64(text.count)
        var at = 0
        while at + 8 <= text.count {
            hash = mix(hash ^ text.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var rest: UInt64 = 0
        while at < text.count {
            rest = rest << 8 | UInt64(text[at])
            at += 1
        }
        return mix(hash ^ rest)
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }

    /// All texts as they are now.
    var texts: GlobalTexts { lock.withLock { _ in GlobalTexts(bytes: bytes, ends: ends) } }

    /// For each number its place in the order of bytes; place 0 is the absent value.
    func ranks() -> [UInt32] { ranking().ranks }

    /// The texts in the order of bytes. Made once for as many texts as there are.
    func ranking() -> GlobalRanking {
        lock.withLock { _ in
            if let ranked, ranked.ranks.count == ends.count { return ranked }
            let order = bytes.withUnsafeBytes { all in
                (1..<max(1, ends.count)).sorted { a, b in
                    let left = UnsafeRawBufferPointer(rebasing: all[Int(ends[a - 1])..<Int(ends[a])])
                    let right = UnsafeRawBufferPointer(rebasing: all[Int(ends[b - 1])..<Int(ends[b])])
                    return left.lexicographicallyPrecedes(right)
                }
            }
            var ranks = [UInt32](repeating: 0, count: ends.count)
            var orderedBytes: [UInt8] = []
            orderedBytes.reserveCapacity(bytes.count)
            var orderedEnds: [UInt32] = [0]
            orderedEnds.reserveCapacity(ends.count)
            for (place, code) in order.enumerated() {
                ranks[code] = UInt32(place + 1)
                orderedBytes.append(contentsOf: bytes[Int(ends[code - 1])..<Int(ends[code])])
                orderedEnds.append(UInt32(orderedBytes.count))
            }
            let made = GlobalRanking(ranks: ranks, texts: GlobalTexts(bytes: orderedBytes, ends: orderedEnds))
            ranked = made
            return made
        }
    }
}

/// The texts of a ``GlobalDictionary`` at one time.
struct GlobalTexts: Sendable {
    private let bytes: [UInt8]
    /// Where the text of each number ends; number 0 has none.
    private let ends: [UInt32]

    fileprivate init(bytes: [UInt8], ends: [UInt32]) { (self.bytes, self.ends) = (bytes, ends) }

    /// Numbers in use, 0 for absent included.
    var count: Int { ends.count }
    /// Bytes of all texts.
    var byteCount: Int { bytes.count }

    private func range(_ number: UInt32) -> Range<Int> { Int(ends[Int(number) - 1])..<Int(ends[Int(number)]) }

    /// The text of a number that is not 0.
    func text(_ number: UInt32) -> String { String(decoding: bytes[range(number)], as: UTF8.self) }

    /// Appends the text as a JSON string.
    func appendJSON(_ number: UInt32, to out: inout [UInt8]) {
        let range = range(number)
        let isPlain = bytes.withUnsafeBufferPointer { bytes in
            var at = range.lowerBound
            while at < range.upperBound {
                let byte = bytes[at]
                if byte < 32 || byte == 34 || byte == 92 { return false }
                at &+= 1
            }
            return true
        }
        guard isPlain else { return CanonicalJSON.writeString(text(number), to: &out) }
        out.append(34)
        out.append(contentsOf: bytes[range])
        out.append(34)
    }
}
