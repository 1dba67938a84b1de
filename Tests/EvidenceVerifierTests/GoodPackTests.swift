import AuditModel
import EvidenceVerifier
import Testing

/// No good pack is refused.
struct GoodPackTests {
    private static let sources = ["okta", "hr_csv", "github_audit", "linux_auth"]

    /// Epochs of batches of some sources, with changes of configuration, releases and empty batches between them.
    private static func log(_ random: inout SeededRandom) -> FixtureLog {
        var log = FixtureLog()
        let known = Array(sources.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random)))
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                switch Int.random(in: 0...9, using: &random) {
                case 0: log.config(known[0])
                case 1: log.release()
                case 2: log.batch(known.randomElement(using: &random)!, count: 0)
                default: log.batch(known.randomElement(using: &random)!, count: Int.random(in: 1...12, using: &random))
                }
            }
            log.heartbeat()
        }
        return log
    }

    private static func pack(_ random: inout SeededRandom) throws -> PackFixture {
        let log = log(&random)
        let scope = sources.filter { _ in Bool.random(using: &random) }
        var pack = PackFixture(log: log, scope: scope.isEmpty ? [sources[0]] : scope)
        pack.level = ["internal", "auditor", "auditor", "customer"].randomElement(using: &random)!
        let share = UInt64.random(in: 0...100, using: &random)
        let salt = random.next()
        let isWhole = pack.level == "internal"
        let level = pack.level
        try pack.build(
            nonce: level == "auditor" && Bool.random(using: &random) ? "\(random.next() % 1_000_000)" : nil,
            startSize: Bool.random(using: &random) ? Int.random(in: 1...log.entries.count, using: &random) : nil,
            used: { entry, index in
                if isWhole || level == "customer" { return isWhole }
                return (salt ^ UInt64(entry &* 31 &+ index)) &* 0x9e37_79b9_7f4a_7c15 >> 32 % 100 < share
            })
        try pack.sign()
        if Bool.random(using: &random) { try pack.release() }
        return pack
    }

    @Test(arguments: 0..<2)
    func `a thousand good packs are verified without a finding`(_ half: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        for number in 0..<500 {
            let pack = try Self.pack(&random)
            let report = try pack.verify()
            #expect(report.findings == [], "seed \(seed), pack \(number) of half \(half), level \(pack.level), sources \(pack.scope)")
            if !report.findings.isEmpty { return }
        }
    }
}
