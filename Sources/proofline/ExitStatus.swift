import ArgumentParser
import AuditModel
import Foundation
import Glibc

/// How the process ends: the four codes of every verb, and the one place that maps errors to them.
///
/// A verb with codes of its own (`verify`) throws ArgumentParser's `ExitCode`, which passes through unchanged.
enum ExitStatus: Equatable {
    /// Everything asked for was done.
    case done
    /// Done, and there is something a person must look at: an exception, a gap, tampering, a damaged file.
    case findings
    /// The call was wrong: arguments, configuration, a definition. Nothing was changed.
    case usage
    /// It could not be done: a full disk, a locked store, no permission.
    case failed
    /// A verb's own code.
    case other(Int32)

    var rawValue: Int32 {
        switch self {
        case .done: 0
        case .findings: 1
        case .usage: 2
        case .failed: 3
        case .other(let code): code
        }
    }

    /// Prints what `error` says (one line on standard error; help and version on standard output) and gives the exit code.
    static func report(_ error: any Error, of root: (some ParsableCommand).Type) -> ExitStatus {
        if let finished = error as? ExitCode {
            return from(code: finished.rawValue)
        }
        if let ending = error as? any ErrorWithExitStatus {
            if !ending.line.isEmpty { printError(ending.line) }
            return ending.exitStatus
        }
        if isFromArgumentParser(error) {
            // Help and version requests exit 0 and go to standard output; everything else is a usage error.
            let text = root.fullMessage(for: error)
            if root.exitCode(for: error) == .success {
                print(text)
                return .done
            }
            printError(usageLine(text, root))
            return .usage
        }
        printError(String(describing: error))
        return .failed
    }

    /// ArgumentParser's message in one line: what is wrong, and where help is found.
    private static func usageLine(_ text: String, _ root: (some ParsableCommand).Type) -> String {
        let lines = text.split(separator: "\n").map(String.init)
        var message = lines.first ?? text
        if message.hasPrefix("Error: ") { message.removeFirst("Error: ".count) }
        let verbs = root.configuration.subcommands.compactMap { $0.configuration.commandName }
        if let verb = CommandLine.arguments.dropFirst().first, !verb.hasPrefix("-"), !verbs.contains(verb) {
            message = "there is no verb `\(verb)`" + (NearestName.of(verb, in: verbs).map { "; did you mean `\($0)`?" } ?? "")
        }
        let help = lines.last?.components(separatedBy: "'").dropFirst().first ?? "proofline --help"
        return "\(message) (see \(help))"
    }

    /// One line on standard error, with the program's name before it. Of control characters, which a path may hold, only line ends
    /// that the message itself has (a query with its mark beneath) pass.
    static func printError(_ line: String) {
        let lines = line.split(separator: "\n", omittingEmptySubsequences: false).map { TextTable.printable(String($0)) }
        writeError("proofline: \(lines.joined(separator: "\n"))\n")
    }

    /// Writes text to standard error as it is.
    static func writeError(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let written = write(STDERR_FILENO, rest.baseAddress, rest.count)
                if written <= 0 { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }

    private static func from(code: Int32) -> ExitStatus {
        switch code {
        case 0: .done
        case 1: .findings
        case 2: .usage
        case 3: .failed
        default: .other(code)
        }
    }

    private static func isFromArgumentParser(_ error: any Error) -> Bool {
        if error is ValidationError || error is CleanExit { return true }
        // `CommandError` and its kin are internal to ArgumentParser.
        return String(reflecting: type(of: error)).hasPrefix("ArgumentParser")
    }
}

/// An error that knows how the process should end. Module errors are extended with it, one file per module.
protocol ErrorWithExitStatus: Error {
    /// One clear line: what went wrong and what to do. Empty when everything has been said already.
    var line: String { get }
    /// The code to end with.
    var exitStatus: ExitStatus { get }
}

/// Ends a verb with a line and a code; for what is found by the verb itself.
struct VerbError: ErrorWithExitStatus {
    let line: String
    let exitStatus: ExitStatus

    /// The call was wrong (exit 2).
    static func usage(_ line: String) -> VerbError { VerbError(line: line, exitStatus: .usage) }
    /// It could not be done (exit 3).
    static func failed(_ line: String) -> VerbError { VerbError(line: line, exitStatus: .failed) }
    /// Done, with findings that were already printed (exit 1).
    static let findings = VerbError(line: "", exitStatus: .findings)
}
