internal import COpenSSL

/// OpenSSL's stream over memory, for as long as a closure runs.
enum MemoryBIO {
    /// Gives `body` a stream that reads these bytes.
    static func reading<R>(_ bytes: [UInt8], _ body: (OpaquePointer) throws -> R) throws -> R {
        guard bytes.count <= Int(Int32.max) else {
            throw CryptographyError(.wrongSize, "more than two gigabytes are not read at once")
        }
        return try bytes.withUnsafeBytes { buffer in
            // A null buffer is refused by OpenSSL, so nothing is a buffer of length zero somewhere.
            var nothing: UInt8 = 0
            return try withUnsafeBytes(of: &nothing) { empty in
                guard let bio = BIO_new_mem_buf(buffer.baseAddress ?? empty.baseAddress!, Int32(buffer.count)) else {
                    throw CryptographyError.openSSL(.libraryFailure, "OpenSSL gave no stream")
                }
                defer { BIO_free(bio) }
                return try body(bio)
            }
        }
    }

    /// The bytes that `body` writes.
    static func written(_ body: (OpaquePointer) throws -> Void) throws -> [UInt8] {
        guard let bio = BIO_new(BIO_s_mem()) else {
            throw CryptographyError.openSSL(.libraryFailure, "OpenSSL gave no stream")
        }
        defer { BIO_free(bio) }
        try body(bio)
        var start: UnsafeRawPointer?
        let size = proofline_bio_bytes(bio, &start)
        return Array(UnsafeRawBufferPointer(start: start, count: size))
    }

    /// The DER that one of OpenSSL's `i2d_` functions makes.
    static func der(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) throws -> [UInt8] {
        var output: UnsafeMutablePointer<UInt8>?
        let size = encode(&output)
        guard size >= 0, let output else {
            throw CryptographyError.openSSL(.libraryFailure, "OpenSSL could not encode an object")
        }
        defer { proofline_free(output) }
        return Array(UnsafeBufferPointer(start: output, count: Int(size)))
    }

    /// What one of OpenSSL's `d2i_` functions reads from all of these bytes; nil when they are not that, or when bytes follow.
    static func parse<Object>(
        _ der: [UInt8], _ decode: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> Object?, free: (Object) -> Void
    ) -> Object? {
        defer { ERR_clear_error() }
        return der.withUnsafeBufferPointer { buffer -> Object? in
            var place = buffer.baseAddress
            guard place != nil, let object = decode(&place, buffer.count) else { return nil }
            guard place == buffer.baseAddress! + buffer.count else {
                free(object)
                return nil
            }
            return object
        }
    }
}
