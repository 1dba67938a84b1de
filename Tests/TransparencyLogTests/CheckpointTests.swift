import Testing
import TransparencyLog

struct CheckpointTests {
    static let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

    @Test func `a checkpoint is three lines, both ways`() throws {
        let text = "example.com/behind-the-sofa\n20852163\n\(Self.root)\n"
        let checkpoint = try Checkpoint(text: Array(text.utf8))
        #expect(checkpoint.origin == "example.com/behind-the-sofa")
        #expect(checkpoint.size == 20_852_163)
        #expect(checkpoint.root.base64 == Self.root)
        #expect(checkpoint.text == Array(text.utf8))
    }

    @Test(arguments: [
        "", "log\n", "log\n1\n", "log\n1\n\(root)", "log\n01\n\(root)\n", "log\n-1\n\(root)\n", "log\n+1\n\(root)\n",
        "log\n18446744073709551616\n\(root)\n", "log\n1\n\(root)\nextension\n", "\n1\n\(root)\n", "my log\n1\n\(root)\n",
        "log\n1\nAAAA\n", "log\n1\n\(root)\n\n", "log\n\n\(root)\n", "log\n１\n\(root)\n",
    ])
    func `other text is refused`(text: String) {
        #expect(code { try Checkpoint(text: Array(text.utf8)) } == .malformedCheckpoint)
    }
}
