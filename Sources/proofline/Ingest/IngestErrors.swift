import Collection
import DurableIO
import EventStore
import Ingestion
import Minimization
import Vault

// How the failures of ingestion and of what lies below it end the process. Wrong input by the caller is usage (2), the rest has failed (3).

extension IngestionError: ErrorWithExitStatus {
    var line: String { description }
    var exitStatus: ExitStatus {
        switch code {
        case .configuration, .missingPath: .usage
        case .unreadablePath, .ledgerUnbalanced: .failed
        }
    }
}

extension CollectionError: ErrorWithExitStatus {
    var line: String { description }
    var exitStatus: ExitStatus { code == .badPattern ? .usage : .failed }
}

extension StoreError: ErrorWithExitStatus {
    var line: String { description }
    var exitStatus: ExitStatus {
        switch code {
        case .noStore, .exists: .usage
        default: .failed
        }
    }
}

extension VaultError: ErrorWithExitStatus {
    var line: String { description }
    var exitStatus: ExitStatus { .failed }
}

extension MinimizationError: ErrorWithExitStatus {
    var line: String { description }
    var exitStatus: ExitStatus {
        switch code {
        case .policyInvalid, .policyUnreadable: .usage
        case .unclassified, .vault: .failed
        }
    }
}

extension DurableIOError: ErrorWithExitStatus {
    var line: String { description }
    var exitStatus: ExitStatus { .failed }
}
