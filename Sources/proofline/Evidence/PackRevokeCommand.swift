import ArgumentParser
import AuditModel
import Cryptography
import Evidence
import Foundation

/// `proofline pack revoke`: takes an issued pack back.
struct PackRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Put a pack on the signed list of revocations.",
        discussion: """
            Example: proofline pack revoke packs/EP-2026Q3-soc2-r1 --reason "wrong inventory, see r2" --list revocations.json --root keys/ca.pem --key keys/approver.key --certificate keys/approver.pem
            Give the list to everybody who got the pack: `proofline verify --revocations revocations.json` refuses it with 20. Pack and list stay apart; the reason is read \
            by whoever gets the list.
            """)

    @Argument(help: "The pack's folder, or its id where the folder is not at hand.") var pack: String
    @Option(help: "Why.") var reason: String
    @Option(help: "The list; made where there is none.") var list: String
    @Option(help: "Root certificates (PEM) that the list's signature must lead to.") var root: String
    @OptionGroup var signing: SigningOptions

    func run() throws {
        guard !reason.isEmpty else { throw VerbError.usage("--reason must not be empty") }
        let (id, sums) = try named()
        let identity = try signing.identity()
        var revocations = try PackRevocations(path: list, roots: try KeyFiles.certificates(root))
        let number = try revocations.revoke(packID: id, sums: sums, reason: reason, at: Timestamp.now, by: identity)
        print("\(id) is revoked, list \(number): \(list)")
    }

    private func named() throws -> (id: String, sums: String?) {
        if let id = UUID(uuidString: pack) { return (id.uuidString.lowercased(), nil) }
        let folder = try PackFolder(path: pack)
        return (folder.packID, folder.sumsSHA256)
    }
}
