"""Okta System Log, JSON lines as the API returns its events."""
from . import company, when
from .dice import Dice
from .when import HOUR, MINUTE, SECOND

PLACES = {'203.0.113': ('Rotterdam', 'South Holland', 'Netherlands', '3011', 51.9225, 4.4792, 64500, 'example transit', 'example.net'),
          '198.51.100': ('Valletta', None, 'Malta', None, 35.8989, 14.5146, 64511, 'example hosting', None),
          '2001:db8': ('Utrecht', 'Utrecht', 'Netherlands', '3511', 52.0907, 5.1214, 64501, 'example broadband', 'example.net')}
APPS = [('0oa8kx2ledgerC0ns5d7', 'Tallyharbor Console', 'oidc_client'), ('0oa8kx2githubEntr5d7', 'GitHub Enterprise Cloud', 'github_enterprise_managed_user'),
        ('0oa8kx2awsIdentCt5d7', 'AWS IAM Identity Center', 'aws_sso'), ('0oa8kx2ticketDesk5d7', 'Ticket Desk', 'saml_2_0')]
ABSENT = ['Priya Ramanathan']  # her sessions are told in story.py
LEGACY = {'user.session.start': 'core.user_auth.login_success', 'user.session.end': 'core.user_auth.logout_success', 'user.authentication.sso': 'app.auth.sso',
          'user.authentication.auth_via_mfa': 'core.user.factor.attempt_success', 'user.lifecycle.deactivate': 'core.user.config.user_deactivated',
          'user.lifecycle.create': 'core.user.config.user_creation.success', 'user.lifecycle.activate': 'core.user.config.user_activated',
          'group.user_membership.add': 'core.user_group_member.user_add', 'group.user_membership.remove': 'core.user_group_member.user_remove',
          'application.user_membership.add': 'app.generic.provision.assign_user_to_app', 'user.session.clear': 'core.user.impersonation.session.cleared'}


def log(quarter):
    return quarter.source('okta', lambda at: f'okta/system-log-{when.month(at)}.jsonl')


def place(ip):
    city, state, country, code, lat, lon, *network = next(v for k, v in PLACES.items() if ip.startswith(k))
    return {'city': city, 'state': state, 'country': country, 'postalCode': code, 'geolocation': {'lat': lat, 'lon': lon}}, network


def user_target(member):
    return {'id': member.okta_id, 'type': 'User', 'alternateId': member.email, 'displayName': member.name, 'detailEntry': None}


