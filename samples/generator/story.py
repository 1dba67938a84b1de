"""The incident of Tuesday, 18 August 2026: a taken-over session, an impersonation, an export without approval."""
from . import aws, company, okta, postgres, product, sidekiq, when
from .dice import Dice
from .when import HOUR, MINUTE, SECOND

INTRUDER_IP = '198.51.100.23'
INTRUDER_BROWSER = ('FIREFOX', 'Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0')
DAY = '2026-08-18T'


def write(quarter):
    dice = Dice('story')
    priya, tenant = company.person('Priya Ramanathan'), company.TENANT['brightmoor']
    victim = tenant.users[0]
    hers = quarter.day_session(priya, when.ms(DAY + '08:02:04.310'))
    hers.ip, hers.shown, session = company.OFFICE[0], True, hers.id
    quarter.identity('ip', INTRUDER_IP)
    correlation = 'cor_' + dice.text(16)
    job = {'at': when.ms(DAY + '13:01:17.402'), 'jid': dice.hex(24), 'bid': 'b-' + dice.text(12), 'tenant': tenant, 'ip': INTRUDER_IP, 'agent': INTRUDER_BROWSER[2],
           'request': 'req_' + dice.text(20), 'trace': dice.hex(32), 'correlation': correlation, 'duration': 213_640, 'bytes': 48_211_903, 'rows': 61_377, 'fetch_after': 74_000}
    o, p = okta.Writer(quarter, 'story/okta'), product.Writer(quarter, 'story/product')

    morning(quarter, o, p, priya, session)
    taken_over(o, p, priya, session)
    impersonation(p, priya, session, tenant, victim, correlation)
    leaves(quarter, p, priya, session, tenant, victim, job)
    aftermath(o, priya, session)
    quarter.facts['incident_ids'] = {'session': session, 'correlation_id': correlation, 'request_id': job['request'], 'trace_id': job['trace'], 'job_id': job['jid'],
                                     'batch_id': job['bid'], 'tenant': tenant.id, 'actor_email': priya.email, 'actor_id': priya.employee_id,
                                     'impersonated_email': victim['email'], 'impersonated_id': victim['id'], 'office_ip': company.OFFICE[0], 'intruder_ip': INTRUDER_IP,
                                     'object_key': f'{tenant.id}/{job["jid"]}.zip', 'bytes_out': job['bytes'], 'rows': job['rows']}


def morning(quarter, o, p, priya, session):
    """Her own day: sign-in from the office and one proper access."""
    at = when.ms(DAY + '08:02:04.310')
    o.sign_in(at, priya, company.OFFICE[0], session, tags=['incident sign-in'])
    source = product.origin(company.OFFICE[0], priya.browser[2], 'console-1')
    p.emit(at + 26 * SECOND, 'auth.session.start', product.staff_actor(priya), session=session, surface='console', origin=source, policy=product.policy('3', 'pol-sign-on'),
           tags=['incident console session'])
    tenant = company.TENANT['yarrow']
    given, related = product.grants(p, when.ms(DAY + '08:40:12.118'), priya, company.person('Wanjiru Kamathi'), tenant, 'SUP-4509', 4)
    common = {'session': session, 'tenant': tenant.id, 'surface': 'console', 'origin': source, 'approval': given, 'policy': product.policy(), 'correlation_id': related}
    for text in ('08:52:31.907', '08:58:02.455'):
        product.access(p, when.ms(DAY + text), product.staff_actor(priya), 'SUP-4509', common)


def taken_over(o, p, priya, session):
    """The same session from another network and another browser; no sign-in, no second factor."""
    at = when.ms(DAY + '12:47:31.118')
    who = (priya, INTRUDER_IP, INTRUDER_BROWSER, session)
    o.emit(at, 'user.session.context.change', 'User session context changed', *who, severity='WARN', targets=[okta.user_target(priya)], uri='/oauth2/v1/authorize',
           debug={'behaviors': '{New Geo-Location=POSITIVE, New Device=POSITIVE, New IP=POSITIVE, New ASN=POSITIVE}', 'risk': '{reasons=Anomalous ASN, level=MEDIUM}'},
           tags=['incident takeover'])
    o.emit(at + 640, 'security.session.detect_client_roaming', 'Client roaming detected during session', *who, severity='WARN', uri='/oauth2/v1/authorize',
           tags=['incident roaming'])
    o.sso(at + 9 * SECOND, *who, okta.APPS[0], tags=['incident console sign-on'])
    p.emit(at + 94 * SECOND, 'auth.session.resume', product.staff_actor(priya), session=session, surface='console',
           origin=product.origin(INTRUDER_IP, INTRUDER_BROWSER[2], 'console-2'), policy=product.policy('3', 'pol-sign-on'), severity='notice', tags=['incident resume'])


