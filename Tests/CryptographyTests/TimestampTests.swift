import Cryptography
import Testing

struct TimestampTests {
    static let clockKey = try! P256PrivateKey.generate()
    static let clock = try! People.shared.authority.issue(
        to: X509Name(commonName: "Clock", organization: "Muster AG"), publicKey: clockKey.publicKey, for: .timestamping,
        notBefore: People.notBefore, notAfter: People.notAfter)
    static let authority = try! TimestampAuthority(certificate: clock, key: clockKey)

    let roots = [People.shared.authority.certificate]
    let data = Array("signature".utf8)

    func response() throws -> [UInt8] {
        try Self.authority.respond(to: TimestampRequest(data: data).der, time: People.now)
    }

    @Test func `an answer verifies and states its time`() throws {
        let request = try TimestampRequest(data: data)
        let answer = try Self.authority.respond(to: request.der, time: People.now)
        let response = try TimestampResponse(verifying: answer, data: data, nonce: request.nonce, roots: roots)
        #expect(response.time == People.now)
        #expect(response.policy == TimestampAuthority.policy)
        #expect(response.authority == Self.clock)
        #expect(response.serial.count == 16 || response.serial.count == 14)
    }

    @Test func `every flipped bit of an answer is refused`() throws {
        let answer = try response()
        var accepted: [String] = []
        for index in answer.indices {
            for bit in 0..<8 {
                var changed = answer
                changed[index] ^= 1 << bit
                if (try? TimestampResponse(verifying: changed, data: data, roots: roots)) != nil {
                    accepted.append("\(index).\(bit)")
                }
            }
        }
        #expect(accepted == [])
    }

    @Test func `cut and lengthened answers are malformed`() throws {
        let answer = try response()
        for count in stride(from: 0, to: answer.count, by: 7) {
            #expect(code { try verify(Array(answer.prefix(count))) } == .malformed)
        }
        #expect(code { try verify(answer + [0]) } == .malformed)
    }

    @Test func `other data, another request, another root and a certificate of the wrong kind are refused`() throws {
        let answer = try response()
        #expect(code { try TimestampResponse(verifying: answer, data: [1], roots: roots) } == .timestampRejected)
        #expect(code { try TimestampResponse(verifying: answer, data: data, nonce: 1, roots: roots) } == .timestampRejected)
        let other = try People()
        #expect(
            code { try TimestampResponse(verifying: answer, data: data, roots: [other.authority.certificate]) }
                == .certificateRejected)
        let late = try Self.authority.respond(to: TimestampRequest(data: data).der, time: People.notAfter + 10)
        #expect(code { try verify(late) } == .certificateRejected)
        let people = People.shared
        #expect(throws: CryptographyError.self) {
            try TimestampAuthority(certificate: people.alice, key: people.aliceKey)
                .respond(to: TimestampRequest(data: data).der, time: People.now)
        }
    }

    @Test func `a request that is none gets a refusal, and the refusal is no timestamp`() throws {
        let answer = try Self.authority.respond(to: [0x30, 0x00], time: People.now)
        #expect(code { try verify(answer) } == .timestampRejected)
    }

    private func verify(_ answer: [UInt8]) throws -> TimestampResponse {
        try TimestampResponse(verifying: answer, data: data, roots: roots)
    }
}
