import ArgumentParser
import AuditModel
import DurableIO
import EventStore
import Foundation
import Vault

/// `proofline restore`: a store from a backup, every file checked, erasures replayed before it can be opened.
struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in place as a store, checking every file.",
        discussion: """
            Example: proofline restore --from /backup/proofline --store /var/lib/proofline --keys /media/safe --erased /mirror/log
            --keys names a folder with log.key and master.key, for a backup that left them out. --erased says which tokens were erased since the
            backup, so that they are erased again before the store can be opened: a newer copy of the log or the old store's folder, whose
            signed log names them, or a file with one token a line (`proofline vault erased` prints them).
            Events and log entries after the backup are lost; if a later checkpoint of this log ever left the machine, begin a new log instead.
            """)

    @Option(help: "The backup's folder.") var from: String
    @Option(help: "The folder for the store; new or empty.") var store: String
    @Option(help: "A folder with log.key and master.key.") var keys: String?
    @Option(help: "A log's or store's folder newer than the backup, or a file of erased tokens, one a line.") var erased: String?

    func run() throws {
        var tokens = try erased.flatMap { try Self.isFolder($0) ? nil : Self.tokens(in: $0) } ?? []
        let layout = StoreLayout(directory: store)
        let held = try keys.map { folder in try Self.keyFiles(folder) } ?? []
        var replayed = 0
        let manifest = try BackupRestore.run(from: from, to: store, keys: held) { _ in
            if let erased, Self.isFolder(erased) {
                let vkey = try RealFileSystem().readFile(layout.logVerifierKey, limitBytes: 4_096)
                tokens = try ErasedTokens.read(log: erased, vkey: String(decoding: vkey.prefix { $0 != 0x0A }, as: UTF8.self)).tokens
            }
            guard !tokens.isEmpty else { return }
            replayed = try Vault.open(directory: layout.vault).erase(tokens, now: .now).erasedNow
        }
        print("restored \(manifest.files.count) files of \(manifest.taken), up to checkpoint size \(manifest.checkpointSize)")
        if !tokens.isEmpty { print("erasures replayed: \(replayed) of \(tokens.count) tokens were in the backup and are gone again") }
        if erased == nil { print("erasures since the backup were not replayed: --erased says how, should there have been any") }
        for path in [layout.logKey, "\(layout.vault)/\(MasterKey.fileName)"] where !FileManager.default.fileExists(atPath: path) {
            print("missing: \(path); put it there before the store is used")
        }
        print("now check it: proofline fsck --store \(store)")
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func keyFiles(_ folder: String) throws -> [(path: String, place: String)] {
        let wanted = [("log.key", "keys/log.key"), (MasterKey.fileName, "vault/\(MasterKey.fileName)")]
        return try wanted.map { name, place in
            let path = "\(folder)/\(name)"
            guard FileManager.default.fileExists(atPath: path) else {
                throw VerbError.usage("--keys \(folder): there is no \(name) in it")
            }
            return (path, place)
        }
    }

    private static func tokens(in path: String) throws -> [String] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw VerbError.usage("--erased \(path): it cannot be read as text")
        }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        for (number, line) in lines.enumerated() where Token(line) == nil {
            throw VerbError.usage("--erased \(path): line \(number + 1) is no token; tokens look like usr_abcdefghijklm")
        }
        return lines
    }
}
