import CZlib

/// gzip (RFC 1952) by zlib: any number of members, then zero bytes of padding at most.
final class GzipStreamDecoder: StreamDecoder {
    private enum State { case betweenMembers, insideMember, padding }

    private let stream: UnsafeMutablePointer<z_stream>
    private var state = State.betweenMembers
    private var memberCount = 0

    /// zlib's window bits for gzip framing: 15 for the window, 16 for the gzip header and trailer.
    private static let windowBits: Int32 = 15 + 16

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            stream.deallocate()
            throw CompressionError(.resources, "zlib could not be set up (status \(status))")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    var isComplete: Bool { state != .insideMember && memberCount > 0 }

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(CompressionError) -> DecodingStep {
        var skipped = 0
        if state != .insideMember {
            guard let first = input.first else { return DecodingStep(consumed: 0, produced: 0) }
            if first == 0, memberCount > 0 { state = .padding }
            if state == .padding {
                skipped = input.prefix { $0 == 0 }.count
                guard skipped == input.count else { throw trailing() }
                return DecodingStep(consumed: skipped, produced: 0)
            }
            guard first == 0x1F else {
                throw memberCount == 0 ? CompressionError(.corrupt, "The data does not begin with a gzip header") : trailing()
            }
            if memberCount > 0 { inflateReset(stream) }
            state = .insideMember
        }
        return try inflateStep(input, into: output)
    }

    private func inflateStep(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CompressionError) -> DecodingStep {
        let inputCount = min(input.count, Int(UInt32.max))
        // zlib takes a pointer to mutable bytes for historical reasons and never writes through it.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(inputCount)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)

        let status = inflate(stream, Z_NO_FLUSH)
        let step = DecodingStep(
            consumed: inputCount - Int(stream.pointee.avail_in), produced: output.count - Int(stream.pointee.avail_out))
        switch status {
        case Z_OK, Z_BUF_ERROR:
            // Z_BUF_ERROR says only that no progress was possible: all input taken, nothing pending.
            return step
        case Z_STREAM_END:
            state = .betweenMembers
            memberCount += 1
            return step
        case Z_MEM_ERROR:
            throw CompressionError(.resources, "zlib ran out of memory")
        default:
            let cause = stream.pointee.msg.map { String(cString: $0) }
            let damage = CompressionError(.corrupt, "The gzip data is damaged; fetch the file again", cause: cause)
            return DecodingStep(consumed: step.consumed, produced: step.produced, damage: damage)
        }
    }

    private func trailing() -> CompressionError {
        CompressionError(.trailingData, "Bytes that are no gzip member follow the last one; cut them off or fetch the file again")
    }
}
