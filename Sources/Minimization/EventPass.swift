import AuditModel
import Vault

/// Minimizes one event: first its identities, then, knowing their tokens, every text.
struct EventPass {
    private let parsed: ParsedEvent
    private let policy: MinimizationPolicy
    private let session: VaultSession
    private let agent: (String) -> String
    private var texts: TextTreatment
    private var event: Event
    private let namespace: String
    private var isCut = false

    init(_ parsed: ParsedEvent, policy: MinimizationPolicy, session: VaultSession, memory: ScrubMemory, agent: @escaping (String) -> String)
    {
        self.parsed = parsed
        self.policy = policy
        self.session = session
        self.agent = agent
        event = parsed.event
        namespace = parsed.event[.source] ?? ""
        texts = TextTreatment(session: session, memory: memory, literals: LiteralTable(), limitBytes: policy.textLimitBytes)
    }

    mutating func run(_ counts: inout ScrubCounts) throws -> Event {
        try replaceActor(&counts)
        try replaceScalars(&counts)
        try replaceTargets(&counts)
        try replaceAttributes(&counts)
        // Every identity of the event is known now; texts come last, so that they lose all of them.
        for field in [EventField.message, .reason] where isText(treatment(of: field)) {
            if let value = event[field] { try texts.learnLogins(in: value) }
        }
        try scrubScalars(&counts)
        try scrubLists(&counts)
        if isCut { event.setFlag(Event.Flag.truncated) }
        return event
    }

    private func treatment(of field: EventField) -> Treatment { policy.treatment(of: parsed.classes.dataClass(of: field)) }

    // MARK: Identities

    private static let actorFields: [(field: EventField, role: Identity.Role)] = [
        (.actorID, .id), (.actorEmail, .email), (.actorName, .name),
    ]

    /// Id, e-mail and name of the actor hang on one subject.
    private mutating func replaceActor(_ counts: inout ScrubCounts) throws {
        var fields: [EventField] = []
        var identities: [Identity] = []
        for (field, role) in Self.actorFields where treatment(of: field) == .token {
            guard let value = event[field], !value.isEmpty, !policy.isServer(value) else { continue }
            fields.append(field)
            identities.append(Identity(.user, value, role: role, namespace: namespace))
        }
        guard !fields.isEmpty else { return }
        for (field, token) in zip(fields, try session.tokens(ofPerson: identities, namespace: namespace)) {
            learn(event[field], token)
            event[field] = token
        }
    }

    /// The other fields that are not texts: tokens, prefixes, families, drops.
    private mutating func replaceScalars(_ counts: inout ScrubCounts) throws {
        for field in EventField.allCases {
            guard let value = event[field] else { continue }
            switch treatment(of: field) {
            case .keep, .scrub: continue
            case .token:
                guard !value.isEmpty, !Self.actorFields.contains(where: { $0.field == field }) else { continue }
                event[field] = try token(value, field)
            case .tokenAndPrefix: try replaceAddress(value, field)
            case .generalize: event[field] = agent(value)
            case .drop:
                count(drop: parsed.classes.dataClass(of: field), &counts)
                event[field] = nil
            }
        }
    }

    private mutating func token(_ value: String, _ field: EventField) throws -> String {
        switch field {
        case .originHost:
            if policy.isServer(value) { return value }
            if let address = NetworkAddress(value) { return try session.token(for: Identity(.address, address.description)) }
            return try learned(value, Identity(.host, value))
        case .originIP: return try session.token(for: Identity(.address, Self.bareAddress(value)))
        default: return policy.isServer(value) ? value : try learned(value, Identity(.user, value, role: .login, namespace: namespace))
        }
    }

    private mutating func replaceAddress(_ value: String, _ field: EventField) throws {
        guard !value.isEmpty, !policy.isServer(value) else { return }
        let bare = Self.bareAddress(value)
        event[field] = try learned(value, Identity(.address, bare))
        if field == .originIP { event[.originNet] = NetworkAddress(bare)?.prefix }
    }

    /// An address without brackets, port and zone; anything else as it is.
    static func bareAddress(_ value: String) -> String {
        if NetworkAddress(value) != nil { return value }
        var text = Substring(value)
        if text.first == "[", let close = text.firstIndex(of: "]") { text = text[text.index(after: text.startIndex)..<close] }
        if let zone = text.firstIndex(of: "%") { text = text[..<zone] }
        if NetworkAddress(text) != nil { return String(text) }
        if let colon = text.firstIndex(of: ":"), NetworkAddress(text[..<colon]) != nil { return String(text[..<colon]) }
        return value
    }

    private mutating func learned(_ value: String, _ identity: Identity) throws -> String {
        let token = try session.token(for: identity)
        learn(value, token)
        return token
    }

    /// Remembers an identity of this event, so that its occurrences in texts go too.
    private mutating func learn(_ value: String?, _ token: String) {
        guard let value else { return }
        texts.literals.add(value, token: token)
    }

    // MARK: Targets and attributes

