"""What security watches: emergencies, bursts of failed sign-ins, sign-ins without a second factor, alerts and their cases, logging switched off."""
from . import aws, change, company, jira, linux, okta, postgres, product, when
from .when import DAY, HOUR, MINUTE, SECOND

PLATFORM_ROLE = 'AWSReservedSSO_PlatformAdmin_0f3a91c2d4e5b677'


def write(quarter):
    break_glass(quarter)
    bursts(quarter)
    weak_sign_ins(quarter)
    logging(quarter)
    alerts(quarter)
    okta.sessions(quarter, 'okta/sessions/watch')


def break_glass(quarter):
    """Two more emergencies: one kept open too long and reviewed late, one without a reason or a ticket."""
    w = product.Writer(quarter, 'watch/breakglass')
    reviewer = company.person('Ilse Vandermeer')
    for text, name, ref, identifier, reason, hours, reviewed, tag in (
            ('2026-07-30T19:05:12.330', 'Keiko Murasaki', None, 'bg_m3v9ca', None, 1, '2026-07-31T10:12:44.508', 'break-glass unexplained'),
            ('2026-08-12T21:40:51.017', 'Dmitri Volkonsky', 'INC-124', 'bg_p8d5wr', 'Queue of the worker does not drain', 7, '2026-08-19T09:20:31.440', 'break-glass long')):
        who, at = company.person(name), when.ms(text)
        target = [{'type': 'breakglass_grant', 'id': identifier, 'name': 'Production database'}]
        common = w.staff(who, at) | {'targets': target, 'policy': product.policy('2', 'pol-breakglass'), 'correlation_id': ref.lower() if ref else None}
        emergency = product.approval('break_glass', None, ref, at + 2 * HOUR, f'{identifier}|ledger')
        w.emit(at, 'breakglass.access.grant', product.staff_actor(who, 'user'), approval=emergency, severity='critical', reason=reason, tags=[tag],
               message=f'Break-glass opened for {ref}' if ref else 'Break-glass opened', **common)
        w.emit(at + hours * HOUR - 13 * MINUTE, 'breakglass.access.end', product.staff_actor(who, 'user'), approval=emergency, message='Break-glass closed', **common)
        w.emit(when.ms(reviewed), 'breakglass.access.review', product.staff_actor(reviewer, 'user'), targets=target, **w.staff(reviewer, when.ms(reviewed)),
               approval=product.approval('approved', reviewer, ref), policy=product.policy('2', 'pol-breakglass'), correlation_id=common['correlation_id'],
               reason='Commands checked', message='Reviewed')


def refused(w, at, person, ip, count, pause, locked, tags=()):
    for n in range(count):
        w.emit(at + n * pause, 'user.session.start', 'User login to Okta', person, ip, person.browser, 'unknown', result='FAILURE', reason='INVALID_CREDENTIALS',
               tags=tags if not n else ())
    if locked:
        w.emit(at + count * pause, 'user.account.lock', 'Max sign in attempts exceeded', person, ip, person.browser, 'unknown', result='FAILURE', severity='WARN',
               reason='LOCKED_OUT', targets=[okta.user_target(person)])


def bursts(quarter):
    """A burst that locks and is looked at, one that does not lock and ends in a sign-in that nobody looked at, one on the bastion."""
    w, cases = okta.Writer(quarter, 'watch/bursts'), jira.Writer(quarter, 'jira/bursts')
    isolde, at = company.person('Isolde Ravensburg'), when.ms('2026-07-14T07:31:04.202')
    refused(w, at, isolde, isolde.home, 6, 12 * SECOND, True, ['ep08 locked'])
    admin = company.person('Cosmin Radulescu')
    undone = at + 24 * MINUTE
    session = quarter.day_session(admin, undone)
    w.emit(undone, 'user.account.unlock_by_admin', 'Unlock user account by admin', admin, session.ip, admin.browser, session.id, targets=[okta.user_target(isolde)])
    again = quarter.day_session(isolde, at + 31 * MINUTE)
    assert not again.shown or again.first_use > at + 31 * MINUTE
    w.sign_in(at + 31 * MINUTE, isolde, isolde.home, w.session(), tags=['ep08 after lock'])
    omar = company.person('Omar Shadid-Khalil')
    case(cases, 'SEC-861', omar, at + 2 * HOUR, 5 * HOUR)
    rosalind, at = company.person('Rosalind Thackeray'), when.ms('2026-09-22T06:44:19.731')
    refused(w, at, rosalind, '198.51.100.61', 7, 8 * SECOND, False, ['ep08 not locked'])
    w.sign_in(at + 3 * MINUTE, rosalind, '198.51.100.61', w.session(), tags=['ep08 success after burst'])
    quarter.identity('ip', '198.51.100.61')
    s, at = linux.Writer(quarter, 'watch/bastion'), when.ms('2026-08-09T02:14:03')
    for n in range(12):
        s.line(at + n * 5 * SECOND, 'sshd', f'Failed password for root from 192.0.2.244 port {41200 + n * 2} ssh2', 9117 + n, tags=['ep08 bastion'] if not n else [])
    quarter.identity('ip', '192.0.2.244')


