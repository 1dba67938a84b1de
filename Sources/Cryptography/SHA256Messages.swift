internal import COpenSSL
internal import CSHA256

/// Many messages in the caller's memory, for ``SHA256/hashMany(_:into:)``.
///
/// Message i is: the common prefix, then prefix i, then body i. Nothing is copied and nothing outside the bodies and prefixes is
/// read; all memory named here must stay as it is until the digests are made.
public struct SHA256Messages {
    /// Bytes that the common prefix and a message's own prefix may have together.
    public static let longestPrefixBytes = 64

    /// Number of messages.
    public let count: Int

    var layout = csha256_messages()

    private init(count: Int) {
        precondition(count >= 0, "a number of messages is not negative")
        self.count = count
        layout.state_bytes = 0
        var initial = SHA256_CTX()
        SHA256_Init(&initial)
        layout.state = initial.h
    }

    /// Bodies that lie one after another: body i from `offsets[i]` to `offsets[i + 1]`.
    ///
    /// - Parameter offsets: `count + 1` byte offsets from `base`, ascending.
    public init(base: UnsafeRawPointer, offsets: UnsafePointer<UInt32>, count: Int) {
        self.init(base: base, starts: offsets, ends: offsets + 1, count: count)
    }

    /// Bodies anywhere in a buffer: body i from `starts[i]` to `ends[i]`, which is not below it.
    public init(base: UnsafeRawPointer, starts: UnsafePointer<UInt32>, ends: UnsafePointer<UInt32>, count: Int) {
        self.init(count: count)
        layout.base = base.assumingMemoryBound(to: UInt8.self)
        layout.starts = starts
        layout.ends = ends
    }

    /// Bodies of one length: body i at `base + i * strideBytes`.
    public init(base: UnsafeRawPointer, sizeBytes: Int, strideBytes: Int, count: Int) {
        self.init(count: count)
        layout.base = base.assumingMemoryBound(to: UInt8.self)
        layout.size = sizeBytes
        layout.stride = strideBytes
    }

    /// Bodies anywhere in memory. A body of no bytes may have any pointer.
    public init(pointers: UnsafePointer<UnsafeRawPointer?>, sizes: UnsafePointer<UInt32>, count: Int) {
        self.init(count: count)
        layout.pointers = pointers
        layout.sizes = sizes
    }

    /// The same messages with this byte before each, such as the 0x00 of an RFC 6962 leaf.
    public func prefixed(by byte: UInt8) -> SHA256Messages {
        var messages = self
        messages.layout.common.0 = byte
        messages.layout.common_size = 1
        messages.checkPrefixes()
        return messages
    }

    /// The same messages, each with a prefix of its own between the common one and the body: prefix i at `prefixes + i * strideBytes`.
    public func prefixed(each prefixes: UnsafeRawPointer, sizeBytes: Int, strideBytes: Int) -> SHA256Messages {
        var messages = self
        messages.layout.prefixes = prefixes.assumingMemoryBound(to: UInt8.self)
        messages.layout.prefix_size = sizeBytes
        messages.layout.prefix_stride = strideBytes
        messages.checkPrefixes()
        return messages
    }

    /// The same messages, each going on from where `hasher` is: it has taken a key block, say.
    ///
    /// - Precondition: `hasher` has taken a multiple of 64 bytes.
    public func continuing(_ hasher: SHA256) -> SHA256Messages {
        var messages = self
        let (state, bytes) = hasher.stateAtBlockEnd
        messages.layout.state = state
        messages.layout.state_bytes = bytes
        return messages
    }

    private func checkPrefixes() {
        precondition(layout.common_size + layout.prefix_size <= Self.longestPrefixBytes, "prefixes are at most 64 bytes together")
    }

    /// Body `index` as a buffer.
    func body(_ index: Int) -> UnsafeRawBufferPointer {
        if let pointers = layout.pointers { return UnsafeRawBufferPointer(start: pointers[index], count: Int(layout.sizes[index])) }
        let base = UnsafeRawPointer(layout.base!)
        guard let starts = layout.starts else { return UnsafeRawBufferPointer(start: base + index * layout.stride, count: layout.size) }
        return UnsafeRawBufferPointer(start: base + Int(starts[index]), count: Int(layout.ends[index]) - Int(starts[index]))
    }

    /// The digest of message `index` by OpenSSL.
    func digest(_ index: Int) -> SHA256Digest {
        var hasher = SHA256(state: layout.state, bytes: layout.state_bytes)
        withUnsafeBytes(of: layout.common) { hasher.update(UnsafeRawBufferPointer(rebasing: $0.prefix(layout.common_size))) }
        if let prefixes = layout.prefixes {
            hasher.update(UnsafeRawBufferPointer(start: prefixes + index * layout.prefix_stride, count: layout.prefix_size))
        }
        hasher.update(body(index))
        return hasher.finalize()
    }
}
