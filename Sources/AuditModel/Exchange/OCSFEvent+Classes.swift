/// What a class of OCSF has beside what all have.
extension OCSFEvent {
    func addClass(to members: inout [String: JSONValue]) {
        switch entry.category {
        case "authentication":
            members["user"] = actingUser
            members["service"] = named(event[.source])
            addActor(&members)
            addEndpoint(&members)
            if let session = event[.session] { members["session"] = .object(["uid": .string(session)]) }
        case "account_change":
            members["user"] = userTarget ?? actingUser
            addActor(&members)
            addEndpoint(&members)
        case "user_access":
            members["user"] = userTarget ?? actingUser
            let rights = things.compactMap { $0.name ?? $0.id }
            members["privileges"] = .array((rights.isEmpty ? [Self.unstated] : rights).map { .string($0) })
            addActor(&members)
            addEndpoint(&members)
        case "group_management":
            members["group"] = thing(of: ["group", "team", "organization", "role", "channel"], typed: false)
            members["user"] = userTarget
            addActor(&members)
            addEndpoint(&members)
        case "entity_management":
            members["entity"] = thing(of: [], typed: true)
            addActor(&members)
            addEndpoint(&members)
        case "web_resources_activity":
            members["web_resources"] = .array(event.targets.isEmpty ? [thing(of: [], typed: true)] : event.targets.map { resource($0) })
            addEndpoint(&members)
            addRequest(&members)
        case "file_hosting":
            members["file"] = file
            requireActor(&members)
            requireEndpoint(&members)
            addRequest(&members)
        case "api_activity":
            members["api"] = .object([
                "operation": .string(event[.sourceAction] ?? entry.action), "service": named(event[.source]),
            ])
            if !event.targets.isEmpty { members["resources"] = .array(event.targets.map { resource($0) }) }
            requireActor(&members)
            requireEndpoint(&members)
            addRequest(&members)
        default: addOtherClass(to: &members)
        }
    }

    private func addOtherClass(to members: inout [String: JSONValue]) {
        switch entry.category {
        case "datastore_activity":
            var database = thing(of: ["database"], typed: false).object ?? [:]
            database["type_id"] = 0
            members["database"] = .object(database)
            requireActor(&members)
            requireEndpoint(&members)
        case "scheduled_job_activity":
            let job = event.targets.first { $0.type == "job" || $0.type == "workflow" } ?? event.targets.first
            members["job"] = .object([
                "name": .string(job?.name ?? job?.id ?? event[.job] ?? Self.unstated),
                "file": .object(["name": .string(Self.unstated), "type_id": 0]),
            ])
            members["device"] = device
        case "process_activity":
            members["process"] = process
            members["device"] = device
            requireActor(&members)
        case "file_activity":
            members["file"] = file
            members["device"] = device
            requireActor(&members)
        case "http_activity":
            addRequest(&members)
            if members["http_request"] == nil { members["http_request"] = .object([:]) }
            addEndpoint(&members)
        case "network_activity":
            requireEndpoint(&members)
        case "email_activity":
            members["email"] = .object([
                "from": .string("\(Self.unstated)@\(Self.unstated).invalid"),
                "message_uid": .string(event.targets.first?.id ?? event[.eventID] ?? Self.unstated),
            ])
            members["direction_id"] = 0
            addEndpoint(&members)
        case "detection_finding":
            var finding: [String: JSONValue] = ["uid": .string(event.targets.first?.id ?? event[.eventID] ?? Self.unstated)]
            finding["title"] = (event.targets.first?.name ?? event[.sourceAction]).map { .string($0) }
            members["finding_info"] = .object(finding)
        case "application_lifecycle":
            let app = event.targets.first
            var product: [String: JSONValue] = ["name": .string(app?.name ?? app?.id ?? event[.source] ?? Self.unstated)]
            product["uid"] = app?.id.map { .string($0) }
            members["app"] = .object(product)
        default: break
        }
    }

    // MARK: People

    /// Who acted, as OCSF's user; never without a name.
    private var actingUser: JSONValue {
        var user: [String: JSONValue] = [:]
        user["uid"] = event[.actorID].map { .string($0) }
        user["name"] = (event[.actorName] ?? event[.actorID] ?? event[.actorEmail]).map { .string($0) } ?? .string(Self.unstated)
        user["uid_alt"] = event[.actorEmail].map { .string($0) }
        switch event[.actorType] {
        case "user", "support": user["type_id"] = 1
        case "system": user["type_id"] = 3
        case "service", "job": user["type_id"] = 4
        default: user["type_id"] = 0
        }
        if !event.roles.isEmpty { user["groups"] = .array(event.roles.map { .object(["name": .string($0), "type": "role"]) }) }
        return .object(user)
    }

