public import AuditModel
public import DurableIO
import Foundation

/// What surrounds a store: its disk and its clock. Tests put simulated ones in their place.
public struct StoreOptions: Sendable {
    /// Where segments, index files, log and keys lie. The catalogue is SQLite's and always on the real disk.
    public var fileSystem: any FileSystem
    /// Commit time.
    public var clock: @Sendable () -> Timestamp
    /// Most memory for decoded pages and dictionaries of segments, in bytes, about; what was used longest ago goes first.
    public var pageCacheBytes = 512 << 20
    /// Called with the name of each step of a commit that is not an operation of the file system; throwing stops there.
    var failpoint: @Sendable (String) throws -> Void

    /// The real disk and the system's clock.
    public init(
        fileSystem: any FileSystem = RealFileSystem(),
        clock: @escaping @Sendable () -> Timestamp = { StoreOptions.systemTime() }
    ) {
        self.fileSystem = fileSystem
        self.clock = clock
        failpoint = { _ in }
    }

    /// The system's clock, floored to microseconds.
    public static func systemTime() -> Timestamp {
        Timestamp(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }
}
