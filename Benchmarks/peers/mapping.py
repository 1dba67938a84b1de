"""The mapping of the three logs into our columns, as SQL that DuckDB, DataFusion and ClickHouse understand through a dialect each.

The same work as our parsers and minimization do, but for what only we do (seals, proof, names and telephone numbers in texts):
identities become keyed hashes, addresses also their network, user agents their family and system, e-mail addresses and IP addresses in
messages a placeholder. Targets and changes have few places in these logs and attributes are few, so they are flat columns:
that is faster for every peer, to write and to ask.
"""

#: column: (type, then what each log gives; a column that a log lacks is absent there)
TEXT, TIME, NUMBER, REAL, TRUTH, TEXTS = 'text', 'time', 'number', 'real', 'truth', 'texts'


def target_type(place):
    return f"case when {place} = 'User' then 'user' when {place} = 'AppInstance' then 'application' when {place} <> '' then 'other' end"


def columns(d):
    """(name, type, Okta's expression, the product's, the job runner's); None where the log does not have it. `d` is the dialect."""
    p, t = d.path, d.token
    okta_user = f"{p('target', 1, 'type')} = 'User'"
    said = f"{p('msg')} in ('start', 'done', 'fail')"
    address, product_address = p('client', 'ipAddress'), p('origin', 'ip')
    outcome = p('outcome', 'result')
    return [
        ('time', TIME, d.time(p('published')), d.time(p('time')), d.time(p('ts'))),
        ('event_id', TEXT, p('uuid'), p('id'), None),
        ('source', TEXT, "'okta'", "'product_audit'", "'sidekiq'"),
        ('parser', TEXT, "'okta'", "'product_audit'", "'sidekiq'"),
        ('parser_version', TEXT, "'1'", "'1'", "'1'"),
        ('actor_type', TEXT, f"lower({p('actor', 'type')})", p('actor', 'type'), "'job'"),
        ('actor_id', TEXT, t(p('actor', 'id')), t(p('actor', 'id')), None),
        ('actor_name', TEXT, t(p('actor', 'displayName')), t(p('actor', 'name')), p('ctx', 'class')),
        ('actor_email', TEXT, t(p('actor', 'alternateId')), t(p('actor', 'email')), None),
        ('actor_roles', TEXTS, None, p('actor', 'roles'), None),
        ('on_behalf_of', TEXT, None, t(p('actor', 'on_behalf_of')), None),
        ('session', TEXT, p('authenticationContext', 'externalSessionId'), p('session'), None),
        ('action', TEXT, d.action('action'), d.action('action'),
         f"case {p('msg')} when 'start' then 'job.run.start' when 'done' then 'job.run.finish' when 'fail' then 'job.run.fail' else 'job.run.message' end"),
        ('source_action', TEXT, p('eventType'), p('action'), f"case when {said} then {p('msg')} end"),
        ('category', TEXT, d.action('category'), d.action('category'), "'scheduled_job_activity'"),
        ('tenant', TEXT, None, p('tenant'), None),
        ('surface', TEXT, "'sso'", p('surface'), "'job'"),
        ('ip', TEXT, t(address), t(product_address), None),
        ('net', TEXT, d.net(address), d.net(product_address), None),
        ('user_agent', TEXT, agent(d, p('client', 'userAgent', 'rawUserAgent')), agent(d, p('origin', 'user_agent')), None),
        ('host', TEXT, None, p('origin', 'host'), None),
        ('approval_state', TEXT, None, p('approval', 'state'), None),
        ('approval_by', TEXT, None, t(p('approval', 'by')), None),
        ('approval_ref', TEXT, None, p('approval', 'ref'), None),
        ('approval_expires', TIME, None, d.time(p('approval', 'expires')), None),
        ('policy_id', TEXT, None, p('policy', 'id'), None),
        ('policy_version', TEXT, None, p('policy', 'version'), None),
        ('outcome', TEXT, f"case {outcome} when 'SUCCESS' then 'success' when 'ALLOW' then 'success' when 'FAILURE' then 'failure' when 'DENY' then 'denied' else 'unknown' end", p('outcome'),
         f"case when {p('msg')} = 'done' then 'success' when {p('msg')} = 'fail' or {p('lvl')} = 'ERROR' then 'failure' end"),
        ('reason', TEXT, p('outcome', 'reason'), p('reason'), None),
        ('severity', TEXT, f"lower({p('severity')})", p('severity'), f"lower({p('lvl')})"),
        ('request', TEXT, p('debugContext', 'debugData', 'requestId'), p('request_id'), p('ctx', 'request_id')),
        ('trace', TEXT, None, p('trace_id'), p('ctx', 'trace_id')),
        ('job', TEXT, None, p('job_id'), p('ctx', 'jid')),
        ('correlation', TEXT, p('transaction', 'id'), p('correlation_id'), p('ctx', 'correlation_id')),
        ('message', TEXT, d.scrub(p('displayMessage')), d.scrub(p('message')), f"case when not ({said}) then {d.scrub(p('msg'))} end"),
        ('target_type', TEXT, target_type(p('target', 1, 'type')), p('targets', 1, 'type'), "'job'"),
        ('target_id', TEXT, f"case when {okta_user} then {t(p('target', 1, 'id'))} else {p('target', 1, 'id')} end", p('targets', 1, 'id'), p('ctx', 'jid')),
        ('target_name', TEXT, f"case when {okta_user} then {t(p('target', 1, 'alternateId'))} else {p('target', 1, 'displayName')} end", p('targets', 1, 'name'), p('ctx', 'class')),
        ('target2_type', TEXT, target_type(p('target', 2, 'type')), None, None),
        ('target2_id', TEXT, p('target', 2, 'id'), None, None),
        ('target2_name', TEXT, p('target', 2, 'displayName'), None, None),
        ('change_field', TEXT, None, p('changes', 1, 'field'), None),
        ('change_before', TEXT, None, p('changes', 1, 'before'), None),
        ('change_after', TEXT, None, p('changes', 1, 'after'), None),
        ('event_type_legacy', TEXT, p('legacyEventType'), None, None),
        ('device', TEXT, p('client', 'device'), None, None),
        ('country', TEXT, p('client', 'geographicalContext', 'country'), None, None),
        ('as_number', NUMBER, p('securityContext', 'asNumber'), None, None),
        ('is_proxy', TRUTH, p('securityContext', 'isProxy'), None, None),
        ('credential_type', TEXT, p('authenticationContext', 'credentialType'), None, None),
        ('threat_suspected', TEXT, p('debugContext', 'debugData', 'threatSuspected'), None, None),
        ('request_uri', TEXT, p('debugContext', 'debugData', 'requestUri'), None, None),
        ('target_display', TEXT, f"case when {okta_user} then {t(p('target', 1, 'displayName'))} end", None, None),
        ('elapsed_seconds', REAL, None, None, p('ctx', 'elapsed')),
        ('queue', TEXT, None, None, p('ctx', 'queue')),
        ('pid', NUMBER, None, None, p('pid')),
        ('thread', TEXT, None, None, p('tid')),
        ('tags', TEXTS, None, None, p('ctx', 'tags')),
    ]


