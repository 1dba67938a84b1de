import ArgumentParser
import AuditModel
import Cryptography
import Evidence

/// `proofline key`: an authority of one's own, and keys for those who sign.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make keys and certificates for signing packs.",
        discussion:
            "A company with a PKI uses that instead: P-256 keys, key usage digitalSignature and nonRepudiation, no extended key usage.",
        subcommands: [Authority.self, Issue.self, TimestampKey.self])

    /// Whom a certificate names, and how its key is kept.
    struct NameOptions: ParsableArguments {
        @Option(help: "Full name of the person or authority.") var name: String
        @Option(help: "The company.") var organization: String?
        @Option(help: "An e-mail address, to tell people of one name apart.") var email: String?
        @Option(help: "Folder for key and certificate.") var out: String
        @OptionGroup var passphrase: PassphraseOptions
        @Flag(help: "Write the key without a passphrase: only for demos.") var unencrypted = false

        var subject: X509Name { X509Name(commonName: name, organization: organization, email: email) }

        func files() throws -> KeyFiles {
            let passphrase = try passphrase.read()
            guard passphrase != nil || unencrypted else {
                throw VerbError.usage(
                    "give the new key a passphrase with --passphrase-file or $PROOFLINE_KEY_PASSPHRASE, or say --unencrypted for a demo")
            }
            return KeyFiles(directory: out, passphrase: unencrypted ? nil : passphrase)
        }
    }

    /// The authority that issues a certificate.
    struct AuthorityOptions: ParsableArguments {
        @Option(help: "Folder of the authority (`proofline key ca`).") var authority: String
        @Option(help: "A file with the authority's passphrase; else that of the new key.") var authorityPassphraseFile: String?

        func files(_ names: NameOptions) throws -> KeyFiles {
            var own = PassphraseOptions()
            own.passphraseFile = authorityPassphraseFile ?? names.passphrase.passphraseFile
            return KeyFiles(directory: authority, passphrase: try own.read())
        }
    }

    /// `proofline key ca`.
    struct Authority: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ca", abstract: "Make a certificate authority: ca.key, ca.pem.",
            discussion: "Example: proofline key ca --name 'Tallyharbor Evidence CA' --out keys/ca --passphrase-file ca.pass")
        @OptionGroup var names: NameOptions

        func run() throws {
            let certificate = try names.files().createAuthority(names.subject, now: Timestamp.now.microseconds / 1_000_000)
            print(
                "\(certificate.subject)\nSHA-256 \(certificate.fingerprint.hex)\ngive \(names.out)/ca.pem to those who verify, by another way than the pack"
            )
        }
    }

    /// `proofline key issue`.
    struct Issue: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "issue", abstract: "Make a key and certificate for a person who signs packs.",
            discussion:
                "Example: proofline key issue --authority keys/ca --name 'Petra Novak' --email petra@example.com --file preparer --out keys --passphrase-file p.pass"
        )
        @OptionGroup var names: NameOptions
        @OptionGroup var authority: AuthorityOptions
        @Option(help: "Name of the files, without ending.") var file = "signer"

        func run() throws {
            let certificate = try names.files().issue(
                names.subject, file: file, for: .documentSigning, from: try authority.files(names),
                now: Timestamp.now.microseconds / 1_000_000)
            print("\(certificate.subject)\n\(names.out)/\(file).key, \(names.out)/\(file).pem")
        }
    }

    /// `proofline key tsa`.
    struct TimestampKey: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tsa", abstract: "Make a local timestamp authority, for demos: tsa.key, tsa.pem.",
            discussion: "Example: proofline key tsa --authority keys/ca --name 'Demo timestamps' --out keys --unencrypted")
        @OptionGroup var names: NameOptions
        @OptionGroup var authority: AuthorityOptions

        func run() throws {
            let certificate = try names.files().issue(
                names.subject, file: "tsa", for: .timestamping, from: try authority.files(names),
                now: Timestamp.now.microseconds / 1_000_000)
            print("\(certificate.subject)\n\(names.out)/tsa.key, \(names.out)/tsa.pem")
        }
    }
}