def common_fields(session, tenant, correlation):
    return {'session': session, 'tenant': tenant.id, 'surface': 'console', 'origin': product.origin(INTRUDER_IP, INTRUDER_BROWSER[2], 'console-2'),
            'correlation_id': correlation}


def impersonation(p, priya, session, tenant, victim, correlation):
    actor = product.staff_actor(priya, on_behalf_of=victim['email'])
    common = common_fields(session, tenant, correlation) | {'approval': product.approval('pending'), 'policy': product.policy('6')}
    p.emit(when.ms(DAY + '12:52:40.225'), 'support.impersonation.start', actor, targets=[{'type': 'user', 'id': victim['id'], 'name': victim['email']}],
           severity='notice', message='Impersonation started', tags=['incident impersonation', 'ep17 incident impersonation'], **common)
    for n, (text, action, kind, name) in enumerate((
            ('12:53:22.714', 'customer.record.search', 'search', 'bank accounts'), ('12:54:48.096', 'customer.record.read', 'record', 'Bank feed 2210'),
            ('12:56:15.530', 'customer.record.read', 'record', 'Customer list'), ('12:58:03.871', 'customer.record.search', 'search', 'export settings'))):
        p.emit(when.ms(DAY + text), action, actor, targets=[{'type': kind, 'id': f'rec_{p.dice.hex(12)}', 'name': name}], severity='notice',
               tags=[f'incident read {n + 1}', f'ep17 incident read {n + 1}'], **common)


def leaves(quarter, p, priya, session, tenant, victim, job):
    """Export, job, statements, object written, object fetched from the intruder's address."""
    actor = product.staff_actor(priya, on_behalf_of=victim['email'])
    common = common_fields(session, tenant, job['correlation'])
    p.emit(job['at'], 'customer.data.export', actor, targets=[{'type': 'export', 'id': f'exp_{p.dice.hex(12)}', 'name': 'Full ledger'}], policy=product.policy('6'),
           request_id=job['request'], trace_id=job['trace'], job_id=job['jid'], severity='warning', message='Export queued from the old export page',
           tags=['incident export', 'ep17 incident export'], **common)
    product.complete(p, job, tags=['incident export complete'])
    worker = sidekiq.Writer(quarter, 'story/sidekiq')
    context = {'jid': job['jid'], 'class': 'Exports::TenantExportJob', 'bid': job['bid'], 'tags': [tenant.id], 'request_id': job['request'], 'trace_id': job['trace'],
               'correlation_id': job['correlation']}
    worker.run(job['at'] + 1100, job['duration'], context, tags=(['incident job start'], ['incident job done']))
    postgres.export(postgres.Primary(quarter, 'story/postgres'), job, tags=['incident select'])
    aws.export(aws.Writer(quarter, 'story/aws'), job, tags=['incident object'])
    p.emit(when.ms(DAY + '13:09:21.380'), 'support.impersonation.end', actor, targets=[{'type': 'user', 'id': victim['id'], 'name': victim['email']}],
           policy=product.policy('6'), tags=['incident impersonation end'], **common)


def aftermath(o, priya, session):
    o.emit(when.ms(DAY + '13:12:50.006'), 'user.session.end', 'User logout from Okta', priya, INTRUDER_IP, INTRUDER_BROWSER, session, uri='/login/signout', tags=['incident sign-out'])
    ilse = company.person('Ilse Vandermeer')
    at = when.ms('2026-08-20T10:15:27.640')
    cleared = o.quarter.day_session(ilse, at).id
    o.emit(at, 'user.session.clear', 'Clear user session', ilse, o.quarter.day_session(ilse, at).ip, ilse.browser, cleared, targets=[okta.user_target(priya)], severity='WARN',
           reason='SEC-882', uri='/api/v1/users/sessions', tags=['incident response'])
    o.emit(at + 3 * MINUTE, 'user.account.reset_password', 'Fired when the user\'s Okta password is reset', ilse, o.quarter.day_session(ilse, at).ip, ilse.browser, cleared,
           targets=[okta.user_target(priya)], reason='SEC-882', uri='/api/v1/users/lifecycle')
