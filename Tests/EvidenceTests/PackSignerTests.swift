import AuditModel
import Cryptography
import Foundation
import Testing
import TransparencyLog

@testable import Evidence

@Suite struct PackSignerTests {
    /// A built pack in a scratch folder with an authority, two people and a local timestamp authority.
    private struct Desk {
        let folder: String
        let store = QuarterStory.make()
        let pack: PackFolder
        let root: X509Certificate
        let keys: KeyFiles
        let now = Int64(Date().timeIntervalSince1970)

        init() throws {
            folder = try Shipped.scratch()
            var request = PackRequest(framework: "soc2", level: .auditor)
            request.wantsPDF = false
            let builder = try PackBuilder(
                store: store, templates: Shipped.templates(), generator: GeneratorStamp(version: "test"), request: request,
                period: QuarterStory.period)
            pack = try PackFolder(path: try builder.build(Shipped.library().definitions, into: folder).path)
            try pack.writeBuilder(binarySHA256: "00", host: "host", generator: GeneratorStamp(version: "test"))
            keys = KeyFiles(directory: "\(folder)/keys", passphrase: nil)
            root = try keys.createAuthority(X509Name(commonName: "Test CA"), now: now)
        }

        func person(_ name: String, _ file: String) throws -> SigningIdentity {
            _ = try keys.issue(X509Name(commonName: name), file: file, for: .documentSigning, from: keys, now: now)
            return try keys.identity(file)
        }

        func authority() throws -> TimestampSource {
            _ = try keys.issue(X509Name(commonName: "Test TSA"), file: "tsa", for: .timestamping, from: keys, now: now)
            return .local(
                try KeyFiles.timestampAuthority(key: "\(keys.directory)/tsa.key", certificate: "\(keys.directory)/tsa.pem", passphrase: nil)
            )
        }

        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    private func code(_ body: () throws -> Void) -> EvidenceError.Code? {
        #expect(throws: EvidenceError.self) { try body() }?.code
    }

    @Test func `two people sign, an authority stamps, the log releases`() throws {
        let desk = try Desk()
        defer { desk.remove() }
        let signer = PackSigner(desk.pack)
        let (petra, omar) = (try desk.person("Petra Preparer", "petra"), try desk.person("Omar Approver", "omar"))
        try signer.prepare(petra)
        try signer.approve(omar, roots: [desk.root])
        try signer.timestamp(try desk.authority(), roots: [desk.root])

        let approver = try CMS.verifyDetached(try desk.pack.read(PackFolder.approver), content: desk.pack.sums, roots: [desk.root])
        #expect(approver.certificate.commonName == "Omar Approver")
        let statement = try PackStatement.read(desk.pack)
        #expect(statement.signatures.map(\.keyID) == [petra.key.publicKey.keyID, omar.key.publicKey.keyID])
        _ = try TimestampResponse(
            verifying: try desk.pack.read(PackFolder.timestamp), data: try desk.pack.read(PackFolder.approver), roots: [desk.root])

        let store = desk.store
        try PackRelease(desk.pack).release(
            append: { fields in
                #expect(fields["sha256sums"]?.string == desk.pack.sumsSHA256)
                #expect(fields["files"]?.object?.count == 5)
                return store.append(fields)
            },
            proof: { index in
                let proof = try store.inclusionProof(logIndex: index)
                return (
                    try store.logEntries()[Int(index)],
                    TLogProof(
                        index: index, siblings: proof.siblings, checkpoint: try SignedNote(parsing: Array(store.checkpoint.note.utf8)))
                )
            })
        #expect(desk.pack.has(PackFolder.release) && desk.pack.has(PackFolder.releaseProof))
        #expect(
            code { try PackRelease(desk.pack).release(append: { _ in 0 }, proof: { _ in throw EvidenceError(.file, "unused") }) }
                == .separation)
    }

    @Test func `the preparer cannot approve, neither with the same key nor under the same name`() throws {
        let desk = try Desk()
        defer { desk.remove() }
        let signer = PackSigner(desk.pack)
        let petra = try desk.person("Petra Preparer", "petra")
        try signer.prepare(petra)
        #expect(code { try signer.approve(petra, roots: [desk.root]) } == .separation)
        let twin = try desk.person("Petra Preparer", "twin")
        #expect(code { try signer.approve(twin, roots: [desk.root]) } == .separation)
        #expect(!desk.pack.has(PackFolder.approver))
    }

    @Test func `steps out of order and repeated steps are refused`() throws {
        let desk = try Desk()
        defer { desk.remove() }
        let signer = PackSigner(desk.pack)
        let (petra, omar) = (try desk.person("Petra Preparer", "petra"), try desk.person("Omar Approver", "omar"))
        #expect(code { try signer.approve(omar, roots: [desk.root]) } == .separation)
        #expect(code { try signer.timestamp(try desk.authority(), roots: [desk.root]) } == .separation)
        #expect(
            code { try PackRelease(desk.pack).release(append: { _ in 0 }, proof: { _ in throw EvidenceError(.file, "unused") }) }
                == .separation)
        try signer.prepare(petra)
        #expect(code { try signer.prepare(petra) } == .separation)
        try signer.approve(omar, roots: [desk.root])
        #expect(code { try signer.approve(omar, roots: [desk.root]) } == .separation)
    }

    @Test func `a body that was changed is signed by nobody`() throws {
        let desk = try Desk()
        defer { desk.remove() }
        let path = "\(desk.pack.path)/reports/EP-03/exceptions.csv"
        try Data("nothing to see\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(code { _ = try PackFolder(path: desk.pack.path) } == .integrity)
    }

    @Test func `a preparer of another authority is not approved`() throws {
        let desk = try Desk()
        defer { desk.remove() }
        let other = KeyFiles(directory: "\(desk.folder)/other", passphrase: nil)
        _ = try other.createAuthority(X509Name(commonName: "Other CA"), now: desk.now)
        _ = try other.issue(X509Name(commonName: "Mallory"), file: "mallory", for: .documentSigning, from: other, now: desk.now)
        try PackSigner(desk.pack).prepare(try other.identity("mallory"))
        #expect(code { try PackSigner(desk.pack).approve(try desk.person("Omar Approver", "omar"), roots: [desk.root]) } == .integrity)
    }

    @Test func `certificates for timestamps and for authorities do not sign packs`() throws {
        let desk = try Desk()
        defer { desk.remove() }
        _ = try desk.authority()
        #expect(code { try PackSigner(desk.pack).prepare(try desk.keys.identity("tsa")) } == .key)
        #expect(code { try PackSigner(desk.pack).prepare(try desk.keys.identity("ca")) } == .key)
    }

    @Test func `keys are written for their owner alone, encrypted under the passphrase, and never overwritten`() throws {
        let folder = try Shipped.scratch()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let keys = KeyFiles(directory: folder, passphrase: "correct horse")
        _ = try keys.createAuthority(X509Name(commonName: "CA"), now: 1_790_000_000)
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/ca.key")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        _ = try keys.identity("ca")
        #expect(code { _ = try KeyFiles(directory: folder, passphrase: "wrong").identity("ca") } == .key)
        #expect(code { _ = try keys.createAuthority(X509Name(commonName: "CA"), now: 1_790_000_000) } == .usage)
    }
}
