import Testing
import AuditModel
import Timeline
import Foundation
@testable import Evidence
@Suite struct ZZLook { @Test func look() throws {
    let store = QuarterStory.make()
    store.gaps = [Gap(source: "product", from: Timestamp(rfc3339: "2026-08-25T20:00:00Z")!, until: Timestamp(rfc3339: "2026-08-26T05:00:00Z")!, cause: .silence, explanation: "silent for longer than 4 h")]
    var request = PackRequest(framework: "soc2", level: .auditor); request.nonce = "auditor-7"
    try? FileManager.default.removeItem(atPath: "/tmp/look")
    _ = try PackBuilder(store: store, templates: Shipped.templates(), generator: GeneratorStamp(version: "test"), request: request, period: QuarterStory.period).build(Shipped.library().definitions, into: "/tmp/look")
} }
