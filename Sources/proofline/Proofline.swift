import ArgumentParser
import CLinux
import Glibc

/// The command line: one verb, one file. DESIGN: exit codes in ``ExitStatus``.
@main
struct Proofline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proofline",
        abstract: "Audit logs in, signed evidence out.",
        discussion: """
            Exit codes: 0 done, 1 findings, 2 usage, 3 failed. Every verb has --help with an example.
            """,
        subcommands: [
            InitCommand.self,
            IngestCommand.self,
            RunCommand.self,
            ReparseCommand.self,
            QueryCommand.self,
            ShellCommand.self,
            ExportCommand.self,
            CoverageCommand.self,
            FsckCommand.self,
            RetentionCommand.self,
            HoldCommand.self,
            CompactCommand.self,
            BackupCommand.self,
            RestoreCommand.self,
            ReportCommand.self,
            PackCommand.self,
            ControlsCommand.self,
            KeyCommand.self,
            VaultCommand.self,
            ParseCommand.self,
            ParserCommand.self,
            VerifyCommand.self,
        ])

    private static func runAsParsed() async throws {
        var command = try parseAsRoot()
        if var concurrent = command as? any AsyncParsableCommand {
            try await concurrent.run()
        } else {
            try command.run()
        }
    }

    /// Runs the verb and maps whatever it throws to one line and an exit code, in one place.
    static func main() async {
        clinux_prepare_output()
        var status = ExitStatus.done
        do {
            if let query = QueryRun(plain: CommandLine.arguments) { try query.run() } else { try await runAsParsed() }
        } catch {
            status = ExitStatus.report(error, of: Self.self)
        }
        fflush(nil)
        Glibc.exit(status.rawValue)
    }
}
