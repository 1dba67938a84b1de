"""Who gets access, who keeps too much of it: approvals for joiners, a contractor without one, movers who keep old rights, the access review."""
from . import company, hr, okta, product, when
from .dice import Dice
from .when import DAY, HOUR, MINUTE, SECOND

CONTRACTOR = company.Person(60, 'Casper Vandenberg|Engineering|Contractor')
# moved on paper, slowly or never in the systems
SLOW_MOVERS = [('Declan Whelehan', '2026-07-27T08:00', 'Finance', 'Billing Analyst', '2026-09-07T09:12'), ('Thandiwe Mbekwa', '2026-08-24T08:00', 'Sales', 'Sales Operations', None)]


def write(quarter):
    for kind, value in (('email', CONTRACTOR.email), ('name', CONTRACTOR.name), ('okta_id', CONTRACTOR.okta_id), ('ip', CONTRACTOR.home)):
        quarter.identity(kind, value)
    approvals(quarter)
    contractor(quarter)
    movers(quarter)
    reviews(quarter)
    okta.sessions(quarter, 'okta/sessions/access')


def approvals(quarter):
    """The manager approves before the account is made; for one of six two days after."""
    w = product.Writer(quarter, 'access/approvals')
    people = company.person('Rosalind Thackeray')
    for n, (name, start) in enumerate(company.JOINERS.items()):
        member, ref = company.person(name), f'IAM-{310 + n * 7}'
        given = when.ms(start) - 3 * DAY - 2 * HOUR + n * 7 * MINUTE + w.dice.below(60_000)
        if name == 'Petronella Huizinga':
            given = when.ms(start) + 2 * DAY + 3 * HOUR
        grant(w, given, people, company.manager(member), member, ref)
    for n, (name, start, *_) in enumerate(company.MOVERS):
        member = company.person(name)
        grant(w, when.ms(start) - 4 * DAY + 4 * HOUR + n * 11 * MINUTE, people, company.manager(member), member, f'IAM-{402 + n * 5}')
    for n, (name, start, department, *_) in enumerate(SLOW_MOVERS):
        member = company.person(name)
        grant(w, when.ms(start) - 3 * DAY + 5 * HOUR, people, company.manager(member), member, f'IAM-{430 + n * 5}')


def grant(w, at, asker, approver, member, ref):
    """Asked for by the people team, approved by the manager."""
    target = [{'type': 'user', 'id': member.employee_id, 'name': member.email}]
    scope, related = f'{ref}|{member.email}|account', 'cor_' + w.dice.text(16)
    asked = at - 2 * HOUR - w.dice.below(HOUR)
    w.emit(asked, 'access.approval.request', product.staff_actor(asker, 'user'), targets=target, approval=product.approval('pending', ref=ref, subject=scope),
           policy=product.policy('4', 'pol-role-grant'), correlation_id=related, message=f'Access asked for in {ref}', **w.staff(asker, asked))
    w.emit(at, 'access.approval.grant', product.staff_actor(approver, 'user'), targets=target, approval=product.approval('approved', approver, ref, at + 30 * DAY, scope),
           policy=product.policy('4', 'pol-role-grant'), correlation_id=related, message=f'Access approved in {ref}', **w.staff(approver, at))


class Directory:
    """What an administrator of the directory does to people and groups."""

    def __init__(self, quarter, name):
        self.quarter, self.w = quarter, okta.Writer(quarter, name)

    def act(self, at, kind, text, member, group=None, admin='Cosmin Radulescu', tags=(), reason=None):
        admin = company.person(admin)
        session = self.quarter.day_session(admin, at)
        targets = [okta.user_target(member)] + ([group_target(group)] if group else [])
        return self.w.emit(at, kind, text, admin, session.ip, admin.browser, session.id, targets=targets, uri='/api/internal/v1/users', tags=tags, reason=reason)


def group_target(group):
    return {'id': '00g8kx2' + group.replace(' ', '')[:10].ljust(10, 'x') + '5d7', 'type': 'UserGroup', 'alternateId': 'unknown', 'displayName': group, 'detailEntry': None}


def contractor(quarter):
    """An account that nobody asked for and nobody approved."""
    directory, at = Directory(quarter, 'access/contractor'), when.ms('2026-08-06T13:41:22.170')
    directory.act(at, 'user.lifecycle.create', 'Create Okta user', CONTRACTOR, tags=['ep02 contractor'])
    directory.act(at + 9 * SECOND, 'user.lifecycle.activate', 'Activate Okta user', CONTRACTOR)
    directory.act(at + 31 * SECOND, 'group.user_membership.add', 'Add user to group membership', CONTRACTOR, 'Contractors')


