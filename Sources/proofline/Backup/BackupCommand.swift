import ArgumentParser
import EventStore
import Vault

/// `proofline backup`: a consistent copy of a store while it is being written.
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy a store into a folder, consistently, also while it is being written.",
        discussion: """
            Example: proofline backup --store /var/lib/proofline --to /backup/proofline
            Run again into the same folder it copies what is new. The log's private key and the vault's master key are left out unless
            --with-keys is given: keep them elsewhere, since without the master key no name comes back, and with it every name does.
            """)

    @Option(help: "The store's folder.") var store: String
    @Option(help: "The folder for the backup.") var to: String
    @Flag(help: "Copy the log's private key and the vault's master key too.") var withKeys = false
    @Flag(help: "Read the files of the backup before again instead of trusting their sizes.") var verify = false

    func run() throws {
        let eventStore = try EventStore.open(directory: store, access: .reader)
        defer { eventStore.close() }
        let vault = try Vault.open(directory: eventStore.layout.vault, access: .reader)
        let report = try eventStore.backUp(to: to, holdsKeys: withKeys, verifiesOld: verify) { folder in
            try vault.backUp(to: "\(folder)/vault", holdsMasterKey: withKeys).map { "vault/\($0)" }
        }
        let files = report.manifest.files
        let size = files.reduce(0) { $0 + $1.sizeBytes }
        print("\(files.count) files, \(size) bytes, up to checkpoint size \(report.manifest.checkpointSize)")
        print("copied now: \(report.copiedFiles) files, \(report.copiedBytes) bytes")
        guard !withKeys else { return }
        print("left out: \(eventStore.layout.logKey) and \(eventStore.layout.vault)/\(MasterKey.fileName); keep copies of them elsewhere")
    }
}
