import ArgumentParser
import VerifierCall

/// `proofline verify`: checks an evidence pack with nothing but the pack and what the auditor trusts.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check an evidence pack offline.",
        discussion: """
            Example: proofline verify EP-2026Q3-soc2-r1 --policy policy.txt --root root.pem

            """ + VerifierCall.discussion)

    @OptionGroup var call: VerifierCall

    func run() throws {
        let code = try call.run()
        if code != 0 { throw ExitCode(code) }
    }
}

extension VerifierCall.Failure: ErrorWithExitStatus {
    var line: String {
        switch self {
        case .usage(let line), .failed(let line): line
        }
    }

    var exitStatus: ExitStatus {
        switch self {
        case .usage: .usage
        case .failed: .failed
        }
    }
}
