import Testing

@testable import Evidence

@Suite struct SampleSizeTests {
    /// Known sizes of attribute samples with no deviation expected.
    @Test(arguments: [
        (52, [16, 20, 28, 33]), (250, [21, 26, 40, 51]), (1_000, [22, 28, 44, 56]), (10_000, [22, 29, 45, 59]),
    ])
    func `statistical sizes are the hypergeometric ones`(population: Int, sizes: [Int]) {
        let computed = [(90, 10), (95, 10), (90, 5), (95, 5)].map {
            SampleSize.statistical(population: population, confidencePercent: $0.0, tolerablePercent: $0.1)
        }
        #expect(computed == sizes)
    }

    @Test func `a statistical sample of a tiny population is at most the population`() {
        for population in 0...5 {
            #expect(SampleSize.statistical(population: population, confidencePercent: 99, tolerablePercent: 1) == population)
        }
    }

    @Test func `customary sizes follow frequency and population`() {
        #expect(SampleSize.Frequency.allCases.map { SampleSize.customary($0, population: 1_000) } == [1, 2, 3, 5, 25])
        #expect(SampleSize.customary(.daily, population: 7) == 7)
        #expect([7, 51, 100, 101, 250, 251, 90_000].map { SampleSize.customary(population: $0) } == [7, 25, 25, 40, 40, 60, 60])
    }
}
