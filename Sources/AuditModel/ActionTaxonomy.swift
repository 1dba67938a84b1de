/// Our words for what was done: `domain.noun.verb`, each with the OCSF class it belongs to.
///
/// A parser maps its vendor's codes to these by table. A code without an entry keeps `source_action` and gets its domain's
/// ``other(in:)``, and is counted. OCSF class names and numbers are those of schema version 1.3.0.
public enum ActionTaxonomy {
    /// One action.
    public struct Entry: Hashable, Sendable {
        public let action: String
        /// OCSF class name in snake case, the event's `category`: `authentication`, `account_change`.
        public let category: String
        /// OCSF class number.
        public let classUID: Int
    }

    /// Every action, in the order of the table.
    public static let entries: [Entry] = table.flatMap { group in
        group.actions.map { Entry(action: $0, category: group.category, classUID: group.classUID) }
    }

    /// The domains: the first word of an action.
    public static let domains: [String] = {
        var seen: [String] = []
        for entry in entries {
            let domain = String(entry.action.prefix { $0 != "." })
            if !seen.contains(domain) { seen.append(domain) }
        }
        return seen
    }()

    /// The entry of an action, or nil where the taxonomy does not know it.
    public static func entry(for action: String) -> Entry? { byAction[action] }

    /// The action for a code of `domain` that no table maps.
    public static func other(in domain: String) -> String { "\(domain).activity.other" }

    private static let byAction = Dictionary(uniqueKeysWithValues: entries.map { ($0.action, $0) })

    private typealias Group = (category: String, classUID: Int, actions: [String])

    private static let table: [Group] = [
        (
            "authentication", 3002,
            [
                "auth.session.start", "auth.session.end", "auth.session.refresh", "auth.session.revoke", "auth.mfa.challenge",
                "auth.mfa.enroll",
                "auth.mfa.remove", "auth.token.create", "auth.token.use", "auth.token.revoke", "auth.policy.evaluate",
                "auth.privilege.elevate",
                "auth.session.impersonate", "auth.credential.verify", "auth.connection.open", "auth.connection.close",
                "auth.activity.other",
            ]
        ),
        (
            "account_change", 3001,
            [
                "iam.account.create", "iam.account.update", "iam.account.disable", "iam.account.enable", "iam.account.delete",
                "iam.account.lock",
                "iam.account.unlock", "iam.password.change", "iam.password.reset", "iam.credential.create", "iam.credential.update",
                "iam.credential.delete",
                "iam.activity.other",
            ]
        ),
        (
            "user_access", 3005,
            [
                "iam.role.grant", "iam.role.revoke", "iam.application.assign", "iam.application.unassign", "iam.break_glass.grant",
                "iam.break_glass.revoke", "iam.break_glass.review", "iam.permission.grant", "iam.permission.revoke", "iam.access.review",
            ]
        ),
        (
            "group_management", 3006,
            [
                "iam.group.create", "iam.group.update", "iam.group.delete", "iam.group.add_member", "iam.group.remove_member",
            ]
        ),
        (
            "entity_management", 3004,
            [
                "iam.role.create", "iam.role.update", "iam.role.delete", "iam.policy.create", "iam.policy.update", "iam.policy.delete",
                "config.setting.read", "config.setting.update", "config.integration.create", "config.integration.update",
                "config.integration.delete",
                "config.logging.update", "config.logging.stop", "config.logging.start", "config.activity.other",
                "approval.request.create", "approval.request.approve", "approval.request.deny", "approval.request.expire",
                "approval.activity.other",
                "hr.person.join", "hr.person.move", "hr.person.leave", "hr.activity.other",
            ]
        ),
        (
            "web_resource_access_activity", 6004,
            [
                "support.tenant.access", "support.impersonation.start", "support.impersonation.end", "support.ticket.read",
                "support.ticket.update",
                "support.activity.other",
            ]
        ),
        (
            "web_resources_activity", 6001,
            [
                "data.record.read", "data.record.create", "data.record.update", "data.record.delete", "data.record.search",
                "data.export.request", "data.export.run", "data.export.download", "data.file.read", "data.file.share", "data.file.create",
                "data.file.update", "data.file.delete", "data.activity.other",
            ]
        ),
        (
            "api_activity", 6003,
            [
                "cloud.resource.read", "cloud.resource.list", "cloud.resource.create", "cloud.resource.update", "cloud.resource.delete",
                "cloud.object.read", "cloud.object.write", "cloud.object.delete", "cloud.key.use", "cloud.key.create", "cloud.key.update",
                "cloud.key.delete",
                "cloud.log.deliver", "cloud.activity.other",
                "vcs.repository.create", "vcs.repository.update", "vcs.repository.delete", "vcs.repository.read", "vcs.repository.push",
                "vcs.branch.protect",
                "vcs.branch.unprotect", "vcs.branch.reject", "vcs.branch.override", "vcs.pull_request.create", "vcs.pull_request.review",
                "vcs.pull_request.merge", "vcs.secret.update",
                "vcs.workflow.run", "vcs.hook.create", "vcs.hook.update", "vcs.hook.delete", "vcs.alert.update", "vcs.activity.other",
            ]
        ),
        (
            "datastore_activity", 6005,
            [
                "db.statement.read", "db.statement.write", "db.statement.define", "db.statement.execute", "db.statement.other",
                "db.role.change",
                "db.connection.open", "db.connection.close", "db.connection.authenticate", "db.error.raise", "db.server.message",
                "db.activity.other",
            ]
        ),
        (
            "scheduled_job_activity", 1006,
            [
                "job.run.enqueue", "job.run.start", "job.run.finish", "job.run.fail", "job.run.retry", "job.run.cancel", "job.run.message",
                "job.schedule.create", "job.schedule.update", "job.schedule.delete", "job.activity.other",
            ]
        ),
        (
            "process_activity", 1007,
            [
                "host.command.run", "host.process.start", "host.process.stop", "host.service.start", "host.service.stop",
                "host.message.log", "host.activity.other",
            ]
        ),
        ("detection_finding", 2004, ["alert.finding.create", "alert.finding.update", "alert.finding.close", "alert.activity.other"]),
        (
            "application_lifecycle", 6002,
            [
                "deploy.release.start", "deploy.release.finish", "deploy.release.fail", "deploy.release.rollback", "deploy.release.approve",
                "deploy.activity.other",
                "proofline.query.run", "proofline.identity.reveal", "proofline.identity.erase", "proofline.pack.build",
                "proofline.pack.sign",
                "proofline.pack.approve", "proofline.pack.release", "proofline.gap.record", "proofline.service.start",
                "proofline.service.stop",
                "proofline.config.update", "proofline.activity.other",
            ]
        ),
    ]
}