def movers(quarter):
    directory, w = Directory(quarter, 'access/movers'), product.Writer(quarter, 'access/mover-roles')
    admin, source = company.person('Cosmin Radulescu'), hr.log(quarter)
    for n, (name, start, department, title, removed) in enumerate(SLOW_MOVERS):
        member, at, ref = company.person(name), when.ms(start), f'IAM-{430 + n * 5}'
        hr.row(source, member, 'mover', at, department, title)
        directory.act(at + 20 * MINUTE, 'group.user_membership.add', 'Add user to group membership', member, department)
        product.role(w, at + 55 * MINUTE, admin, member, department.lower() + '_member', company.manager(member), ref)
        if removed:
            gone = when.ms(removed)
            directory.act(gone, 'group.user_membership.remove', 'Remove user from group membership', member, member.department)
            product.role(w, gone + 6 * MINUTE, admin, member, member.department.lower() + '_member', company.manager(member), ref, action='iam.role.revoke')


CAMPAIGN = ('icixq2Quarterly5d7', 'Access review 2026Q3: administrators and billing')
OPENED, DUE = when.ms('2026-09-01T08:00'), when.ms('2026-09-14T18:00')


class Item:
    """One right of one person in the campaign, and what became of it."""

    def __init__(self, number, person, right, reviewer, decision, decided, removed=None):
        self.id, self.person, self.right, self.reviewer = f'AR26Q3-{number:03d}', person, right, reviewer
        self.decision, self.decided, self.removed = decision, decided, removed


def campaign():
    """Two dozen rights: most are kept or taken, one is not decided, one decided late, one by its owner, one not taken away."""
    dice, items = Dice('access/campaign'), []
    rights = [('AWS PlatformAdmin', 'Platform', 'Henrik Soelberg'), ('Okta Administrators', 'Security', 'Henrik Soelberg'), ('Production Database', 'Platform', 'Ilse Vandermeer'),
              ('Billing Administrators', 'Finance', 'Aurelie Fontanel'), ('Support Impersonation', 'Support', 'Wanjiru Kamathi')]
    for right, department, reviewer in rights:
        for member in [p for p in company.at_work(department, OPENED) if p.works(DUE)][:6]:
            decided = OPENED + dice.between(1, 9) * DAY + dice.between(1, 8) * HOUR + dice.below(HOUR)
            items.append(Item(len(items) + 1, member, right, company.person(reviewer), 'APPROVE', decided))
    def of(name, right):
        return next(i for i in items if i.person.name == name and i.right == right)
    of('Thandiwe Mbekwa', 'Billing Administrators').decision = 'REVOKE'
    for name, right, removed in (('Keiko Murasaki', 'AWS PlatformAdmin', '2026-09-11T10:20:14'), ('Mateus Figueira', 'Support Impersonation', '2026-09-10T14:03:40')):
        item = of(name, right)
        item.decision, item.decided, item.removed = 'REVOKE', when.ms('2026-09-10T09:31:07') + len(name) * SECOND, when.ms(removed)
    own = of('Wanjiru Kamathi', 'Support Impersonation')
    own.reviewer = own.person
    late = of('Noor Rahimzadeh', 'Production Database')
    late.decided = when.ms('2026-09-18T11:12:50')
    undecided = of('Dmitri Volkonsky', 'Production Database')
    undecided.decision = undecided.decided = None
    return items


def reviews(quarter):
    """Okta's campaign: opened, decided item by item, revocations carried out, closed."""
    w, directory = okta.Writer(quarter, 'access/review'), Directory(quarter, 'access/remediation')
    quarter.review = campaign()
    lead = company.person('Ilse Vandermeer')
    target = {'id': CAMPAIGN[0], 'type': 'Campaign', 'alternateId': 'unknown', 'displayName': CAMPAIGN[1], 'detailEntry': None}

    def emit(at, kind, text, actor, targets=(), reason=None, tags=()):
        session = quarter.day_session(actor, at)
        return w.emit(at, kind, text, actor, session.ip, actor.browser, session.id, targets=[target, *targets], reason=reason, uri='/governance/api/v1/campaigns', tags=tags)

    emit(OPENED - HOUR, 'certification.campaign.create', 'Campaign created', lead)
    emit(OPENED, 'certification.campaign.launch', 'Campaign launched', lead)
    for item in quarter.review:
        if item.decided:
            item.entry = emit(item.decided, 'certification.campaign.item.decide', 'Campaign item decided', item.reviewer, [okta.user_target(item.person), group_target(item.right)],
                              reason=item.decision, tags=[f'review {item.id}'])
        if item.removed:
            directory.act(item.removed, 'group.user_membership.remove', 'Remove user from group membership', item.person, item.right, tags=[f'removed {item.id}'])
    emit(DUE + 5 * DAY, 'certification.campaign.close', 'Campaign closed', lead)
