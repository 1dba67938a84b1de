"""The company's own product audit log (format: samples/README.md)."""
import hashlib

from . import company, when
from .dice import Dice
from .when import DAY, HOUR, MINUTE, SECOND

ACCESS = ('customer.record.read', 'customer.record.search', 'customer.record.update', 'customer.data.export', 'support.impersonation.start')
POLICY = ('pol-customer-access', '7')


def log(quarter):
    return quarter.source('product_audit', lambda at: f'product_audit/audit-{when.month(at)}.jsonl')


class Writer:
    """Builds events; `emit` leaves keys without a value out."""

    def __init__(self, quarter, name):
        self.quarter, self.source, self.dice = quarter, log(quarter), Dice(name)

    def emit(self, at, action, actor, tags=(), **fields):
        request = fields.pop('request_id', None) or 'req_' + self.dice.text(20)
        event = {'v': 1, 'time': when.iso(at), 'id': self.dice.ulid(at), 'actor': actor}
        order = ('session', 'action', 'targets', 'tenant', 'surface', 'origin', 'approval', 'policy', 'outcome', 'reason', 'severity', 'changes',
                 'request_id', 'trace_id', 'correlation_id', 'job_id', 'message')
        fields = {'action': action, 'outcome': 'success', 'severity': 'info', 'request_id': request, 'trace_id': self.dice.hex(32)} | fields
        event |= {key: fields[key] for key in order if fields.get(key) is not None}
        assert set(fields) <= set(order), fields
        return self.source.add(at, event, event['id'], tags=tags)

    def staff(self, person, at, host='console-1', surface='console'):
        """Session and origin of one of the staff at that moment."""
        session = self.quarter.day_session(person, at)
        return {'session': session.id, 'surface': surface, 'origin': origin(session.ip, person.browser[2], host)}


def customer_actor(user):
    return {'type': 'user', 'id': user['id'], 'email': user['email'], 'name': user['name'], 'roles': ['member']}


def staff_actor(person, kind='support', roles=None, on_behalf_of=None):
    roles = roles or {'Support': ['support_engineer'], 'Platform': ['platform_admin'], 'Security': ['security_admin']}.get(person.department, ['employee'])
    actor = {'type': kind, 'id': person.employee_id, 'email': person.email, 'name': person.name, 'roles': roles}
    return actor | ({'on_behalf_of': on_behalf_of} if on_behalf_of else {})


def origin(ip, agent, host):
    return {'ip': ip, 'user_agent': agent, 'host': host}


def approval(state, by=None, ref=None, expires=None, subject=None):
    """What an approval says; `subject` is the text whose hash was approved."""
    found = {'state': state, 'by': by and by.email, 'ref': ref, 'expires': expires and when.iso(expires, fraction=False),
             'subject_hash': subject and 'sha256:' + hashlib.sha256(subject.encode()).hexdigest()}
    return {key: value for key, value in found.items() if value}


def policy(version='7', identifier='pol-customer-access'):
    return {'id': identifier, 'version': version}


def write(quarter):
    company.identities(quarter)
    customers(quarter)
    support(quarter)
    roles(quarter)
    break_glass(quarter)
    releases(quarter)


def customers(quarter):
    """Customers' users at their own books, at least once every two hours: the source is never silent for three."""
    w = Writer(quarter, 'product/customers')
    dice = w.dice
    for slot in range(when.START, when.END, 2 * HOUR):
        at = slot + dice.between(4 * MINUTE, 55 * MINUTE) + dice.below(1000)
        tenant = dice.pick(company.TENANTS)
        user = dice.pick(tenant.users)
        number = dice.between(1000, 9899)
        action, target, message, changes = dice.pick([
            ('ledger.entry.create', {'type': 'entry', 'id': f'ent_{dice.hex(12)}', 'name': f'Journal entry {number}'}, 'Entry booked', None),
            ('ledger.entry.update', {'type': 'entry', 'id': f'ent_{dice.hex(12)}', 'name': f'Journal entry {number}'}, 'Entry corrected',
             [{'field': 'account', 'before': str(dice.between(4000, 4999)), 'after': str(dice.between(4000, 4999))}]),
            ('ledger.invoice.create', {'type': 'invoice', 'id': f'inv_{dice.hex(12)}', 'name': f'Invoice {when.month(at)}-{number}'}, 'Invoice issued', None),
            ('ledger.invoice.create', {'type': 'invoice', 'id': f'inv_{dice.hex(12)}', 'name': f'Credit note {number}'}, 'Credit note issued', None),
            ('ledger.report.view', {'type': 'report', 'id': dice.pick(['rpt_balance', 'rpt_vat', 'rpt_cashflow']), 'name': 'Balance and tax'}, None, None),
            ('auth.session.start', {'type': 'session', 'id': user['session']}, None, None),
        ])
        w.emit(at, action, customer_actor(user), session=user['session'], targets=[target], tenant=tenant.id, surface=dice.pick(['ui', 'ui', 'ui', 'api']),
               origin=origin(user['ip'], user['agent'], dice.pick(['app-1', 'app-2', 'app-3'])), approval=approval('not_required'),
               policy=policy('3', 'pol-tenant-self'), message=message, changes=changes)
    for day in when.weekdays()[::6]:
        tenant = dice.pick(company.TENANTS)
        admin = tenant.users[0]
        at = day + dice.between(9 * HOUR, 16 * HOUR)
        w.emit(at, 'ledger.settings.update', customer_actor(admin) | {'roles': ['owner']}, session=admin['session'], tenant=tenant.id, surface='ui',
               targets=[{'type': 'setting', 'id': 'fiscal_calendar', 'name': 'Fiscal calendar'}], origin=origin(admin['ip'], admin['agent'], 'app-2'),
               approval=approval('not_required'), policy=policy('3', 'pol-tenant-self'), changes=[{'field': 'closing_day', 'before': '25', 'after': '28'}])


