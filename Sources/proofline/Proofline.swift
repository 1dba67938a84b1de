import ArgumentParser
import CLinux
import Glibc

/// The command line: one verb, one file. DESIGN: exit codes in ``ExitStatus``.
@main
struct Proofline: ParsableCommand {
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

    /// Runs the verb and maps whatever it throws to one line and an exit code, in one place. It stays on the process's first thread, on
    /// which the kernel delivers signals.
    static func main() {
        clinux_prepare_output()
        var status = ExitStatus.done
        do {
            if let query = QueryRun(plain: CommandLine.arguments) {
                try query.run()
            } else {
                var command = try parseAsRoot()
                try command.run()
            }
        } catch {
            status = ExitStatus.report(error, of: Self.self)
        }
        fflush(nil)
        Glibc.exit(status.rawValue)
    }
}
