import Testing

@testable import Evidence

@Suite struct ChildProgramTests {
    private let path = ["PATH": "/usr/bin:/bin"]

    @Test func `input goes in, output and complaint come out, the status is the program's`() throws {
        let program = try ChildProgram("sh", ["-c", "cat; echo no >&2; exit 7"], environment: path, input: Array("hello".utf8))
        #expect(program.output == Array("hello".utf8))
        #expect(program.complaint == "no")
        #expect(program.status == 7)
    }

    @Test func `more than a pipe holds passes both ways at once`() throws {
        let input = [UInt8](repeating: 65, count: 400_000)
        let program = try ChildProgram("sh", ["-c", "cat; head -c 300000 /dev/zero | tr '\\0' b >&2"], environment: path, input: input)
        #expect(program.output == input)
        #expect(program.complaint.hasPrefix("bbb"))
    }

    @Test func `a program that reads nothing does not kill us`() throws {
        let program = try ChildProgram("true", [], environment: path, input: [UInt8](repeating: 65, count: 400_000))
        #expect(program.status == 0)
    }

    @Test func `nothing of our environment reaches the program`() throws {
        let program = try ChildProgram("env", [], environment: ["PATH": "/usr/bin:/bin", "ONLY": "this"])
        #expect(String(decoding: program.output, as: UTF8.self).split(separator: "\n").sorted() == ["ONLY=this", "PATH=/usr/bin:/bin"])
    }

    @Test func `a program that is not there is an error that names it`() {
        let error = #expect(throws: EvidenceError.self) { try ChildProgram("no-such-program-here", [], environment: path) }
        #expect(error?.code == .external)
        #expect(error?.message.contains("no-such-program-here") == true)
    }
}