class Writer:
    """Builds full-size events."""

    def __init__(self, quarter, name):
        self.quarter, self.source, self.dice = quarter, log(quarter), Dice(name)

    def session(self):
        return '102' + self.dice.text(22)

    def emit(self, at, kind, text, actor, ip, browser, session, targets=None, result='SUCCESS', reason=None, severity='INFO', factor=None, uri='/api/v1/authn',
             tags=(), debug=None, transaction=None):
        where, (number, organisation, domain) = place(ip)
        name, system, raw = browser
        transaction = transaction or 'aK' + self.dice.text(22) + 'AABx0'
        event = {
            'actor': {'id': actor.okta_id, 'type': 'User', 'alternateId': actor.email, 'displayName': actor.name, 'detailEntry': None},
            'client': {'userAgent': {'rawUserAgent': raw, 'os': system, 'browser': name}, 'zone': 'null', 'device': 'Computer', 'id': None, 'ipAddress': ip,
                       'geographicalContext': where},
            'device': None,
            'authenticationContext': {'authenticationProvider': None, 'credentialProvider': 'OKTA_CREDENTIAL_PROVIDER' if factor else None, 'credentialType': factor,
                                      'issuer': None, 'interface': None, 'authenticationStep': 0, 'rootSessionId': session, 'externalSessionId': session},
            'displayMessage': text, 'eventType': kind, 'outcome': {'result': result, 'reason': reason}, 'published': when.iso(at),
            'securityContext': {'asNumber': number, 'asOrg': organisation, 'isp': organisation, 'domain': domain, 'isProxy': False},
            'severity': severity,
            'debugContext': {'debugData': {'requestId': transaction, 'dtHash': self.dice.hex(64), 'requestUri': uri, 'threatSuspected': 'false', 'url': uri + '?'} | (debug or {})},
            'legacyEventType': LEGACY.get(kind), 'transaction': {'type': 'WEB', 'id': transaction, 'detail': {}}, 'uuid': self.dice.uuid(), 'version': '0',
            'request': {'ipChain': [{'ip': ip, 'geographicalContext': where, 'version': 'V6' if ':' in ip else 'V4', 'source': None}]},
            'target': targets,
        }
        return self.source.add(at, event, event['uuid'], tags=tags)

    def sign_in(self, at, member, ip, session, tags=(), apps=1, mfa=True, policy=True):
        """Policy, factor, session, applications, as Okta logs one sign-in. The tag goes to `user.session.start`."""
        who = (member, ip, member.browser, session)
        transaction = 'aK' + self.dice.text(22) + 'AABx0'
        if policy:
            self.policy(at, who, mfa, transaction)
        if mfa:
            self.emit(at + 7 * SECOND, 'user.authentication.auth_via_mfa', 'Authentication of user via MFA', *who, factor='OTP', transaction=transaction,
                      debug={'factor': 'OKTA_VERIFY_PUSH'}, targets=[user_target(member)], uri='/api/v1/authn/factors/verify')
        started = self.emit(at + 7 * SECOND + 212, 'user.session.start', 'User login to Okta', *who, tags=tags, transaction=transaction)
        for n in range(apps):
            self.sso(at + (20 + 17 * n) * SECOND + 431, member, ip, member.browser, session, APPS[0] if not n else self.dice.pick(APPS[1:]))
        return started

    def policy(self, at, who, mfa, transaction):
        self.emit(at, 'policy.evaluate_sign_on', 'Evaluation of sign-on policy', *who, result='ALLOW' if not mfa else 'CHALLENGE', transaction=transaction,
                  reason='Sign-on policy evaluation resulted in ' + ('CHALLENGE' if mfa else 'ALLOW'),
                  targets=[{'id': '00p8kx2GlobalSess5d7', 'type': 'PolicyEntity', 'alternateId': 'unknown', 'displayName': 'Default Policy', 'detailEntry': {'policyType': 'OktaSignOn'}},
                           {'id': '0pr8kx2StaffWithM5d7', 'type': 'PolicyRule', 'alternateId': '00p8kx2GlobalSess5d7', 'displayName': 'Staff with MFA', 'detailEntry': None}])

    def sso(self, at, member, ip, browser, session, app, tags=()):
        identifier, name, kind = app
        return self.emit(at, 'user.authentication.sso', 'User single sign on to app', member, ip, browser, session, uri=f'/app/{kind}/{identifier}/sso', tags=tags,
                         targets=[{'id': identifier, 'type': 'AppInstance', 'alternateId': name, 'displayName': name, 'detailEntry': {'signOnModeType': 'OPENID_CONNECT'}},
                                  {'id': '0ua' + self.dice.text(17), 'type': 'AppUser', 'alternateId': member.email, 'displayName': member.name, 'detailEntry': None}])


def write(quarter):
    ordinary(quarter)
    failures(quarter)
    lifecycle(quarter)
    sessions(quarter)


def sessions(quarter, name='okta/sessions'):
    """The sign-in of every session that some log used and that is not written yet."""
    w = Writer(quarter, name)
    for session in list(quarter.sessions.values()):
        if not session.shown:
            session.shown = True
            w.sign_in(session.first_use - session.lead, session.person, session.ip, session.id, apps=0, policy=False)


def ordinary(quarter):
    """Sign-ins on every weekday, spread so that no office hour slot of two hours stays empty."""
    w = Writer(quarter, 'okta/ordinary')
    for day in when.weekdays():
        for slot in (8 * HOUR + 20 * MINUTE, 10 * HOUR, 11 * HOUR + 40 * MINUTE, 13 * HOUR + 20 * MINUTE, 15 * HOUR, 16 * HOUR + 40 * MINUTE, 17 * HOUR + 40 * MINUTE):
            at = day + slot + w.dice.between(-12, 12) * MINUTE + w.dice.below(60_000)
            if slot < 11 * HOUR:
                member = w.dice.pick([p for p in company.PEOPLE if p.works(at) and p.works(at + HOUR) and (p.name, day) not in quarter.sessions and p.name not in ABSENT])
                session = quarter.day_session(member, at)
                session.shown = True
                w.sign_in(at, member, session.ip, session.id, apps=w.dice.between(0, 1))
                continue
            # Somebody whose session is open by now goes on to an application, or signs out late in the day.
            session = w.dice.pick(sorted((s for (_, d), s in quarter.sessions.items() if d == day and s.first_use < at and s.person.works(at)), key=lambda s: s.id))
            who = (session.person, session.ip, session.person.browser, session.id)
            if slot < 17 * HOUR or w.dice.chance(0.4) or session.person.name in ABSENT:
                w.sso(at, *who, w.dice.pick(APPS))
            else:
                w.emit(at, 'user.session.end', 'User logout from Okta', *who, uri='/login/signout')