    /// The first target that stands for a person.
    private var userTarget: JSONValue? {
        event.targets.first { $0.isIdentity && $0.type != "device" }.map { target in
            var user: [String: JSONValue] = [:]
            user["uid"] = target.id.map { .string($0) }
            user["name"] = .string(target.name ?? target.id ?? Self.unstated)
            return .object(user)
        }
    }

    private func addActor(_ members: inout [String: JSONValue]) {
        guard event[.actorID] != nil || event[.actorName] != nil || event[.actorEmail] != nil else { return }
        requireActor(&members)
    }

    private func requireActor(_ members: inout [String: JSONValue]) {
        var actor: [String: JSONValue] = ["user": actingUser]
        if let session = event[.session] { actor["session"] = .object(["uid": .string(session)]) }
        members["actor"] = .object(actor)
    }

    // MARK: Places

    private var endpoint: JSONValue? {
        var found: [String: JSONValue] = [:]
        found["uid"] = event[.originIP].map { .string($0) }
        found["subnet_uid"] = event[.originNet].map { .string($0) }
        found["name"] = event[.originHost].map { .string($0) }
        return found["uid"] == nil && found["name"] == nil ? nil : .object(found)
    }

    private func addEndpoint(_ members: inout [String: JSONValue]) { members["src_endpoint"] = endpoint }

    private func requireEndpoint(_ members: inout [String: JSONValue]) {
        members["src_endpoint"] = endpoint ?? .object(["name": .string(Self.unstated)])
    }

    private var device: JSONValue {
        .object(["type_id": 0, "name": .string(event[.originHost] ?? event[.instance] ?? event[.source] ?? Self.unstated)])
    }

    /// The methods that OCSF knows: other parsers have a `method` of another kind.
    private static let methods: Set = ["OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT", "PATCH"]

    private func addRequest(_ members: inout [String: JSONValue]) {
        var request: [String: JSONValue] = [:]
        request["uid"] = event[.request].map { .string($0) }
        request["user_agent"] = event[.originUserAgent].map { .string($0) }
        if let method = event.attribute("method"), Self.methods.contains(method) { request["http_method"] = .string(method) }
        if let path = event.attribute("path") { request["url"] = .object(["path": .string(path)]) }
        if !request.isEmpty { members["http_request"] = .object(request) }
    }

    // MARK: Things

    /// The targets that stand for no person.
    private var things: [Event.Target] { event.targets.filter { !$0.isIdentity } }

    private func named(_ name: String?) -> JSONValue { .object(["name": .string(name ?? Self.unstated)]) }

    /// The first target of one of these types, else the first of any.
    private func thing(of types: Set<String>, typed: Bool) -> JSONValue {
        let found = things.first { $0.type.map(types.contains) ?? false } ?? things.first ?? event.targets.first
        guard let found else { return named(nil) }
        return typed ? resource(found) : resource(Event.Target(id: found.id, name: found.name))
    }

    private func resource(_ target: Event.Target) -> JSONValue {
        var members: [String: JSONValue] = [:]
        members["uid"] = target.id.map { .string($0) }
        members["name"] = .string(target.name ?? target.id ?? Self.unstated)
        members["type"] = target.type.map { .string($0) }
        return .object(members)
    }

    private var file: JSONValue {
        let target = things.first { $0.type == "file" } ?? things.first
        var members: [String: JSONValue] = ["type_id": 0, "name": .string(target?.name ?? target?.id ?? Self.unstated)]
        members["uid"] = target?.id.map { .string($0) }
        return .object(members)
    }

    private var process: JSONValue {
        var members: [String: JSONValue] = [:]
        if let pid = event.attribute("pid").flatMap({ Int64($0) }), pid >= 0, pid <= Int64(Int32.max) { members["pid"] = .integer(pid) }
        members["uid"] = .string(event.attribute("pid") ?? event[.eventID] ?? Self.unstated)
        members["name"] = things.first.flatMap { $0.name ?? $0.id }.map { .string($0) }
        members["cmd_line"] = event.attribute("command").map { .string($0) }
        return .object(members)
    }
}
