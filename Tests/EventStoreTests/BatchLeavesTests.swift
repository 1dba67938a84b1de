import AuditModel
@testable import EventStore
import Testing
import TransparencyLog

struct BatchLeavesTests {
    @Test func `a row range of a block has the leaves and the tree of its events`() {
        let events = (0..<700).map { i in
            var event = Event()
            event[.action] = "auth.session.create"
            event[.message] = "row \(i) \"\(i % 7)\"\n"
            event[.tenant] = i % 3 == 0 ? nil : "tenant \(i % 11)"
            event.time = Timestamp(microseconds: Int64(i) * 7_777_777_777)
            event.setAttribute("number", "\(i % 5)")
            return event
        }
        let block = EventBlock(events)
        let salt = [UInt8](repeating: 7, count: 32)
        for rows in [0..<1, 3..<700, 100..<356, 100..<357, 127..<129] {
            // Indices count from the batch's first row.
            let expected = BatchLeaves.leaves(Array(events[rows]), batchSalt: salt)
            #expect(BatchLeaves.leaves(block, rows: rows, batchSalt: salt) == expected)
            let tree = BatchLeaves.tree(block, rows: rows, batchSalt: salt)
            #expect(tree == BatchTree(expected))
            #expect(tree.root == MerkleTree.root(of: expected))
        }
        #expect(BatchLeaves.leaves(block, rows: 5..<5, batchSalt: salt).isEmpty)
    }
}
