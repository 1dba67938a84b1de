extension Event {
    /// The canonical form: JSON under RFC 8785 without a line feed (docs/formats/event.md).
    ///
    /// These bytes are what is hashed: leaf = SHA-256(0x00 ‖ bytes).
    ///
    /// - Parameter salt: 32 lower-case hex digits, the first 16 bytes of SHA-256(batchSalt ‖ index); nil leaves the member out,
    ///   for showing an event rather than proving it.
    public func canonicalLine(salt: String? = nil) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(512)
        writeCanonical(salt: salt, to: &out)
        return out
    }

    /// Appends the canonical form to `out`.
    public func writeCanonical(salt: String?, to out: inout [UInt8]) {
        var object = ObjectWriter(to: &out)
        object.text("action", self[.action], to: &out)
        writeGroup("actor", in: &object, to: &out, texts: Self.actorFields) { member, out in
            member.list("roles", self.roles, to: &out, CanonicalJSON.writeString)
            member.text("type", self[.actorType], to: &out)
        }
        writeApproval(in: &object, to: &out)
        writeAttributes(in: &object, to: &out)
        object.text("category", self[.category], to: &out)
        object.list("changes", changes, to: &out) { Self.writeChange($0, to: &$1) }
        object.text("correlation", self[.correlation], to: &out)
        object.text("event_id", self[.eventID], to: &out)
        object.list("flags", flags, to: &out, CanonicalJSON.writeString)
        object.text("instance", self[.instance], to: &out)
        object.text("job", self[.job], to: &out)
        object.text("message", self[.message], to: &out)
        object.time("observed", observed, to: &out)
        writeGroup("origin", in: &object, to: &out, texts: Self.originFields) { _, _ in }
        object.text("outcome", self[.outcome], to: &out)
        object.text("parser", self[.parser], to: &out)
        object.text("parser_version", self[.parserVersion], to: &out)
        writeGroup("policy", in: &object, to: &out, texts: Self.policyFields) { _, _ in }
        object.text("reason", self[.reason], to: &out)
        object.integer("replaces", replaces, to: &out)
        object.text("request", self[.request], to: &out)
        object.text("salt", salt, to: &out)
        object.integer("schema", Int64(schema), to: &out)
        object.text("session", self[.session], to: &out)
        object.text("severity", self[.severity], to: &out)
        object.text("source", self[.source], to: &out)
        object.text("source_action", self[.sourceAction], to: &out)
        object.text("surface", self[.surface], to: &out)
        object.list("targets", targets, to: &out) { Self.writeTarget($0, to: &$1) }
        object.text("tenant", self[.tenant], to: &out)
        object.time("time", time, to: &out)
        object.integer("time_bound", timeBoundMicroseconds, to: &out)
        object.text("trace", self[.trace], to: &out)
        object.end(to: &out)
    }

    private static let actorFields: [(String, EventField)] = [
        ("email", .actorEmail), ("id", .actorID), ("name", .actorName), ("on_behalf_of", .actorOnBehalfOf),
    ]
    private static let originFields: [(String, EventField)] = [
        ("host", .originHost), ("ip", .originIP), ("net", .originNet), ("user_agent", .originUserAgent),
    ]
    private static let policyFields: [(String, EventField)] = [("id", .policyID), ("version", .policyVersion)]

    private func writeGroup(
        _ name: String, in object: inout ObjectWriter, to out: inout [UInt8], texts: [(String, EventField)],
        rest: (inout ObjectWriter, inout [UInt8]) -> Void
    ) {
        let isActor = name == "actor"
        guard texts.contains(where: { self[$0.1] != nil }) || (isActor && (!roles.isEmpty || self[.actorType] != nil)) else { return }
        object.key(name, to: &out)
        var member = ObjectWriter(to: &out)
        for (key, field) in texts { member.text(key, self[field], to: &out) }
        rest(&member, &out)
        member.end(to: &out)
    }

    private func writeApproval(in object: inout ObjectWriter, to out: inout [UInt8]) {
        let fields: [EventField] = [.approvalBy, .approvalRef, .approvalState, .approvalSubjectHash]
        guard approvalExpires != nil || fields.contains(where: { self[$0] != nil }) else { return }
        object.key("approval", to: &out)
        var member = ObjectWriter(to: &out)
        member.text("by", self[.approvalBy], to: &out)
        member.time("expires", approvalExpires, to: &out)
        member.text("ref", self[.approvalRef], to: &out)
        member.text("state", self[.approvalState], to: &out)
        member.text("subject_hash", self[.approvalSubjectHash], to: &out)
        member.end(to: &out)
    }

    private func writeAttributes(in object: inout ObjectWriter, to out: inout [UInt8]) {
        guard !attributes.isEmpty else { return }
        object.key("attributes", to: &out)
        var member = ObjectWriter(to: &out)
        for attribute in attributes { member.text(attribute.name, attribute.value, to: &out) }
        member.end(to: &out)
    }

    private static func writeTarget(_ target: Target, to out: inout [UInt8]) {
        var object = ObjectWriter(to: &out)
        object.text("id", target.id, to: &out)
        object.text("name", target.name, to: &out)
        object.text("type", target.type, to: &out)
        object.end(to: &out)
    }

    private static func writeChange(_ change: Change, to out: inout [UInt8]) {
        var object = ObjectWriter(to: &out)
        object.text("after", change.after, to: &out)
        object.text("before", change.before, to: &out)
        object.text("field", change.field, to: &out)
        object.end(to: &out)
    }
}
