/// Reads the lines of a policy file (c2sp.org/tlog-policy).
///
/// Names are opaque octets there, so they are compared as bytes, never as text.
struct LogPolicyParser {
    private static let limitBytes = 1_000_000
    /// Groups nest at most this deep; it bounds the recursion over hostile files.
    private static let maximumDepth = 32

    let path: String?
    private var line = 0
    private var logs: [NoteVerifier] = []
    private var witnesses: [(name: String, verifier: NoteVerifier)] = []
    private var defined: [[UInt8]: (quorum: LogPolicy.Quorum, depth: Int)] = [:]
    private var members: Set<[UInt8]> = []
    private var quorum: LogPolicy.Quorum?

    init(path: String?) {
        self.path = path
    }

    mutating func parse(_ bytes: [UInt8]) throws(TransparencyLogError) -> LogPolicy {
        guard bytes.count <= Self.limitBytes else { throw refuse("a policy has at most a million bytes") }
        for text in bytes.split(separator: 0x0a, omittingEmptySubsequences: false) {
            line += 1
            guard text.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
                throw refuse("control characters are not allowed in a policy")
            }
            let words = text.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).map(Array.init)
            guard let keyword = words.first, keyword.first != UInt8(ascii: "#") else { continue }
            switch String(decoding: keyword, as: UTF8.self) {
            case "log": try takeLog(words)
            case "witness": try takeWitness(words)
            case "group": try takeGroup(words)
            case "quorum": try takeQuorum(words)
            default: throw refuse("a line begins with log, witness, group, quorum or #, not \(show(keyword))")
            }
        }
        guard let quorum else { throw refuse("the line \"quorum\" is missing; \"quorum none\" asks for no witness") }
        return LogPolicy(logs: logs, witnesses: witnesses, quorum: quorum)
    }

    private mutating func takeLog(_ words: [[UInt8]]) throws(TransparencyLogError) {
        guard words.count == 2 || words.count == 3 else { throw refuse("a log is written: log VKEY [URL]") }
        let verifier = try key(words[1], .ed25519)
        guard !logs.contains(where: { $0.publicKey == verifier.publicKey }) else {
            throw refuse("the key of the log \(verifier.key.name) is there twice")
        }
        logs.append(verifier)
    }

    private mutating func takeWitness(_ words: [[UInt8]]) throws(TransparencyLogError) {
        guard words.count == 3 || words.count == 4 else { throw refuse("a witness is written: witness NAME VKEY [URL]") }
        let verifier = try key(words[2], .cosignatureV1)
        guard !witnesses.contains(where: { $0.verifier.publicKey == verifier.publicKey }) else {
            throw refuse("the key of the witness \(show(words[1])) is there twice")
        }
        try define(words[1], .witness(verifier), depth: 0)
        witnesses.append((show(words[1]), verifier))
    }

    private mutating func takeGroup(_ words: [[UInt8]]) throws(TransparencyLogError) {
        guard words.count >= 4 else { throw refuse("a group is written: group NAME all|any|K MEMBER...") }
        let names = words[3...]
        var resolved: [LogPolicy.Quorum] = []
        var depth = 0
        for name in names {
            guard let member = defined[name] else { throw refuse("\(show(name)) is not defined above this line") }
            guard members.insert(name).inserted else { throw refuse("\(show(name)) is already a member of a group") }
            resolved.append(member.quorum)
            depth = max(depth, member.depth + 1)
        }
        guard depth <= Self.maximumDepth else { throw refuse("groups nest at most \(Self.maximumDepth) deep") }
        let threshold: Int
        switch String(decoding: words[2], as: UTF8.self) {
        case "all": threshold = names.count
        case "any": threshold = 1
        case let text:
            guard let number = DecimalNumber.parse(text), number >= 1, number <= UInt64(names.count) else {
                throw refuse("a group asks for all, any, or a number from 1 to \(names.count), not \(text)")
            }
            threshold = Int(number)
        }
        try define(words[1], .group(threshold: threshold, members: resolved), depth: depth)
    }

    private mutating func takeQuorum(_ words: [[UInt8]]) throws(TransparencyLogError) {
        guard words.count == 2 else { throw refuse("the quorum is written: quorum NAME, or quorum none") }
        guard quorum == nil else { throw refuse("the quorum is there twice") }
        if words[1] == Array("none".utf8) {
            quorum = LogPolicy.Quorum.none
            return
        }
        guard let named = defined[words[1]] else { throw refuse("\(show(words[1])) is not defined above this line") }
        quorum = named.quorum
    }

    private mutating func define(_ name: [UInt8], _ quorum: LogPolicy.Quorum, depth: Int) throws(TransparencyLogError) {
        guard name != Array("none".utf8) else { throw refuse("the name none means: no witness") }
        guard defined.updateValue((quorum, depth), forKey: name) == nil else { throw refuse("\(show(name)) is defined twice") }
    }

    private func key(_ word: [UInt8], _ algorithm: NoteKey.Algorithm) throws(TransparencyLogError) -> NoteVerifier {
        do throws(TransparencyLogError) {
            let verifier = try NoteVerifier(vkey: String(decoding: word, as: UTF8.self))
            guard verifier.key.algorithm == algorithm else {
                throw refuse("this needs a key of type \(algorithm.rawValue), not \(verifier.key.algorithm.rawValue)")
            }
            return verifier
        } catch {
            throw TransparencyLogError(error.code, error.message, path: path, line: line)
        }
    }

    private func show(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func refuse(_ why: String) -> TransparencyLogError {
        TransparencyLogError(.malformedPolicy, why, path: path, line: line)
    }
}
