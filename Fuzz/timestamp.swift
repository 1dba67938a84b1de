/// libFuzzer calls this with each input.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    HostileDocuments.timestamp(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
