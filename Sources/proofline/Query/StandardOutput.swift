import CLinux

/// Standard output in large pieces, in order with what `print` writes.
enum StandardOutput {
    /// Nobody reads any more: there is nothing left to do, and nothing went wrong.
    struct Closed: Error {}

    /// Writes bytes.
    ///
    /// - Throws: ``Closed`` where the reader is gone.
    static func write(_ bytes: [UInt8]) throws {
        guard bytes.withUnsafeBytes({ clinux_write_output($0.baseAddress, $0.count) }) == 0 else { throw Closed() }
    }

    /// Writes a text as it is.
    static func write(_ text: String) throws { try write(Array(text.utf8)) }

    /// Hands on what was written so far.
    static func flush() throws {
        guard clinux_flush_output() == 0 else { throw Closed() }
    }
}