def failures(quarter):
    w = Writer(quarter, 'okta/failures')
    for day in when.weekdays()[::3]:
        at = day + w.dice.between(7 * HOUR, 19 * HOUR) + w.dice.below(1000)
        member = w.dice.pick([p for p in company.PEOPLE if p.works(at) and p.works(at + HOUR)])
        ip = member.address(w.dice)
        for n in range(w.dice.between(1, 3)):
            w.emit(at + n * 11 * SECOND, 'user.session.start', 'User login to Okta', member, ip, member.browser, 'unknown', result='FAILURE', reason='INVALID_CREDENTIALS')
    locked, at = company.person('Declan Whelehan'), when.ms('2026-08-05T07:52:10.300')
    for n in range(5):
        w.emit(at + n * 9 * SECOND, 'user.session.start', 'User login to Okta', locked, locked.home, locked.browser, 'unknown', result='FAILURE', reason='INVALID_CREDENTIALS')
    w.emit(at + 46 * SECOND, 'user.account.lock', 'Max sign in attempts exceeded', locked, locked.home, locked.browser, 'unknown', result='FAILURE', severity='WARN',
           reason='LOCKED_OUT', targets=[user_target(locked)])


def lifecycle(quarter):
    """Joiners, movers, leavers; the late one signs in after he has left."""
    w = Writer(quarter, 'okta/lifecycle')
    admin = company.person('Cosmin Radulescu')

    def by_admin(at, kind, text, member, group=None, tags=(), severity='INFO'):
        targets = [user_target(member)]
        if group:
            targets.append({'id': '00g8kx2' + group[:10].ljust(10, 'x') + '5d7', 'type': 'UserGroup', 'alternateId': 'unknown', 'displayName': group, 'detailEntry': None})
        session = quarter.day_session(admin, at)
        return w.emit(at, kind, text, admin, session.ip, admin.browser, session.id, targets=targets, uri='/api/internal/v1/users', tags=tags, severity=severity)

    for name, start in company.JOINERS.items():
        member, at = company.person(name), when.ms(start) - 16 * HOUR + w.dice.between(0, 50) * MINUTE + w.dice.below(1000)
        by_admin(at, 'user.lifecycle.create', 'Create Okta user', member)
        by_admin(at + 12 * SECOND, 'user.lifecycle.activate', 'Activate Okta user', member)
        by_admin(at + 40 * SECOND, 'group.user_membership.add', 'Add user to group membership', member, member.department)
        by_admin(at + 52 * SECOND, 'application.user_membership.add', 'Add user to application membership', member)
    for name, start, department, _ in company.MOVERS:
        member, at = company.person(name), when.ms(start) + w.dice.between(5, 50) * MINUTE + w.dice.below(1000)
        by_admin(at, 'group.user_membership.remove', 'Remove user from group membership', member, member.department)
        by_admin(at + 30 * SECOND, 'group.user_membership.add', 'Add user to group membership', member, department)
    for name, (end, taken) in company.LEAVERS.items():
        member, at = company.person(name), when.ms(taken['okta'])
        by_admin(at - 9 * SECOND, 'user.session.clear', 'Clear user session', member)
        by_admin(at, 'user.lifecycle.deactivate', 'Deactivate Okta user', member, tags=[f'disable okta {name}'])
    tobias = company.person('Tobias Lindqvist')
    w.sign_in(when.ms('2026-08-02T20:13:42.615'), tobias, tobias.home, w.session(), tags=['sign-in after leaving'])
