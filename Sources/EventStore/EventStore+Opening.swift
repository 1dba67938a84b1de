import AuditModel
import DurableIO

extension EventStore {
    /// Creates an empty store in a directory, which is made when missing and must hold no store yet.
    ///
    /// - Parameter origin: Name of its log, as `example.com/audit`.
    /// - Throws: ``StoreError`` with `exists`.
    @discardableResult
    public static func create(directory: String, origin: String, options: StoreOptions = StoreOptions()) throws -> EventStore {
        throw StoreError(.notFound, "not written yet")
    }

    /// Opens a store. A writer takes the lock, redoes what a crash left undone, and removes what was never committed.
    ///
    /// - Throws: ``StoreError`` with `noStore`, `newerFormat`, `locked` or `damaged`.
    public static func open(directory: String, access: Access, options: StoreOptions = StoreOptions()) throws -> EventStore {
        throw StoreError(.notFound, "not written yet")
    }
}

/// What the writer knows beside the catalogue.
struct WriterState {
    var nextSeq: Int64 = 0
}
