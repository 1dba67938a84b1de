@testable import Parsing

/// The shipped definitions, in the order of their ids.
private let definitions: [ParserDefinition] = {
    guard let library = try? ParserLibrary.load(folders: ["parsers"], requireFixtures: false) else { fatalError("run this where parsers/ lies") }
    return library.ids.compactMap { library[$0] }
}()

/// libFuzzer calls this with each input.
@c(LLVMFuzzerTestOneInput)
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    HostileRecords.parsers(Array(UnsafeBufferPointer(start: start, count: count)), definitions)
    return 0
}
