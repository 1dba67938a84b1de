import ArgumentParser
import Evidence
import Foundation

/// A key with its certificate.
struct SigningOptions: ParsableArguments {
    @Option(help: "The key (PEM).") var key: String
    @Option(help: "Its certificate (PEM), with the chain up to the root behind it.") var certificate: String
    @OptionGroup var passphrase: PassphraseOptions

    func identity() throws -> SigningIdentity {
        try KeyFiles.identity(key: key, certificate: certificate, passphrase: try passphrase.read())
    }
}

/// Where the passphrase of a key comes from; never from the command line, where other users see it.
struct PassphraseOptions: ParsableArguments {
    @Option(help: "A file with the key's passphrase; else $PROOFLINE_KEY_PASSPHRASE.") var passphraseFile: String?

    func read() throws -> String? {
        guard let passphraseFile else { return ProcessInfo.processInfo.environment["PROOFLINE_KEY_PASSPHRASE"] }
        guard let data = FileManager.default.contents(atPath: passphraseFile),
            let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first
        else {
            throw VerbError.usage("the passphrase file \(passphraseFile) is empty or cannot be read")
        }
        return String(line)
    }
}

/// Who is asked for a timestamp.
struct TimestampOptions: ParsableArguments {
    @Option(help: "Address of an RFC 3161 authority.") var tsaURL: String?
    @Option(help: "Key of a local authority, for demos (`proofline key tsa`).") var tsaKey: String?
    @Option(help: "Certificate of the local authority.") var tsaCertificate: String?

    /// Nil when none is named.
    func source(_ passphrase: String?) throws -> TimestampSource? {
        switch (tsaURL, tsaKey, tsaCertificate) {
        case (let url?, nil, nil): return .url(url)
        case (nil, let key?, let certificate?):
            return .local(try KeyFiles.timestampAuthority(key: key, certificate: certificate, passphrase: passphrase))
        case (nil, nil, nil): return nil
        default: throw VerbError.usage("name either --tsa-url, or --tsa-key with --tsa-certificate")
        }
    }
}
