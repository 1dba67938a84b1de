public import Cryptography
import Foundation

/// Who says when.
public enum TimestampSource: Sendable {
    /// An authority in this process, for demos: its word is worth what its key is worth.
    case local(TimestampAuthority)
    /// An RFC 3161 authority on the network, asked with curl.
    case url(String)

    /// The authority's answer to a request, both DER.
    func answer(_ request: [UInt8]) throws -> [UInt8] {
        switch self {
        case .local(let authority): try authority.respond(to: request, time: Int64(Date().timeIntervalSince1970))
        case .url(let url): try Self.post(request, to: url)
        }
    }

    private static func post(_ request: [UInt8], to url: String) throws(EvidenceError) -> [UInt8] {
        guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
            throw EvidenceError(.usage, "`\(url)` is not the address of a timestamp authority; write http:// or https://")
        }
        let arguments = [
            "--silent", "--show-error", "--fail", "--max-time", "60", "--proto", "=http,https", "--header",
            "Content-Type: application/timestamp-query",
            "--header", "Accept: application/timestamp-reply", "--data-binary", "@-", "--url", url,
        ]
        let curl: ChildProgram
        do { curl = try ChildProgram("curl", arguments, environment: ProcessInfo.processInfo.environment, input: request) } catch {
            throw EvidenceError(.external, "curl could not be run; install it (`apt-get install curl`)", cause: error)
        }
        guard curl.status == 0, !curl.output.isEmpty else {
            throw EvidenceError(.external, "the timestamp authority at \(url) gave no answer: \(curl.complaint.prefix(300))")
        }
        return curl.output
    }
}
