/// What one step of a decoder took and gave.
struct DecodingStep {
    var consumed: Int
    var produced: Int
    /// Damage that was met behind what was produced; the stream ends there.
    var damage: CompressionError?
}

/// One compressed format, decoded step by step.
protocol StreamDecoder: AnyObject {
    /// Decodes as much of `input` as fits into `output`. Given room in `output`, it takes all of `input`.
    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(CompressionError) -> DecodingStep

    /// Whether the stream may end here.
    var isComplete: Bool { get }
}

/// The decoder of uncompressed input: it copies.
final class PassThroughDecoder: StreamDecoder {
    let isComplete = true

    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(CompressionError) -> DecodingStep {
        let count = min(input.count, output.count)
        output.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        return DecodingStep(consumed: count, produced: count)
    }
}
