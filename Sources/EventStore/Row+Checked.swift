import AuditModel
import Foundation
import GRDB

extension Row {
    // GRDB's subscripts trap on a value of another kind; a damaged catalogue must end in an error instead.

    /// An integer column.
    func integer(_ name: String) throws -> Int64 {
        guard case .int64(let value)? = (self[name] as DatabaseValue?)?.storage else { throw damaged(name) }
        return value
    }

    /// An integer column that may be NULL.
    func optionalInteger(_ name: String) throws -> Int64? {
        switch (self[name] as DatabaseValue?)?.storage {
        case .int64(let value)?: value
        case .null?, nil: nil
        default: throw damaged(name)
        }
    }

    /// An integer column that counts something: 0 or more, and small enough to be summed.
    func count(_ name: String) throws -> Int64 {
        let value = try integer(name)
        guard (0...1 << 53).contains(value) else { throw damaged(name) }
        return value
    }

    /// A text column.
    func text(_ name: String) throws -> String {
        guard case .string(let value)? = (self[name] as DatabaseValue?)?.storage else { throw damaged(name) }
        return value
    }

    /// A text column that may be NULL.
    func optionalText(_ name: String) throws -> String? {
        switch (self[name] as DatabaseValue?)?.storage {
        case .string(let value)?: value
        case .null?, nil: nil
        default: throw damaged(name)
        }
    }

    /// A blob column.
    func blob(_ name: String) throws -> [UInt8] {
        guard let bytes = try optionalBlob(name) else { throw damaged(name) }
        return bytes
    }

    /// A blob column that may be NULL.
    func optionalBlob(_ name: String) throws -> [UInt8]? {
        switch (self[name] as DatabaseValue?)?.storage {
        case .blob(let data)?: [UInt8](data)
        case .null?, nil: nil
        default: throw damaged(name)
        }
    }

    /// A moment, as microseconds; NULL is nil.
    func optionalTime(_ name: String) throws -> Timestamp? {
        try optionalInteger(name).map { Timestamp(microseconds: $0) }
    }

    private func damaged(_ name: String) -> StoreError {
        StoreError(.damaged, "the catalogue holds a wrong value in column \(name): run `proofline fsck`")
    }
}