def support(quarter):
    """Tickets: asked for, approved by another person, then used inside the window. `exceptional` says where that fails."""
    w = Writer(quarter, 'product/support')
    dice, ticket = w.dice, 4200
    for index, day in enumerate(when.weekdays()):
        for _ in range(dice.pick([1, 1, 2, 2, 3])):
            at = day + dice.between(8 * HOUR + 10 * MINUTE, 15 * HOUR) + dice.below(1000)
            team = [p for p in company.at_work('Support', at + 6 * HOUR) if p.title != 'Head of Support']
            ticket += dice.between(1, 9)
            episode(quarter, w, at, dice.pick(team), dice.pick(company.TENANTS), f'SUP-{ticket}', index)
    denied(w)
    exceptional(w)


def grants(w, at, agent, approver, tenant, ref, hours):
    """The request and its grant by another person; returns the approval that later events carry."""
    expires = (at + hours * HOUR) // MINUTE * MINUTE
    scope = f'{ref}|{tenant.id}|{agent.email}|read,search,impersonate,export'
    given = approval('approved', approver, ref, expires, scope)
    correlation = 'cor_' + w.dice.text(16)
    target = [{'type': 'tenant', 'id': tenant.id, 'name': tenant.name}]
    w.emit(at, 'access.approval.request', staff_actor(agent), targets=target, tenant=tenant.id, approval=approval('pending', ref=ref, subject=scope), policy=policy(),
           reason='Customer asked for help', correlation_id=correlation, message=f'Access requested for {ref}', **w.staff(agent, at))
    granted = at + w.dice.between(2, 9) * MINUTE
    w.emit(granted, 'access.approval.grant', staff_actor(approver), targets=target, tenant=tenant.id, approval=given, policy=policy(),
           correlation_id=correlation, message=f'Access approved for {ref}', **w.staff(approver, granted))
    return given, correlation


def episode(quarter, w, at, agent, tenant, ref, index):
    dice = w.dice
    approver = dice.pick([p for p in company.at_work('Support', at) if p is not agent])
    given, correlation = grants(w, at, agent, approver, tenant, ref, 4)
    ip = quarter.day_session(agent, at).ip
    at += 10 * MINUTE
    common = w.staff(agent, at) | {'tenant': tenant.id, 'approval': given, 'policy': policy(), 'correlation_id': correlation}
    user = dice.pick(tenant.users)
    impersonates = dice.chance(0.25)
    behalf = user['email'] if impersonates else None
    if impersonates:
        w.emit(at, 'support.impersonation.start', staff_actor(agent, on_behalf_of=behalf), targets=[{'type': 'user', 'id': user['id'], 'name': user['email']}],
               message=f'Impersonation started for {ref}', **common)
    for _ in range(dice.between(1, 3)):
        at += dice.between(40, 400) * SECOND + dice.below(1000)
        access(w, at, staff_actor(agent, on_behalf_of=behalf), ref, common)
    if index % 8 == 5 and not impersonates:
        export(quarter, w, at + 3 * MINUTE, agent, tenant, ip, ref, common)
    if impersonates:
        w.emit(at + 5 * MINUTE, 'support.impersonation.end', staff_actor(agent, on_behalf_of=behalf),
               targets=[{'type': 'user', 'id': user['id'], 'name': user['email']}], **common)


