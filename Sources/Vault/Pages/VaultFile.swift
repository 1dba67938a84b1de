import Cryptography
import GRDB

/// Tokens and subjects in the vault's pages: finding them, and opening what is sealed. ``VaultFile+Writing`` and ``VaultFile+Erasure`` change them.
///
/// Used under the vault's lock alone, on the connection of its queue. Another process may have written since: ``refresh()`` comes first in every
/// transaction of a reader.
final class VaultFile {
    /// Slots of a page of keys, and the bytes of one: place of the subject's first chunk (8), then its sealed key.
    static let keySlots = 56
    static let keySlotBytes = 8 + AESGCM.keySizeBytes + AESGCM.overheadBytes

    let pages: VaultPages
    let runs: IndexRuns
    let directory: String
    let wrapKey: [UInt8]
    var root = VaultRoot()
    private(set) var sealers: Sealers?

    /// Contexts for many boxes.
    struct Sealers {
        let keys: AESGCMSealer
        let values: AESGCMSealer
        let random = RandomPool()
    }

    init(_ db: Database, master: MasterKey, directory: String) throws {
        self.directory = directory
        wrapKey = master.derive(.subjectKeys)
        guard let connection = db.sqliteConnection else {
            throw VaultError(.storage, "the vault is closed; open it again", path: directory)
        }
        pages = try VaultPages(connection, key: master.derive(.pages), directory: directory)
        runs = IndexRuns(pages: pages)
    }

    /// Takes note of what is in the file now.
    func refresh() throws {
        guard let found = VaultRoot(try pages.readRoot()) else { throw pages.damaged(nil, 0) }
        guard found != root else { return }
        root = found
        pages.forget()
    }

    func openSealers() throws -> Sealers {
        if let sealers { return sealers }
        let made = Sealers(keys: try AESGCMSealer(key: wrapKey), values: try AESGCMSealer())
        sealers = made
        return made
    }

    var isEmpty: Bool { root.lastHeapPage == 0 }

    // MARK: Tokens

    struct Found {
        let subject: Int64
        let token: PersonChunk.Token
        let place: HeapPlace

        /// - Throws: ``VaultError`` `damaged` for a kind that there is none of.
        func spelled() throws -> Token { try token.spelled() }
    }

    /// The token of a look-up.
    func find(_ lookup: SHA256Digest) throws -> Found? {
        let (start, next) = Self.halves(lookup)
        return try runs.first(.look, start, root) { packed in
            let found = try self.found(HeapPlace(packed))
            return found.token.lookupStart == start && found.token.lookupNext == next ? found : nil
        }
    }

    /// The token with these bits.
    func find(bits: UInt64) throws -> Found? {
        try runs.first(.bits, bits, root) { packed in
            let found = try self.found(HeapPlace(packed))
            return found.token.bits == bits ? found : nil
        }
    }

    func find(_ token: Token) throws -> Found? {
        guard let found = try find(bits: token.bits), Int64(found.token.kind) == token.kind.rawValue else { return nil }
        return found
    }

    private func found(_ place: HeapPlace) throws -> Found {
        try pages.withPage(.heap, place.page) { page in
            guard let (subject, token) = PersonChunk.found(page, place) else { throw pages.damaged(.heap, place.page) }
            return Found(subject: subject, token: token, place: place)
        }
    }

