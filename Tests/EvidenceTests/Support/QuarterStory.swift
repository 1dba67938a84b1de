import AuditModel
import Timeline

@testable import Evidence

/// A small quarter with a known answer: three leavers, some accesses, one silence.
enum QuarterStory {
    static let period = Period(
        start: Timestamp(rfc3339: "2026-07-01T00:00:00Z") ?? .earliest, end: Timestamp(rfc3339: "2026-10-01T00:00:00Z") ?? .latest,
        label: "2026Q3")

    static func make() -> MemoryEvidence {
        let store = MemoryEvidence()
        for (id, parser) in [
            ("hr", "hr_csv"), ("okta", "okta"), ("github", "github_audit"), ("linux", "linux_auth"), ("product", "product_audit"),
        ] {
            store.addSource(id, parser: parser, expectedHours: id == "product" ? 4 : nil)
        }
        for (index, name) in ["ada", "bob", "cyd"].enumerated() {
            for kind in ["mail", "okta", "git", "unix"] { store.persons["\(kind)_\(name)"] = "person-\(index)" }
        }
        store.seal(
            "hr",
            [
                leaver("ada", "2026-07-10T16:00:00Z"), leaver("bob", "2026-08-14T16:00:00Z"), leaver("cyd", "2026-09-30T16:00:00Z"),
            ])
        store.heartbeat()
        store.seal("okta", okta)
        store.seal(
            "github",
            [
                .at("2026-07-02T09:00:00Z", "vcs.repository.push", actor: "git_ada"),
                .at("2026-07-10T16:30:00Z", "iam.permission.revoke", actor: "admin", target: "git_ada") {
                    $0[.sourceAction] = "org.remove_member"
                },
                .at("2026-09-30T23:00:00Z", "vcs.repository.push", actor: "git_other"),
            ])
        store.seal(
            "linux",
            [
                .at("2026-07-03T09:00:00Z", "auth.session.start", actor: "unix_bob"),
                .at("2026-09-30T23:30:00Z", "host.message.log", actor: "unix_other"),
            ], quarantined: 1)
        store.seal("product", accesses)
        store.heartbeat()
        return store
    }

    private static func leaver(_ name: String, _ time: String) -> Event {
        .at(time, "hr.person.leave", target: "mail_\(name)")
    }

    private static var okta: [Event] {
        [
            .at("2026-07-01T08:00:00Z", "auth.session.start", actor: "okta_ada"),
            .at("2026-07-01T09:00:00Z", "auth.session.start", actor: "okta_bob"),
            .at("2026-07-10T16:04:00Z", "iam.account.disable", actor: "admin", target: "okta_ada"),
            // Bob is disabled three days late and signs in after leaving.
            .at("2026-08-16T20:00:00Z", "auth.session.start", actor: "okta_bob"),
            .at("2026-08-17T17:00:00Z", "iam.account.disable", actor: "admin", target: "okta_bob"),
            // Cyd left hours before the sources end.
            .at("2026-09-01T08:00:00Z", "auth.session.start", actor: "okta_cyd"),
            .at("2026-09-30T22:00:00Z", "auth.session.start", actor: "okta_other"),
        ]
    }

    private static var accesses: [Event] {
        func access(
            _ time: String, _ action: String = "customer.record.read", state: String? = "approved", by: String? = "mail_cyd",
            ref: String? = "SUP-1", expires: String? = nil
        ) -> Event {
            .at(time, "data.record.read", actor: "mail_ada") {
                $0[.sourceAction] = action
                $0[.tenant] = "ten_<b>\"quoted\"&co"
                $0[.approvalState] = state
                $0[.approvalBy] = by
                $0[.approvalRef] = ref
                $0.approvalExpires = expires.flatMap { Timestamp(rfc3339: $0) }
            }
        }
        return [
            access("2026-07-02T10:00:00Z", expires: "2026-07-02T12:00:00Z"), access("2026-07-03T10:00:00Z", ref: nil),
            access("2026-07-04T10:00:00Z", by: "okta_ada"), access("2026-07-05T10:00:00Z", expires: "2026-07-05T09:00:00Z"),
            access("2026-08-18T12:00:00Z", state: "pending", by: nil, ref: nil),
            access("2026-08-18T13:00:00Z", "customer.data.export", state: nil, by: nil, ref: nil),
            .at("2026-08-18T13:01:00Z", "data.record.read", outcome: "denied") { $0[.sourceAction] = "customer.record.read" },
        ]
    }
}
