import AuditModel
import Testing

@testable import Ingestion

@Suite struct ConfiguredAttributesTests {
    @Test func `an attribute is set in every row as in an event by itself`() {
        let names = ["a", "m", "ma", "z", "\u{10000}", "\u{FFFD}", "site"]
        for name in names {
            var events: [Event] = []
            for bits in 0..<(1 << names.count) {
                var event = Event()
                for (bit, other) in names.enumerated() where bits >> bit & 1 == 1 { event.setAttribute(other, "old \(bits)") }
                events.append(event)
            }
            let block = EventBlock(events)
            ConfiguredAttributes.set(name, "new", in: block)
            ConfiguredAttributes.set("second", "too", in: block)
            for (row, event) in events.enumerated() {
                var expected = event
                expected.setAttribute(name, "new")
                expected.setAttribute("second", "too")
                #expect(block.event(row) == expected)
                #expect(block.attributes.elements(of: row).map { block.attributes.members[0].string($0)! } == expected.attributes.map(\.name))
            }
        }
    }
}
