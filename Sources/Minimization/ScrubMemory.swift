/// Findings of texts that came before. Distinct values are few: actions, names, messages of a template.
///
/// A table of its own, open addressing with a keyed hash: hashing was most of the cost with a dictionary. At most eight places are
/// probed, so that texts chosen to collide cost no more than a scan.
final class ScrubMemory {
    private static let slotCount = 1 << 16
    private static let probeCount = 8
    private static let longestBytes = 256

    private let scrubber = Scrubber()
    private let seed = UInt64.random(in: 1...UInt64.max)
    private var hashes = [UInt64](repeating: 0, count: slotCount)
    private var texts = [String](repeating: "", count: slotCount)
    private var found = [[ScrubFinding]](repeating: [], count: slotCount)
    private var usedCount = 0

    /// What must not stay in `text`.
    func findings(in text: String) -> [ScrubFinding] {
        let size = text.utf8.count
        guard size >= 4 else { return [] }
        guard size <= Self.longestBytes else { return scrubber.findings(in: text) }
        let hash = hash(of: text)
        var free = -1
        for probe in 0..<Self.probeCount {
            let slot = Int(truncatingIfNeeded: hash &+ UInt64(probe)) & (Self.slotCount - 1)
            if hashes[slot] == 0 {
                free = slot
                break
            }
            if hashes[slot] == hash, texts[slot] == text { return found[slot] }
        }
        let findings = scrubber.findings(in: text)
        if free >= 0 { keep(text, findings, hash, at: free) }
        return findings
    }

    private func keep(_ text: String, _ findings: [ScrubFinding], _ hash: UInt64, at slot: Int) {
        hashes[slot] = hash
        texts[slot] = text
        found[slot] = findings
        usedCount += 1
        guard usedCount > Self.slotCount / 2 else { return }
        // Full of texts that do not come again: begin anew.
        for index in hashes.indices where hashes[index] != 0 {
            hashes[index] = 0
            texts[index] = ""
            found[index] = []
        }
        usedCount = 0
    }

    /// Eight bytes a step, multiplied and folded under a random seed; never zero.
    private func hash(of text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            var hash = seed ^ UInt64(bytes.count)
            var place = 0
            while place &+ 8 <= raw.count {
                hash = Self.mix(hash ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                place &+= 8
            }
            var rest: UInt64 = 0
            while place < raw.count {
                rest = rest << 8 | UInt64(raw[place])
                place &+= 1
            }
            return Self.mix(hash ^ rest) | 1
        }
    }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }
}
