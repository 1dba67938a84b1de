import ArgumentParser
import EventStore
import Foundation
import Vault

/// `proofline init`: an empty store with its log key and its vault.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Create a store.",
        discussion: """
            Example: proofline init --store /var/lib/proofline --origin example.com/audit
            The origin names the store's transparency log for ever: a domain that is yours and a path. The vault's master key lies in
            STORE/vault/master.key unless PROOFLINE_VAULT_KEY_FILE names another place; PROOFLINE_VAULT_PASSPHRASE seals it. Back both up
            apart from the store.
            """)

    @Option(help: "The folder to make.") var store: String
    @Option(help: "The log's name, such as example.com/audit.") var origin: String

    func validate() throws {
        guard !store.isEmpty else { throw ValidationError("--store is the folder to make") }
        guard !origin.isEmpty, origin.utf8.count <= 128, origin.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2B }) else {
            throw ValidationError("--origin is a name such as example.com/audit: ASCII without spaces and `+`")
        }
    }

    func run() throws {
        let layout = StoreLayout(directory: store)
        if FileManager.default.fileExists(atPath: layout.manifest) {
            throw VerbError.usage("\(layout.directory): there is a store here already; choose another folder")
        }
        if let foreign = Self.foreignName(in: layout) {
            throw VerbError.usage("\(layout.directory): there is something else here already, such as `\(foreign)`; choose a new or an empty folder")
        }
        let environment = ProcessInfo.processInfo.environment
        let keyFile = environment[MasterKey.fileVariable].flatMap { $0.isEmpty ? nil : $0 }
        let created = try EventStore.create(directory: layout.directory, origin: origin)
        defer { created.close() }
        if !FileManager.default.fileExists(atPath: layout.vault + "/" + Vault.fileName) {
            let passphrase = environment[MasterKey.passphraseVariable].flatMap { $0.isEmpty ? nil : $0 }
            try Vault.create(directory: layout.vault, passphrase: passphrase, keyPath: keyFile)
        }
        print(
            """
            store   \(layout.directory)
            log     \(origin)
            vkey    \(try String(contentsOfFile: layout.logVerifierKey, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines))
            vault   \(layout.vault), master key in \(keyFile ?? layout.vault + "/" + MasterKey.fileName)
            Back up the master key apart from the store: without it no token leads back to a person.
            """)
    }

    /// A name in the folder that no store has; what an interrupted `init` left may be made anew.
    private static func foreignName(in layout: StoreLayout) -> String? {
        let own = [layout.lock, layout.catalogue, layout.segments, layout.bindings, layout.duplicates, layout.log, layout.keys, layout.vault, layout.spool, layout.manifest]
            .map { $0.dropFirst(layout.directory.count + 1) }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: layout.directory)) ?? []
        return names.sorted().first { name in name != "lost+found" && !own.contains { name.hasPrefix($0) } }
    }
}
