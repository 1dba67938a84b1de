"""Changes on their way to production: ticket, pull request, review, checks, deployment, as Jira and GitHub's webhooks tell them."""
import hashlib

from . import company, jira, when
from .dice import Dice
from .when import HOUR, MINUTE, SECOND

ORG, ORG_ID = 'tallyharbor', 84120771
REPOS = ['ledger-core', 'ledger-web', 'exports', 'infrastructure', 'support-console', 'billing']
TITLES = ['Close the fiscal year in one step', 'Round tax per line', 'Retry bank feeds', 'Show the approval beside an export', 'Move reminders to the morning',
          'Limit the size of an archive', 'Name the policy in every refusal', 'Upgrade the web server', 'Keep sessions for eight hours', 'Split the ledger by year',
          'Check the account number', 'Faster balance report', 'Drop the old export page', 'Warn before a lock', 'Index invoices by date', 'Rename the cash report']


def pulls_log(quarter):
    return quarter.source('github_webhook', lambda at: f'github_webhook/deliveries-{when.month(at)}.jsonl')


def runs_log(quarter):
    return quarter.source('github_actions', lambda at: f'github_actions/deliveries-{when.month(at)}.jsonl')


def stamp(at):
    return when.iso(at // 1000 * 1000, fraction=False)


class Change:
    """One change and its moments; None says that the step did not happen."""

    def __init__(self, number, repo, released, ticket, author, reviewer, approver, deployer, title):
        dice = Dice(f'change/{number}')
        self.number, self.repo, self.ticket, self.title = number, repo, ticket, title
        self.author, self.reviewer, self.approver, self.deployer = author, reviewer, approver, deployer
        self.id, self.sha = 2_100_000_000 + number * 37, hashlib.sha1(f'tallyharbor/{number}'.encode()).hexdigest()
        self.head, self.conclusion, self.exceptions = hashlib.sha1(f'head/{number}'.encode()).hexdigest(), 'success', []
        self.deployed = released
        self.merged = released - dice.between(50, 150) * MINUTE - dice.below(60) * SECOND
        self.reviewed = self.merged - dice.between(15, 200) * MINUTE
        self.opened = self.reviewed - dice.between(60, 300) * MINUTE
        self.tested = self.merged + dice.between(9, 25) * MINUTE
        self.approved = released - dice.between(26, 45) * MINUTE
        self.created = self.opened - dice.between(20, 90) * MINUTE

    @property
    def shown_title(self):
        return f'{self.ticket} {self.title}' if self.ticket else self.title


def people(at, names):
    return [p for p in map(company.person, names) if p.works(at - 24 * HOUR) and p.works(at + 24 * HOUR)]


def changes(quarter):
    """Thirteen weekly releases (the product notes them too) and eleven smaller ones; seven break a rule."""
    dice, found = Dice('changes'), []
    coders = ['Hannah Oberlander', 'Luca Bernardini', 'Yuki Tanizawa', 'Nadia Benkirane', 'Amara Okonjo', 'Freya Halvorsen', 'Piotr Wisniewski', 'Tamsin Gallagher']
    deployers = ['Dmitri Volkonsky', 'Noor Rahimzadeh', 'Bastien Charpentier']
    head = company.person('Mirela Stanciu')
    slots = [(at, REPOS[0], ref) for at, ref in quarter.releases]
    slots += [(day + dice.between(15 * HOUR, 16 * HOUR), dice.pick(REPOS[1:]), f'CHG-{1004 + n * 5}') for n, day in enumerate(when.weekdays()[3::6])]
    for n, (at, repo, ref) in enumerate(sorted(slots)):
        author, reviewer = dice.pick(people(at, coders)), None
        while reviewer in (None, author):
            reviewer = dice.pick(people(at, coders))
        found.append(Change(1901 + n * 3, repo, at // 1000 * 1000, ref, author, reviewer, head, dice.pick(people(at, deployers)), TITLES[n % len(TITLES)]))
    for change in found:
        if change.repo == 'infrastructure':
            change.approver = company.person('Henrik Soelberg')
    small = [c for c in found if c.repo != REPOS[0]]
    broken(found, small)
    return found


def broken(found, small):
    """What goes wrong; each change breaks one rule, the emergency of 22 July two."""
    untracked, untested, late, own, alone = small[1], small[3], small[5], small[7], small[8]
    untracked.ticket, untracked.approved, untracked.created = None, None, None
    untracked.exceptions = ['no_ticket', 'no_approval']
    untested.conclusion, untested.exceptions = 'failure', ['no_test']
    late.approved, late.exceptions = late.deployed + 3 * HOUR + 11 * MINUTE, ['approved_late']
    own.deployer, own.exceptions = own.author, ['author_deployed']
    alone.approver, alone.exceptions = alone.author, ['author_approved']
    at = when.ms('2026-07-22T03:48:31')
    lead = company.person('Bastien Charpentier')
    emergency = Change(1975, 'infrastructure', at, 'CHG-1019', lead, None, company.person('Henrik Soelberg'), lead, 'Raise the connection limit of the primary database')
    emergency.opened, emergency.reviewed, emergency.merged, emergency.tested = at - 19 * MINUTE, None, when.ms('2026-07-22T03:41:17'), at - 2 * MINUTE
    emergency.created, emergency.approved = at + 6 * HOUR, at + 6 * HOUR + 44 * MINUTE
    emergency.exceptions = ['no_review', 'ticket_late', 'approved_late', 'author_deployed']
    found.append(emergency)


def repository(change, at):
    return {'id': 610_000_000 + REPOS.index(change.repo) * 7919, 'node_id': f'R_kgDO{REPOS.index(change.repo)}', 'name': change.repo, 'full_name': f'{ORG}/{change.repo}',
            'private': True, 'visibility': 'private', 'owner': {'login': ORG, 'id': ORG_ID, 'type': 'Organization'}, 'created_at': '2023-02-14T09:00:00Z',
            'updated_at': stamp(at), 'pushed_at': stamp(at), 'default_branch': 'main'}


def user(person):
    return {'login': person.github, 'id': person.github_id, 'node_id': f'U_{person.github_id}', 'url': f'https://api.github.com/users/{person.github}', 'type': 'User'}


def body(change, at, sender, **more):
    return more | {'repository': repository(change, at), 'organization': {'login': ORG, 'id': ORG_ID, 'node_id': 'O_kgDOBQOlMw'}, 'sender': user(sender)}


def pull(change, at, merged=False):
    return {'id': change.id, 'number': change.number, 'html_url': f'https://github.com/{ORG}/{change.repo}/pull/{change.number}', 'title': change.shown_title,
            'state': 'closed' if merged else 'open', 'user': user(change.author), 'merged': merged, 'merged_by': user(change.author) if merged else None,
            'head': {'ref': f'change-{change.number}', 'sha': change.head}, 'base': {'ref': 'main'}, 'merge_commit_sha': change.sha if merged else None,
            'created_at': stamp(change.opened), 'updated_at': stamp(at), 'closed_at': stamp(at) if merged else None, 'merged_at': stamp(at) if merged else None}


def in_webhooks(source, change):
    source.add(change.opened, body(change, change.opened, change.author, action='opened', number=change.number, pull_request=pull(change, change.opened)))
    if change.reviewed:
        source.add(change.reviewed, body(change, change.reviewed, change.reviewer, action='submitted', pull_request=pull(change, change.reviewed),
                                         review={'id': 3_300_000_000 + change.number, 'user': user(change.reviewer), 'state': 'approved', 'commit_id': change.head,
                                                 'submitted_at': stamp(change.reviewed)}))
    source.add(change.merged, body(change, change.merged, change.author, action='closed', number=change.number, pull_request=pull(change, change.merged, merged=True)))
    before = hashlib.sha1(f'before/{change.number}'.encode()).hexdigest()
    source.add(change.merged, body(change, change.merged, change.author, ref='refs/heads/main', before=before, after=change.sha, created=False, deleted=False, forced=False,
                                   pusher={'name': change.author.github, 'email': change.author.email}, commits=[{'id': change.sha, 'message': change.shown_title}]))


def in_actions(source, change):
    run = {'id': 9_900_000_000 + change.number, 'name': 'build', 'head_branch': 'main', 'head_sha': change.sha, 'run_number': change.number, 'run_attempt': 1,
           'event': 'push', 'path': '.github/workflows/build.yml', 'actor': user(change.author), 'triggering_actor': user(change.author),
           'created_at': stamp(change.merged), 'updated_at': stamp(change.tested), 'status': 'completed', 'conclusion': change.conclusion}
    flow = {'id': 51_001, 'name': 'build', 'path': '.github/workflows/build.yml'}
    source.add(change.tested, body(change, change.tested, change.author, action='completed', workflow_run=run, workflow=flow))
    deployment = {'id': 8_400_000_000 + change.number, 'sha': change.sha, 'ref': 'main', 'task': 'deploy', 'environment': 'production', 'description': change.shown_title,
                  'created_at': stamp(change.deployed), 'creator': user(change.deployer)}
    change.entry = source.add(change.deployed, body(change, change.deployed, change.deployer, action='created', deployment=deployment), tags=[f'deploy {change.number}'])
    done = change.deployed + 4 * MINUTE + 12 * SECOND
    status = {'id': 8_500_000_000 + change.number, 'state': 'success', 'description': '', 'environment': 'production', 'created_at': stamp(done), 'creator': user(change.deployer)}
    source.add(done, body(change, done, change.deployer, action='created', deployment_status=status, deployment=deployment), tags=[f'deployed {change.number}'])


def write(quarter):
    quarter.changes = changes(quarter)
    tickets = jira.Writer(quarter, 'jira/changes')
    for change in quarter.changes:
        in_webhooks(pulls_log(quarter), change)
        in_actions(runs_log(quarter), change)
        if change.ticket:
            tickets.created(change.created, change.author, change.ticket)
            tickets.moved(change.approved, change.approver, change.ticket, 'Awaiting approval', 'Approved', tags=[f'approved {change.ticket}'])
            tickets.moved(change.deployed + 40 * MINUTE if change.approved < change.deployed else change.approved + HOUR, change.deployer, change.ticket, 'Approved', 'Done')
