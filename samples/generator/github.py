"""GitHub organization audit log, as the streaming export writes it."""
from . import company, when
from .dice import Dice
from .when import HOUR, MINUTE

ORG, ORG_ID, BUSINESS = 'tallyharbor', 84120771, 'tallyharbor-inc'
REPOS = ['ledger-core', 'ledger-web', 'exports', 'infrastructure', 'support-console', 'billing']
OPERATION = {'add': 'create', 'add_member': 'create', 'create': 'create', 'remove_member': 'remove', 'remove': 'remove', 'delete': 'remove', 'disable': 'modify',
             'merge': 'modify', 'submit': 'create', 'update': 'modify', 'policy_override': 'modify', 'clone': 'access', 'push': 'modify', 'invite_member': 'create'}


def log(quarter):
    return quarter.source('github_audit', lambda at: f'github_audit/tallyharbor-{when.month(at)}.jsonl')


class Writer:
    def __init__(self, quarter, name):
        self.source, self.dice = log(quarter), Dice(name)

    def emit(self, at, action, actor, ip=None, tags=(), **more):
        document = self.dice.text(22, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
        event = {'@timestamp': at, '_document_id': document, 'action': action, 'actor': actor.github, 'actor_id': actor.github_id,
                 'actor_ip': ip or actor.address(self.dice), 'actor_is_bot': False, 'actor_location': {'country_code': 'NL'}, 'business': BUSINESS, 'business_id': 20417,
                 'created_at': at, 'operation_type': OPERATION.get(action.split('.')[1], 'modify'), 'org': ORG, 'org_id': ORG_ID, 'request_id': self.request(),
                 'user_agent': actor.browser[2]} | more
        return self.source.add(at, dict(sorted(event.items())), document, tags=tags)

    def request(self):
        return ':'.join(self.dice.text(n, '0123456789ABCDEF') for n in (4, 5, 7, 7, 8))


def user(member):
    return {'user': member.github, 'user_id': member.github_id, 'external_identity_nameid': member.email}


def write(quarter):
    w = Writer(quarter, 'github')
    ordinary(w)
    membership(w)
    unusual(w)


def ordinary(w):
    for day in when.weekdays():
        for slot in range(7):
            at = day + 8 * HOUR + slot * 85 * MINUTE + w.dice.between(0, 60) * MINUTE + w.dice.below(60_000)
            coders = [p for p in company.PEOPLE if p.github and p.department_at(at) in ('Engineering', 'Platform') and p.works(at) and p.works(at + HOUR)]
            actor, repo = w.dice.pick(coders), w.dice.pick(REPOS)
            place = {'repo': f'{ORG}/{repo}', 'repo_id': 610_000_000 + REPOS.index(repo) * 7919, 'public_repo': False, 'visibility': 'private'}
            number = w.dice.between(400, 1900)
            pull = {'pull_request_id': 2_000_000_000 + number * 31, 'pull_request_title': f'Change {number}', 'pull_request_url': f'https://github.com/{ORG}/{repo}/pull/{number}'}
            action, more = w.dice.pick([('pull_request.create', pull), ('pull_request_review.submit', pull), ('pull_request.merge', pull), ('pull_request.merge', pull),
                                        ('git.clone', {'transport_protocol': 1, 'transport_protocol_name': 'http', 'programmatic_access_type': 'OAuth access token'}),
                                        ('git.push', {'transport_protocol': 2, 'transport_protocol_name': 'ssh'}),
                                        ('workflows.completed_workflow_run', {'conclusion': 'success', 'event': 'push', 'head_branch': 'main', 'name': 'build', 'run_number': number,
                                                                              'workflow_run_id': 9_800_000_000 + number})])
            w.emit(at, action, actor, **place, **more)


def membership(w):
    admin = company.person('Mirela Stanciu')
    for name, start in company.JOINERS.items():
        member = company.person(name)
        if member.github:
            at = when.ms(start) + w.dice.between(30, 80) * MINUTE
            w.emit(at, 'org.invite_member', admin, **user(member))
            w.emit(at + 25 * MINUTE, 'org.add_member', admin, permission='read', **user(member))
            w.emit(at + 26 * MINUTE, 'team.add_member', admin, team=f'{ORG}/{member.department.lower()}', **user(member))
    for name, (_, taken) in company.LEAVERS.items():
        if 'github' in taken:
            w.emit(when.ms(taken['github']) + 417, 'org.remove_member', admin, reason='membership_removed_by_admin', tags=[f'disable github {name}'],
                   **user(company.person(name)))


def unusual(w):
    lead = company.person('Bastien Charpentier')
    repo = {'repo': f'{ORG}/infrastructure', 'repo_id': 610_000_000 + 3 * 7919, 'public_repo': False, 'visibility': 'private'}
    w.emit(when.ms('2026-07-22T03:41:17.090'), 'protected_branch.policy_override', lead, ip=lead.home, branch='main', overridden_codes=['review_policy_not_satisfied'], **repo)
    w.emit(when.ms('2026-08-06T09:12:44.518'), 'protected_branch.update_required_approving_review_count', lead, name='main', **repo)
    w.emit(when.ms('2026-09-02T11:26:03.802'), 'personal_access_token.access_granted', lead, user_programmatic_access_name='terraform plan', **user(company.person('Dmitri Volkonsky')))