def access(w, at, actor, ref, common, tags=()):
    dice = w.dice
    action = dice.pick(['customer.record.read', 'customer.record.read', 'customer.record.search', 'customer.record.update'])
    target = {'type': 'record', 'id': f'rec_{dice.hex(12)}', 'name': f'{dice.pick(["Supplier", "Invoice", "Ledger account", "Bank feed"])} {dice.between(1000, 9899)}'}
    changes = [{'field': 'status', 'before': 'stuck', 'after': 'posted'}] if action.endswith('update') else None
    message = f'Worked on {ref}' if ref else 'Looked at a record'
    return w.emit(at, action, actor, targets=[target], changes=changes, message=message, tags=tags, **common)


def export(quarter, w, at, agent, tenant, ip, ref, common):
    """An export with its approval; Sidekiq, PostgreSQL and CloudTrail show the same job from their side."""
    dice = w.dice
    job = {'at': at, 'jid': dice.hex(24), 'bid': 'b-' + dice.text(12), 'tenant': tenant, 'ip': ip, 'agent': agent.browser[2], 'request': 'req_' + dice.text(20),
           'trace': dice.hex(32), 'correlation': common['correlation_id'], 'duration': dice.between(40_000, 160_000), 'bytes': dice.between(800_000, 9_000_000),
           'rows': dice.between(900, 9000), 'tag': None}
    quarter.exports.append(job)
    links = {'request_id': job['request'], 'trace_id': job['trace'], 'job_id': job['jid']}
    w.emit(at, 'customer.data.export', staff_actor(agent), targets=[{'type': 'export', 'id': f'exp_{dice.hex(12)}', 'name': 'Full ledger'}],
           message=f'Export queued for {ref}', **links, **common)
    complete(w, job)


def complete(w, job, tags=()):
    return w.emit(job['at'] + job['duration'] + 2 * SECOND, 'job.export.complete', {'type': 'job', 'id': 'Exports::TenantExportJob'},
                  targets=[{'type': 'file', 'id': f's3://tallyharbor-exports/{job["tenant"].id}/{job["jid"]}.zip'}], tenant=job['tenant'].id, surface='job',
                  origin={'host': 'worker-1'}, policy=policy('7' if not tags else '6'), request_id=job['request'], trace_id=job['trace'],
                  correlation_id=job['correlation'], job_id=job['jid'], message=f'{job["rows"]} rows, {job["bytes"]} bytes', tags=tags)


def denied(w):
    """The policy at work: asked without approval, denied. No access happened, so none of these is in EP-17's population."""
    for text, name, slug in (('2026-07-15T10:12:07.412', 'Callum Pritchard', 'redfern'), ('2026-08-11T14:40:51.903', 'Ewelina Zawadzka', 'wexcombe'),
                             ('2026-09-17T09:27:33.120', 'Viktor Nyquist', 'osterholm')):
        agent, tenant = company.person(name), company.TENANT[slug]
        w.emit(when.ms(text), 'customer.record.read', staff_actor(agent), targets=[{'type': 'record', 'id': f'rec_{w.dice.hex(12)}'}], tenant=tenant.id,
               approval=approval('denied'), policy=policy(), outcome='denied', severity='notice', reason='No approved window for this tenant', message='Access refused',
               **w.staff(agent, when.ms(text)))


def exceptional(w):
    """Four single accesses that each break one rule (the fifth case is the incident, in story.py)."""
    def one(text, name, slug, tag, given, note):
        agent, tenant = company.person(name), company.TENANT[slug]
        common = w.staff(agent, when.ms(text)) | {'tenant': tenant.id, 'approval': given, 'policy': policy(), 'correlation_id': 'cor_' + w.dice.text(16)}
        target = {'type': 'record', 'id': f'rec_{w.dice.hex(12)}', 'name': f'Bank feed {w.dice.between(1000, 9899)}'}
        w.emit(when.ms(text), 'customer.record.read', staff_actor(agent), targets=[target], message=note, tags=[tag], **common)

    head, lead = company.person('Wanjiru Kamathi'), company.person('Mateus Figueira')
    one('2026-07-09T13:22:18.507', 'Jonas Brandvold', 'pinecroft', 'ep17 no ticket',
        approval('approved', head, None, when.ms('2026-07-09T17:00'), 'pinecroft bank feed'), 'Agreed on the phone')
    one('2026-07-28T10:05:44.031', 'Soraya Haddadin', 'thornbury', 'ep17 no approval',
        approval('pending', None, 'SUP-4377', None, 'thornbury bank feed'), 'Worked on SUP-4377')
    own = company.person('Kofi Amankwah')
    one('2026-07-16T15:48:09.744', 'Kofi Amankwah', 'quillstone', 'ep17 self-approved',
        approval('approved', own, 'SUP-4310', when.ms('2026-07-16T19:00'), 'quillstone bank feed'), 'Worked on SUP-4310')
    one('2026-09-03T16:31:55.260', 'Callum Pritchard', 'saltmarsh', 'ep17 outside window',
        approval('approved', lead, 'SUP-4652', when.ms('2026-09-03T14:30'), 'saltmarsh bank feed'), 'Worked on SUP-4652')