def case(cases, issue, person, at, took, tags=()):
    cases.created(at, person, issue, tags=tags)
    cases.moved(at + took // 2, person, issue, 'Open', 'In review')
    if took:
        cases.moved(at + took, person, issue, 'In review', 'Done')


def weak_sign_ins(quarter):
    """Two sessions without a second factor, and an old protocol that knows none."""
    w = okta.Writer(quarter, 'watch/sign-ins')
    for text, name in (('2026-07-16T09:02:33.840', 'Aurelie Fontanel'), ('2026-09-24T08:17:05.127', 'Saoirse McGettigan')):
        member = company.person(name)
        w.sign_in(when.ms(text), member, member.home, w.session(), mfa=False, tags=[f'ep07 without factor {name}'])
    for text, name in (('2026-08-03T06:58:40.310', 'Leopold Anzinger'), ('2026-08-17T07:03:11.902', 'Leopold Anzinger')):
        member = company.person(name)
        w.emit(when.ms(text), 'user.authentication.auth_via_radius', 'Authentication of user via Radius', member, member.home, member.browser, 'unknown',
               targets=[okta.user_target(member)], uri='/api/v1/radius', tags=['ep07 legacy'])


def logging(quarter):
    """The trail is stopped for 38 minutes by somebody of the platform team, and what it records is changed once."""
    w, ip = aws.Writer(quarter, 'watch/logging'), company.OFFICE[0]
    who = company.person('Dmitri Volkonsky')
    trail = {'name': f'arn:aws:cloudtrail:eu-west-1:{aws.ACCOUNT}:trail/organization'}

    def act(at, name, person, request, tags=()):
        w.emit(at, name, 'cloudtrail.amazonaws.com', aws.assumed(PLATFORM_ROLE, person.email, w.dice, at), ip, 'aws-cli/2.17.9', request, read_only=False, tags=tags)

    at = when.ms('2026-08-13T11:02:20')
    act(at, 'StopLogging', who, trail, ['ep13 stopped'])
    act(at + 38 * MINUTE, 'StartLogging', who, trail, ['ep13 started'])
    act(when.ms('2026-07-02T09:41:05'), 'PutEventSelectors', company.person('Bastien Charpentier'), {'trailName': 'organization', 'advancedEventSelectors': [{'name': 'exports bucket'}]}, ['ep13 changed'])
    d = postgres.Primary(quarter, 'watch/postgres')
    keiko, at = company.person('Keiko Murasaki'), when.ms('2026-07-02T10:05:44.330')
    session = d.connect(at, keiko.database, '192.0.2.20', 'psql')
    d.statement(at, session, 1, "/* CHG-884 */ ALTER SYSTEM SET pgaudit.log = 'read, write, ddl, role'", 'ALTER SYSTEM', 'MISC')


def alerts(quarter):
    """Alerts of the directory and of the code host, and security's cases: most looked at within hours, one of four days, one never."""
    w, cases = okta.Writer(quarter, 'watch/alerts'), jira.Writer(quarter, 'jira/security')
    ilse, omar = company.person('Ilse Vandermeer'), company.person('Omar Shadid-Khalil')
    quarter.alerts = []
    for n, (text, name, after, took, by) in enumerate((
            ('2026-07-07T10:20:11.500', 'Callum Pritchard', 2 * HOUR, 3 * HOUR, omar), ('2026-07-15T16:41:00.220', 'Marguerite Dubreuil', 40 * MINUTE, 2 * HOUR, ilse),
            ('2026-07-29T08:12:37.018', 'Soraya Haddadin', 5 * HOUR, 20 * HOUR, omar), ('2026-08-07T12:55:23.904', 'Freya Halvorsen', 4 * DAY, 6 * HOUR, omar),
            ('2026-08-24T09:33:48.615', 'Declan Whelehan', HOUR, 4 * HOUR, ilse), ('2026-09-10T13:08:02.333', 'Piotr Wisniewski', None, None, None),
            ('2026-09-23T15:20:55.791', 'Wanjiru Kamathi', 3 * HOUR, 9 * DAY, ilse))):
        member, at = company.person(name), when.ms(text)
        ip = f'198.51.100.{80 + n}'
        quarter.identity('ip', ip)
        entry = w.emit(at, 'security.threat.detected', 'Request from suspicious actor', member, ip, member.browser, 'unknown', result='DENY', severity='WARN',
                       reason='Password Spray', tags=[f'ep15 alert {n}'])
        if by:
            case(cases, f'SEC-{862 + n * 3}', by, at + after, took)
        quarter.alerts.append((entry, after, took))
    case(cases, 'SEC-882', ilse, when.ms('2026-08-20T09:58:12.004'), 7 * HOUR)
    pulls = change.pulls_log(quarter)
    for n, (text, repo, kind, person, hours) in enumerate((('2026-07-29T10:49:02', 'exports', 'github_personal_access_token', omar, 3), ('2026-08-25T14:02:40', 'billing', 'stripe_api_key', omar, 1),
                                                           ('2026-09-16T09:15:31', 'ledger-web', 'aws_access_key_id', ilse, 50))):
        at, number = when.ms(text), 31 + n
        holder = change.Change(31 + n, repo, at, None, omar, None, None, omar, '')
        alert = {'number': number, 'secret_type': kind, 'state': 'open', 'created_at': change.stamp(at), 'html_url': f'https://github.com/{change.ORG}/{repo}/security/secret-scanning/{number}'}
        bot = company.person('Mirela Stanciu')
        pulls.add(at, change.body(holder, at, bot, action='created', alert=alert), tags=[f'ep15 secret {n}'])
        done = at + hours * HOUR
        pulls.add(done, change.body(holder, done, person, action='resolved', alert=alert | {'state': 'resolved', 'resolution': 'revoked', 'resolved_at': change.stamp(done)}))
