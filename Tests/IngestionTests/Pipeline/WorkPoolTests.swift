import Foundation
import Synchronization
import Testing

@testable import Ingestion

@Suite struct WorkPoolTests {
    private struct Fault: Error, Equatable { let number: Int }

    @Test func `one thread does the most urgent first`() throws {
        let pool = WorkPool()
        let order = Mutex<[String]>([])
        pool.add(.background) { order.withLock { $0.append("background") } }
        pool.add(.reading) {
            order.withLock { $0.append("reading") }
            pool.add(.block) { order.withLock { $0.append("block") } }
            pool.add(.ordered) { order.withLock { $0.append("ordered") } }
        }
        try pool.help { isIdle in isIdle }
        #expect(order.withLock { $0 } == ["reading", "ordered", "block", "background"])
    }

    @Test(arguments: [1, 4]) func `the first error is thrown once nothing runs, and what waits is dropped`(threads: Int) {
        let pool = WorkPool()
        let running = Mutex(0)
        pool.start(helpers: threads - 1)
        for number in 0..<200 {
            pool.add(.block) {
                running.withLock { $0 += 1 }
                defer { running.withLock { $0 -= 1 } }
                Thread.sleep(forTimeInterval: 0.001)
                if number % 50 == 20 { throw Fault(number: number) }
            }
        }
        #expect(throws: Fault.self) { try pool.help { isIdle in isIdle } }
        #expect(running.withLock { $0 } == 0)
        #expect(pool.isStopping)
        pool.add(.block) { running.withLock { $0 += 100 } }
        pool.stop()
        #expect(running.withLock { $0 } == 0)
    }

    @Test func `everything that tasks add is done before the pool is idle`() throws {
        let pool = WorkPool()
        let count = Mutex(0)
        pool.start(helpers: 3)
        defer { pool.stop() }
        @Sendable func grow(_ depth: Int) {
            count.withLock { $0 += 1 }
            if depth < 8 { for _ in 0..<2 { pool.add(.block) { grow(depth + 1) } } }
        }
        pool.add(.reading) { grow(0) }
        try pool.help { isIdle in isIdle }
        #expect(count.withLock { $0 } == 511)
    }

    @Test func `a lane runs in the order of numbers, one at a time, whatever becomes ready first`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let pool = WorkPool()
        let lane = Mutex(OrderedLane())
        let order = Mutex<[Int]>([])
        let busy = Mutex(0)
        pool.start(helpers: 3)
        defer { pool.stop() }
        var numbers = (0..<60).map { _ in lane.withLock { $0.takeNumber() } }
        var state = seed
        for place in numbers.indices.reversed() {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            numbers.swapAt(place, Int(state >> 33) % (place + 1))
        }
        for number in numbers {
            pool.add(.block) {
                let work = lane.withLock {
                    $0.becomeReady(number) {
                        busy.withLock { $0 += 1; #expect($0 == 1) }
                        order.withLock { $0.append(number) }
                        busy.withLock { $0 -= 1 }
                        if let next = lane.withLock({ $0.finish() }) { pool.add(.ordered, next) }
                    }
                }
                if let work { pool.add(.ordered, work) }
            }
        }
        try pool.help { isIdle in isIdle }
        #expect(order.withLock { $0 } == Array(0..<60), "seed \(seed)")
    }
}