    /// The first 16 bytes of a look-up.
    static func halves(_ lookup: SHA256Digest) -> (start: UInt64, next: UInt64) {
        lookup.withUnsafeBytes {
            (UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)), UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    /// The salt and the value of a token, from its box.
    func open(_ found: Found) throws -> (salt: [UInt8], value: [UInt8]) {
        guard let chunk = PersonChunk(try pages.read(.heap, found.place.page), at: found.place.offset) else {
            throw pages.damaged(.heap, found.place.page)
        }
        let opened = try open(chunk, key: key(of: found.subject))
        let start = chunk.tokens[..<found.place.slot].reduce(0) { $0 + PersonChunk.saltBytes + $1.valueBytes }
        let valueStart = start + PersonChunk.saltBytes
        guard valueStart + found.token.valueBytes <= opened.count else { throw pages.damaged(.heap, found.place.page) }
        return (Array(opened[start..<valueStart]), Array(opened[valueStart..<(valueStart + found.token.valueBytes)]))
    }

    func open(_ chunk: PersonChunk, key: [UInt8]) throws -> [UInt8] {
        guard let opened = try? AESGCM.open(chunk.box, key: key, aad: chunk.aad) else {
            throw VaultError(.damaged, "the values of a subject do not open; restore the vault from its backup", path: directory)
        }
        return opened
    }

    // MARK: Subjects

    /// The chunks of a subject, the first one first; none where it was erased or went into another.
    func chunks(of subject: Int64) throws -> [(place: HeapPlace, chunk: PersonChunk)] {
        let home = try slot(of: subject).home
        guard home != 0 else { return [] }
        return try ([home] + runs.find(.more, IndexEntry.key(ofSubject: subject), root)).map { packed in
            let place = HeapPlace(packed)
            guard let chunk = PersonChunk(try pages.read(.heap, place.page), at: place.offset), chunk.subject == subject else {
                throw pages.damaged(.heap, place.page)
            }
            return (place, chunk)
        }
    }

    func tokens(of subject: Int64) throws -> [PersonChunk.Token] { try chunks(of: subject).flatMap(\.chunk.tokens) }

    /// The key of a subject.
    func key(of subject: Int64) throws -> [UInt8] {
        guard let key = try? AESGCM.open(slot(of: subject).key, key: wrapKey, aad: Vault.bigEndian(UInt64(bitPattern: subject))) else {
            throw VaultError(.damaged, "a subject's key does not open; restore the vault from its backup", path: directory)
        }
        return key
    }

    private func slot(of subject: Int64) throws -> (home: UInt64, key: [UInt8]) {
        guard subject > 0, subject < root.nextSubject else {
            throw VaultError(.damaged, "a subject that there is none of; restore the vault from its backup", path: directory)
        }
        let page = try pages.read(.keys, subject / Int64(Self.keySlots))
        let start = Int(subject % Int64(Self.keySlots)) * Self.keySlotBytes
        guard start + Self.keySlotBytes <= page.count else { throw pages.damaged(.keys, subject / Int64(Self.keySlots)) }
        let home = page[start..<(start + 8)].reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        return (home, Array(page[(start + 8)..<(start + Self.keySlotBytes)]))
    }

    // MARK: Everything

    /// The names of sources by number, from 1 on.
    func names() throws -> [String] {
        let statement = try pages.statement("SELECT name FROM namespace ORDER BY id")
        var names: [String] = []
        while try statement.next() { names.append(statement.text(0) ?? "") }
        return names
    }

    /// Puts every look-up and all bits in the file into a filter.
    func fill(_ filter: inout KeyFilter) throws {
        for table in [PageTable.look, .bits] { try runs.forEach(table, root) { filter.insert($0.key) } }
    }

    /// Tokens by kind, and how many subjects there are.
    func count() throws -> (tokens: [UInt8: Int], subjects: Int) {
        var tokens: [UInt8: Int] = [:]
        var subjects: Set<Int64> = []
        var number: Int64 = 0
        while number < root.lastHeapPage {
            number += 1
            guard let chunks = PersonChunk.all(in: try pages.read(.heap, number)) else { throw pages.damaged(.heap, number) }
            for (_, chunk) in chunks {
                subjects.insert(chunk.subject)
                for token in chunk.tokens { tokens[token.kind, default: 0] += 1 }
            }
        }
        return (tokens, subjects.count)
    }
}

extension PersonChunk.Token {
    /// - Throws: ``VaultError`` `damaged` for a kind that there is none of.
    func spelled() throws -> Token {
        guard let kind = IdentityKind(rawValue: Int64(kind)) else {
            throw VaultError(.damaged, "a token of an unknown kind; restore the vault from its backup")
        }
        return Token(kind: kind, bits: bits)
    }
}
