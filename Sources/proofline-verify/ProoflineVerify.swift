import ArgumentParser
import Foundation
import VerifierCall

/// The verifier alone, for those who receive packs: no store, no engine, no server, no network.
@main
struct ProoflineVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proofline-verify",
        abstract: "Check an evidence pack offline.",
        discussion: """
            Example: proofline-verify EP-2026Q3-soc2-r1 --policy policy.txt --root root.pem

            """ + VerifierCall.discussion)

    @OptionGroup var call: VerifierCall

    func run() throws {
        do {
            let code = try call.run()
            if code != 0 { throw ExitCode(code) }
        } catch let failure as VerifierCall.Failure {
            switch failure {
            case .usage(let line): try end(line, 2)
            case .failed(let line): try end(line, 3)
            }
        }
    }

    private func end(_ line: String, _ code: Int32) throws {
        FileHandle.standardError.write(Data("proofline-verify: \(line)\n".utf8))
        throw ExitCode(code)
    }

    /// Wrong arguments end with 2, as everywhere; help with 0.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            let code = exitCode(for: error)
            if !(error is ExitCode) {
                let text = fullMessage(for: error)
                if code == .success { print(text) } else { FileHandle.standardError.write(Data((text + "\n").utf8)) }
            }
            Foundation.exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }
}
