import AuditModel
import EventStore
import Foundation
import Ingestion
import Minimization
import Vault

/// A store opened for writing, with its vault and the policy under which events come in.
struct StoreAccess {
    let store: EventStore
    let vault: Vault
    let policy: MinimizationPolicy

    /// - Parameter policyPath: Another policy than the shipped one.
    static func openForWriting(_ directory: String, policyPath: String?) throws -> StoreAccess {
        let policy = try MinimizationPolicy.load(path: try policyPath ?? shippedPolicy())
        let store = try EventStore.open(directory: directory, access: .writer)
        do {
            return StoreAccess(store: store, vault: try Vault.open(directory: store.layout.vault), policy: policy)
        } catch {
            store.close()
            throw error
        }
    }

    /// The policy that ships with the parsers.
    static func shippedPolicy() throws -> String {
        guard let folder = ParserFolders.shipped else {
            throw VerbError.usage(
                "the shipped policy was not found; set PROOFLINE_HOME to where proofline is installed, or give --policy FILE")
        }
        return folder + "/policy.yaml"
    }
}

/// Signals and clocks of the process.
enum ProcessClock {
    /// RFC 3339 with seconds, for the program log.
    static var stamp: String { String(StoreOptions.systemTime().description.prefix(19)) + "Z" }
}

/// The program log: lines on standard error. It says what proofline does and never what a record holds.
enum ProgramLog {
    /// Writes one line.
    static func write(_ level: String, _ message: String) {
        ExitStatus.writeError("\(ProcessClock.stamp) \(level) \(TextTable.printable(message))\n")
    }
}
