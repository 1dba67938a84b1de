/// A consistency proof as a file: a header line, `start N`, `end M`, then the hashes in base64, one a line.
///
/// C2SP has no file format for it; this one follows the style of its tlog-proof.
public enum ConsistencyFile {
    public static let header = "proofline-consistency/1"

    /// The file's bytes.
    public static func bytes(_ proof: ConsistencyProof) -> [UInt8] {
        var text = "\(header)\nstart \(proof.oldSize)\nend \(proof.newSize)\n"
        for hash in proof.hashes { text += hash.base64 + "\n" }
        return Array(text.utf8)
    }

    /// Reads a file.
    ///
    /// - Throws: ``TransparencyLogError`` with code `malformedProof` and the line.
    public static func parse(_ bytes: [UInt8]) throws(TransparencyLogError) -> ConsistencyProof {
        func refuse(_ why: String, _ line: Int) -> TransparencyLogError {
            TransparencyLogError(.malformedProof, why, line: line)
        }
        guard bytes.count <= 10_000 else { throw refuse("a consistency proof has at most 10,000 bytes", 1) }
        let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard lines[0] == header else { throw refuse("a consistency proof begins with \(header)", 1) }
        guard lines.count >= 4, lines.last == "" else { throw refuse("a consistency proof ends with a newline", lines.count) }
        guard lines[1].hasPrefix("start "), let oldSize = DecimalNumber.parse(lines[1].dropFirst(6)) else {
            throw refuse("the line \"start\" and a number is missing", 2)
        }
        guard lines[2].hasPrefix("end "), let newSize = DecimalNumber.parse(lines[2].dropFirst(4)) else {
            throw refuse("the line \"end\" and a number is missing", 3)
        }
        var hashes: [MerkleHash] = []
        for (index, line) in lines.enumerated().dropFirst(3).dropLast() {
            guard let hash = MerkleHash(base64: line) else { throw refuse("this is no hash of 32 bytes in base64", index + 1) }
            hashes.append(hash)
        }
        return ConsistencyProof(oldSize: oldSize, newSize: newSize, hashes: hashes)
    }
}
