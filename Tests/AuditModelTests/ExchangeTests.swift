import AuditModel
import Testing

/// Events in other schemas. The interop suite validates whole stores against OCSF's published schema; here is what a validator cannot know.
@Suite struct ExchangeTests {
    private static let taxonomy: ActionTaxonomy = {
        var taxonomy = ActionTaxonomy(schemaVersion: "1.6.0")
        _ = taxonomy.add(.init(action: "iam.role.grant", category: "user_access", classUID: 3005, activityID: 1, meaning: ""))
        _ = taxonomy.add(.init(action: "job.run.fail", category: "scheduled_job_activity", classUID: 1006, activityID: 99, meaning: ""))
        return taxonomy
    }()

    private var grant: Event {
        var event = Event()
        event.time = Timestamp(microseconds: 1_782_864_007_911_999)
        event[.action] = "iam.role.grant"
        event[.category] = "user_access"
        event[.sourceAction] = "role.added"
        event[.source] = "okta"
        event[.parser] = "okta"
        event[.actorID] = "person_a"
        event[.actorEmail] = "email_a"
        event[.actorType] = "user"
        event[.originIP] = "ip_x"
        event[.originNet] = "192.0.2.0/24"
        event[.outcome] = "denied"
        event[.approvalRef] = "CHG-1"
        event.targets = [.init(type: "role", id: "r1", name: "admin"), .init(type: "user", id: "person_b", name: "person_c")]
        event.changes = [.init(field: "role", before: "user", after: "admin")]
        event.setAttribute("region", "eu")
        return event
    }

    @Test func `OCSF says class, activity, both people, the right and the refusal`() throws {
        let json = try #require(OCSFEvent(grant, seq: 7, taxonomy: Self.taxonomy)).json
        #expect(json["class_uid"] == 3005 && json["type_uid"] == 300_501 && json["category_uid"] == 3)
        #expect(json["time"] == 1_782_864_007_911)
        #expect(json["user"]?["uid"] == "person_b" && json["actor"]?["user"]?["uid"] == "person_a")
        #expect(json["privileges"] == ["admin"])
        #expect(json["status_id"] == 2 && json["status_code"] == "denied")
        #expect(json["metadata"]?["sequence"] == 7 && json["metadata"]?["version"] == "1.6.0")
    }

    @Test func `OCSF keeps tokens out of fields that want the plain value, and loses nothing`() throws {
        let json = try #require(OCSFEvent(grant, taxonomy: Self.taxonomy)).json
        #expect(json["src_endpoint"]?["ip"] == nil && json["src_endpoint"]?["uid"] == "ip_x")
        #expect(json["actor"]?["user"]?["email_addr"] == nil && json["actor"]?["user"]?["uid_alt"] == "email_a")
        let rest = try #require(json["unmapped"])
        #expect(rest["approval.ref"] == "CHG-1" && rest["origin.net"] == "192.0.2.0/24" && rest["attributes"]?["region"] == "eu")
        #expect(rest["changes"] == [["field": "role", "before": "user", "after": "admin"]])
        #expect(rest["targets"]?.array?.count == 2)
    }

    @Test func `what a class requires and the event does not say is unstated, not invented`() throws {
        var event = Event()
        event[.action] = "job.run.fail"
        let json = try #require(OCSFEvent(event, taxonomy: Self.taxonomy)).json
        #expect(json["job"]?["name"] == "unstated" && json["status_id"] == 0)
        #expect(json["activity_name"] == "job.run.fail")
        event[.action] = "no.such.action"
        #expect(OCSFEvent(event, taxonomy: Self.taxonomy) == nil)
    }

    @Test func `ECS has outcome, kind and people, and addresses as keywords`() {
        let json = ECSEvent(grant, seq: 7).json
        #expect(json["event"]?["outcome"] == "failure" && json["event"]?["category"] == ["iam"] && json["event"]?["type"] == ["denied"])
        #expect(json["source"] == ["address": "ip_x"])
        #expect(json["user"]?["id"] == "person_a" && json["user"]?["target"]?["id"] == "person_b")
        #expect(json["@timestamp"] == "2026-07-01T00:00:07.911999Z")
        #expect(json["proofline"]?["approval"]?["ref"] == "CHG-1" && json["message"] == nil)
    }

    @Test func `a CloudEvent carries the event whole under a name that does not change`() {
        var event = grant
        event[.source] = "okta eu/1"
        let json = CloudEvent(event, seq: 7, origin: "log.example.com/audit").json
        #expect(json["id"] == "7" && json["source"] == "//log.example.com/audit/okta%20eu%2F1")
        #expect(json["specversion"] == "1.0" && json["type"] == "proofline.iam.role.grant")
        #expect(json["data"] == event.json)
    }
}