    private mutating func replaceTargets(_ counts: inout ScrubCounts) throws {
        guard policy.treatment(of: .identity) == .token else {
            for index in event.targets.indices where event.targets[index].isIdentity {
                count(drop: .identity, &counts)
                event.targets[index].id = nil
                event.targets[index].name = nil
            }
            return
        }
        for index in event.targets.indices where event.targets[index].isIdentity {
            let target = event.targets[index]
            let kind: IdentityKind = target.type == "device" ? .device : target.type == "mailbox" ? .mailbox : .user
            var identities: [Identity] = []
            if let id = target.id, !id.isEmpty { identities.append(Identity(kind, id, role: .id, namespace: namespace)) }
            if let name = target.name, !name.isEmpty { identities.append(Identity(kind, name, role: .name, namespace: namespace)) }
            guard !identities.isEmpty else { continue }
            var tokens = try session.tokens(ofPerson: identities, namespace: namespace)
            if let name = target.name, !name.isEmpty, let token = tokens.popLast() {
                learn(name, token)
                event.targets[index].name = token
            }
            if let id = target.id, !id.isEmpty, let token = tokens.popLast() {
                learn(id, token)
                event.targets[index].id = token
            }
        }
    }

    private mutating func replaceAttributes(_ counts: inout ScrubCounts) throws {
        for attribute in event.attributes {
            let dataClass = try dataClass(of: attribute)
            switch policy.treatment(of: dataClass) {
            case .keep, .scrub: continue
            case .token, .tokenAndPrefix:
                guard !attribute.value.isEmpty else { continue }
                event.setAttribute(attribute.name, try tokenOfAttribute(attribute.value, dataClass))
            case .generalize: event.setAttribute(attribute.name, agent(attribute.value))
            case .drop:
                count(drop: dataClass, &counts)
                event.removeAttribute(attribute.name)
            }
        }
    }

    private mutating func tokenOfAttribute(_ value: String, _ dataClass: DataClass) throws -> String {
        if policy.isServer(value) { return value }
        if dataClass == .networkIdentity { return try learned(value, Identity(.address, Self.bareAddress(value))) }
        return try learned(value, Identity(.user, value, role: .login, namespace: namespace))
    }

    private func dataClass(of attribute: Event.Attribute) throws -> DataClass {
        guard let dataClass = parsed.classes.attributes[attribute.name] else {
            throw MinimizationError(
                .unclassified,
                "source \(namespace): an attribute has no data class, so nothing was ingested; give it one in the parser definition")
        }
        return dataClass
    }

    private func count(drop dataClass: DataClass, _ counts: inout ScrubCounts) {
        if dataClass == .secret { counts.droppedSecrets += 1 } else { counts.droppedByPolicy += 1 }
    }

    // MARK: Texts

    /// Fields that hold ids of machines' making.
    private static func guarding(_ field: EventField) -> TextTreatment.Guarding {
        switch field {
        case .eventID, .session, .request, .trace, .job, .correlation, .approvalRef, .approvalSubjectHash, .policyID, .policyVersion:
            .identifiersOnly
        default: .everything
        }
    }

    /// Fields that ingestion and parser definitions fill, not sources.
    private static let ownFields: Set<EventField> = [.source, .instance, .parser, .parserVersion, .originNet]

    private mutating func scrubScalars(_ counts: inout ScrubCounts) throws {
        for field in EventField.allCases where !Self.ownFields.contains(field) {
            guard let value = event[field], isText(treatment(of: field)) else { continue }
            let limit = field == .message ? policy.messageLimitBytes : policy.textLimitBytes
            event[field] = try scrubbed(value, Self.guarding(field), limit, &counts)
        }
    }

    private func isText(_ treatment: Treatment) -> Bool { treatment == .keep || treatment == .scrub }

    private mutating func scrubLists(_ counts: inout ScrubCounts) throws {
        for index in event.roles.indices { event.roles[index] = try scrubbed(event.roles[index], .everything, nil, &counts) }
        for index in event.targets.indices where !event.targets[index].isIdentity {
            if let type = event.targets[index].type { event.targets[index].type = try scrubbed(type, .everything, nil, &counts) }
            if let id = event.targets[index].id { event.targets[index].id = try scrubbed(id, .everything, nil, &counts) }
            if let name = event.targets[index].name { event.targets[index].name = try scrubbed(name, .everything, nil, &counts) }
        }
        for index in event.changes.indices { try scrubChange(index, &counts) }
        for attribute in event.attributes where isText(policy.treatment(of: try dataClass(of: attribute))) {
            let text = try scrubbed(attribute.value, .everything, nil, &counts)
            if text != attribute.value { event.setAttribute(attribute.name, text) }
        }
    }

    private mutating func scrubChange(_ index: Int, _ counts: inout ScrubCounts) throws {
        let dataClass = parsed.classes.changes[event.changes[index].field] ?? .freeText
        event.changes[index].before = try changed(event.changes[index].before, dataClass, &counts)
        event.changes[index].after = try changed(event.changes[index].after, dataClass, &counts)
        event.changes[index].field = try scrubbed(event.changes[index].field, .everything, nil, &counts)
    }

    private mutating func changed(_ value: String?, _ dataClass: DataClass, _ counts: inout ScrubCounts) throws -> String? {
        guard let value else { return nil }
        switch policy.treatment(of: dataClass) {
        case .keep, .scrub: return try scrubbed(value, .everything, nil, &counts)
        case .token, .tokenAndPrefix: return value.isEmpty ? value : try tokenOfAttribute(value, dataClass)
        case .generalize: return agent(value)
        case .drop:
            count(drop: dataClass, &counts)
            return nil
        }
    }

    private mutating func scrubbed(_ value: String, _ guarding: TextTreatment.Guarding, _ limit: Int?, _ counts: inout ScrubCounts) throws
        -> String
    {
        let result = try texts.scrub(value, guarding: guarding, limitBytes: limit, &counts)
        isCut = isCut || result.isCut
        return result.text
    }
}
