import Foundation

/// A value that names somebody or something, in the one spelling that the vault keys, keeps and commits to.
public struct Identity: Hashable, Sendable {
    /// What the value is to its subject. The raw value is stored and never changes its meaning.
    public enum Role: Int64, Hashable, Sendable {
        /// The source's own identifier: within one source it names one subject.
        case id = 1
        /// An e-mail address.
        case email = 2
        /// A user name, a role's name, a host name, an IP address.
        case login = 3
        /// A display name: two people may share it.
        case name = 4

        /// Whether a meeting of two such values in one actor makes two subjects one.
        var isStrong: Bool { self != .name }
    }

    public let kind: IdentityKind
    /// The normalized value.
    public let value: String
    public let role: Role
    /// The source whose number this is. A number such as `17` names somebody else in every source, so it has a token in each; other
    /// values mean the same everywhere and have none here.
    public let namespace: String?

    /// Normalizes a value: surrounding white space removed, Unicode NFC, e-mail addresses in lower case, IP addresses in
    /// canonical spelling. Other values keep their case: `root` and `Root` are two accounts on most systems.
    ///
    /// - Parameter namespace: The source's name from the configuration; kept for numbers alone.
    public init(_ kind: IdentityKind, _ raw: String, role: Role = .login, namespace: String? = nil) {
        let value = Self.normalize(raw, kind: kind)
        self.kind = kind
        self.value = value
        self.namespace = kind != .address && Self.isNumber(value) ? namespace : nil
        self.role = kind != .address && Self.looksLikeEmail(value) ? .email : role == .name && Self.looksLikeLogin(value) ? .login : role
    }

    /// Whether the value stands for no particular person (`root`, `unknown`, `admin` …). Such a value has a token, but it is
    /// never linked to others.
    public var isShared: Bool {
        kind == .address || (value.utf8.count < 3 && role != .id) || Self.sharedValues.contains(value.lowercased())
            || value.hasSuffix("[bot]")
    }

    /// Three digits or more among other characters, as in `E1042`, `00u1a2b3` and UUIDs.
    var isDistinctive: Bool { value.utf8.count { (0x30...0x39).contains($0) } >= 3 && !Self.isNumber(value) }

    /// The normalized spelling of a value of this kind.
    public static func normalize(_ raw: String, kind: IdentityKind) -> String {
        var value = raw
        if !value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) {
            value = value.trimmingCharacters(in: .whitespacesAndNewlines).precomposedStringWithCanonicalMapping
        }
        if kind == .address { return NetworkAddress(value)?.description ?? value.lowercased() }
        return looksLikeEmail(value) ? value.lowercased() : value
    }

    /// A name that was made for machines: no white space, and a first letter in lower case or a digit, `_`, `-` or `.` in it.
    static func looksLikeLogin(_ value: String) -> Bool {
        guard let first = value.utf8.first, value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { return false }
        return (0x61...0x7a).contains(first) || value.utf8.contains { (0x30...0x39).contains($0) || $0 == 0x5f || $0 == 0x2d || $0 == 0x2e }
    }

    static func isNumber(_ value: String) -> Bool { !value.isEmpty && value.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }

    /// One `@` with text on both sides, a dot after it, and no white space, colon or slash: `AROA…:alice@example.com` is an id.
    static func looksLikeEmail(_ value: String) -> Bool {
        let parts = value.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].dropFirst().dropLast().contains(UInt8(ascii: "."))
            && !value.utf8.contains { $0 == 0x20 || $0 == 0x3a || $0 == 0x2f }
    }

    static let sharedValues: Set<String> = [
        "root", "unknown", "system", "admin", "administrator", "anonymous", "nobody", "guest", "user", "users", "test",
        "service", "daemon", "ubuntu", "ec2-user", "debian", "centos", "postgres", "mysql", "oracle", "sa", "git", "github",
        "www-data", "none", "null", "nil", "n/a", "support", "operator", "default", "localhost", "public", "internal",
        "everyone", "all", "sidekiq", "cron", "worker", "scheduler", "api", "web", "okta", "system@okta.com", "superuser",
        "invalid user", "0", "65534", "4294967295", "deploy", "deployer", "jenkins", "build", "runner", "backup", "nagios", "ansible",
        "terraform", "vagrant", "app", "dependabot", "renovate", "bot", "mongodb", "redis", "elasticsearch", "rabbitmq", "ci", "monitoring",
        "replication", "replicator", "rdsadmin",
        "(unknown)", "(unknown user)", "illegal", "noreply@github.com", "web-flow",
    ]
}
