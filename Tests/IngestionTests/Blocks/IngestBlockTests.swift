import AuditModel
import Cryptography
import EventStore
import Foundation
import Testing
import Vault

@testable import Ingestion
@testable import Parsing

/// What a block asks for its keys.
@Suite struct IngestBlockTests {
    @Test func `keys of many records are those of each`() throws {
        let bench = try IngestBench()
        let maker = DuplicateKeys(vault: bench.vault).keys(of: "app")
        let block = IngestBlock()
        var records: [[UInt8]] = []
        for number in 0..<700 {
            var event = Event()
            if number % 5 != 0 { event[.eventID] = number % 7 == 0 ? "" : String(repeating: "i", count: number % 90) + "\(number)" }
            block.events.append(event)
            records.append(Array("record \(number)".utf8))
        }
        block.events.pad()
        for record in records {
            record.withUnsafeBufferPointer { bytes in
                let one = BlockRecord(
                    address: bytes.baseAddress!, length: bytes.count, offset: 0, end: 0, next: 0, line: 1, firstRow: 0, rowCount: 1, reason: -1,
                    kind: .events)
                withUnsafePointer(to: one) { block.digests.add(UnsafeBufferPointer(start: $0, count: 1)) }
            }
        }
        block.parsed = (0..<700).map { IngestBlock.Parsed(firstRow: Int32($0), rowCount: 1, record: Int32($0), batch: 0, range: 0) }
        let (keys, owners) = block.duplicateKeys(maker, now: 9)
        let expected = (0..<700).filter { $0 % 5 != 0 && $0 % 7 != 0 }
        #expect(owners.map(Int.init) == expected)
        for (key, number) in zip(keys, expected) {
            #expect(key == maker.key(eventID: block.events[.eventID].string(number)!, recordDigest: SHA256.hash(records[number]), now: 9))
        }
    }
}