def role(w, at, actor, member, name, approver, ref, tags=(), action='iam.role.grant'):
    """A role given or taken, with the approval that the product recorded."""
    change = [{'field': 'roles', 'before': '', 'after': name}] if action.endswith('grant') else [{'field': 'roles', 'before': name, 'after': ''}]
    return w.emit(at, action, staff_actor(actor, 'user', ['iam_admin']),
                  targets=[{'type': 'user', 'id': member.employee_id, 'name': member.email}, {'type': 'role', 'id': name}],
                  approval=approval('approved', approver, ref, at + 90 * DAY, f'{member.email}|{name}'), **w.staff(actor, at),
                  policy=policy('4', 'pol-role-grant'), changes=change, severity='notice', message=f'Role {name}', tags=tags)


def roles(quarter):
    """Role grants: joiners and movers approved by their manager, and one that its beneficiary approved himself."""
    w = Writer(quarter, 'product/roles')
    admin = company.person('Cosmin Radulescu')
    for n, (name, start) in enumerate(company.JOINERS.items()):
        member = company.person(name)
        role(w, when.ms(start) + 40 * MINUTE + n * 1013, admin, member, member.department.lower() + '_member', company.manager(member), f'IAM-{310 + n * 7}')
    for n, (name, start, department, _) in enumerate(company.MOVERS):
        member, at = company.person(name), when.ms(start) + 55 * MINUTE
        role(w, at, admin, member, member.department.lower() + '_member', company.manager(member), f'IAM-{402 + n * 5}', action='iam.role.revoke')
        role(w, at + 71_204, admin, member, department.lower() + '_member', company.manager(member), f'IAM-{402 + n * 5}')
    gareth = company.person('Gareth Llewelyn')
    role(w, when.ms('2026-09-09T15:26:40.318'), gareth, gareth, 'billing_admin', gareth, 'IAM-455', tags=['self-approved role grant'])


def break_glass(quarter):
    """Two emergency grants on the production database: one reviewed the next day, one by nobody."""
    w = Writer(quarter, 'product/breakglass')
    for text, name, ref, grant_id, reviewed, tag in (
            ('2026-07-22T03:14:29.650', 'Bastien Charpentier', 'INC-118', 'bg_7k2m9q', '2026-07-23T09:31:12.004', 'break-glass reviewed'),
            ('2026-09-15T02:31:05.882', 'Noor Rahimzadeh', 'INC-131', 'bg_x4h8tn', None, 'break-glass unreviewed')):
        who, at = company.person(name), when.ms(text)
        target = [{'type': 'breakglass_grant', 'id': grant_id, 'name': 'Production database'}]
        common = w.staff(who, at) | {'targets': target, 'policy': policy('2', 'pol-breakglass'), 'correlation_id': ref.lower()}
        emergency = approval('break_glass', None, ref, at + 2 * HOUR, f'{grant_id}|ledger')
        w.emit(at, 'breakglass.access.grant', staff_actor(who, 'user'), approval=emergency, severity='critical', reason='Primary database does not answer',
               tags=[tag], message=f'Break-glass opened for {ref}', **common)
        w.emit(at + 95 * MINUTE, 'breakglass.access.end', staff_actor(who, 'user'), approval=emergency, message='Break-glass closed', **common)
        if reviewed:
            reviewer = company.person('Ilse Vandermeer')
            w.emit(when.ms(reviewed), 'breakglass.access.review', staff_actor(reviewer, 'user'), targets=target, **w.staff(reviewer, when.ms(reviewed)), approval=approval('approved', reviewer, ref), policy=policy('2', 'pol-breakglass'),
                   correlation_id=ref.lower(), reason='Justified, commands checked', tags=['break-glass review'], message=f'Reviewed {ref}')


def releases(quarter):
    w = Writer(quarter, 'product/releases')
    for n, day in enumerate(when.weekdays()[1::5]):
        at = day + w.dice.between(10 * HOUR, 14 * HOUR)
        quarter.releases.append((at, f'CHG-{880 + n * 3}'))
        w.emit(at, 'system.release.deploy', {'type': 'service', 'id': 'deploy-bot'}, targets=[{'type': 'release', 'id': f'2026.{27 + n}.0', 'name': 'Weekly release'}],
               surface='system', origin={'host': 'ci-1'}, approval=approval('approved', company.person('Mirela Stanciu'), f'CHG-{880 + n * 3}'),
               policy=policy('5', 'pol-change'), message='Release rolled out')