def agent(d, raw):
    """Family and system of a user agent."""
    has = lambda word: d.contains(raw, word)
    families = ' '.join(f"when {has(word)} then '{name}'" for word, name in (('Edg/', 'Edge'), ('Chrome/', 'Chrome'), ('Firefox/', 'Firefox'), ('Safari/', 'Safari')))
    systems = ' '.join(f"when {has(word)} then '{name}'" for word, name in (('Windows', ' on Windows'), ('iPhone', ' on iOS'), ('Macintosh', ' on macOS'), ('Android', ' on Android')))
    return f"case when {has('python')} then 'Python' when {raw} <> '' then concat(case {families} else 'other' end, case {systems} else ' on Linux' end) end"


MAIL = '[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+[.][A-Za-z]{2,}'
ADDRESS = '[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}|([0-9a-f]{1,4}:){3,7}:?[0-9a-f]{1,4}'

#: What is read of each log: name -> type, a dict for an object, a list of one for an array. The rest is passed over.
SHAPES = {
    'okta': {
        'uuid': TEXT, 'published': TIME, 'eventType': TEXT, 'displayMessage': TEXT, 'severity': TEXT, 'legacyEventType': TEXT,
        'actor': {'id': TEXT, 'type': TEXT, 'alternateId': TEXT, 'displayName': TEXT},
        'client': {'userAgent': {'rawUserAgent': TEXT}, 'device': TEXT, 'ipAddress': TEXT, 'geographicalContext': {'country': TEXT}},
        'authenticationContext': {'externalSessionId': TEXT, 'credentialType': TEXT},
        'outcome': {'result': TEXT, 'reason': TEXT}, 'securityContext': {'asNumber': NUMBER, 'isProxy': TRUTH},
        'debugContext': {'debugData': {'requestId': TEXT, 'requestUri': TEXT, 'threatSuspected': TEXT}}, 'transaction': {'id': TEXT},
        'target': [{'id': TEXT, 'type': TEXT, 'alternateId': TEXT, 'displayName': TEXT}]},
    'product': {
        'time': TIME, 'id': TEXT, 'session': TEXT, 'action': TEXT, 'tenant': TEXT, 'surface': TEXT, 'outcome': TEXT, 'reason': TEXT, 'severity': TEXT,
        'request_id': TEXT, 'trace_id': TEXT, 'correlation_id': TEXT, 'job_id': TEXT, 'message': TEXT,
        'actor': {'type': TEXT, 'id': TEXT, 'email': TEXT, 'name': TEXT, 'roles': [TEXT], 'on_behalf_of': TEXT},
        'targets': [{'type': TEXT, 'id': TEXT, 'name': TEXT}], 'origin': {'ip': TEXT, 'user_agent': TEXT, 'host': TEXT},
        'approval': {'state': TEXT, 'by': TEXT, 'ref': TEXT, 'expires': TIME}, 'policy': {'id': TEXT, 'version': TEXT},
        'changes': [{'field': TEXT, 'before': TEXT, 'after': TEXT}]},
    'jobs': {
        'ts': TIME, 'pid': NUMBER, 'tid': TEXT, 'lvl': TEXT, 'msg': TEXT,
        'ctx': {'jid': TEXT, 'class': TEXT, 'queue': TEXT, 'tags': [TEXT], 'request_id': TEXT, 'trace_id': TEXT, 'correlation_id': TEXT, 'elapsed': REAL}}}


def selects(d, folder):
    """For each log a select with all columns in one order. The logs are sorted by time, so what they become is too, log by log, as our segments are."""
    made = []
    for place, name in enumerate(SHAPES, start=2):  # the place of the log's expression in a row
        items = [f"{d.value(row[place], row[1])} as {d.quoted(row[0])}" for row in columns(d)]
        made.append(f'select {", ".join(items)} from {d.source(name, folder)}')
    return made
