"""Export of the personnel system: joiners, movers, leavers."""
from . import company, when
from .when import DAY, HOUR

COLUMNS = ['employee_id', 'work_email', 'full_name', 'okta_login', 'github_login', 'linux_login', 'database_role', 'event', 'effective_at', 'department', 'title',
           'manager_email', 'recorded_at']


def log(quarter):
    return quarter.source('hr', lambda at: 'hr/export.csv', header=','.join(COLUMNS))


def row(source, member, event, at, department=None, title=None, recorded=None):
    recorded = recorded or at - 12 * DAY
    cells = [member.employee_id, member.email, member.name, member.email, member.github, member.linux, member.database, event, when.iso(at, fraction=False),
             department or member.department, f'"{title or member.title}, {department or member.department}"', company.manager(member).email,
             when.iso(recorded // HOUR * HOUR, fraction=False)]
    source.add(at, ','.join(cell or '' for cell in cells), tags=[f'hr {event} {member.name}'])


def write(quarter):
    source = log(quarter)
    for name, start in company.JOINERS.items():
        row(source, company.person(name), 'joiner', when.ms(start))
    for name, start, department, title in company.MOVERS:
        row(source, company.person(name), 'mover', when.ms(start), department, title)
    for name, (end, _) in company.LEAVERS.items():
        row(source, company.person(name), 'leaver', when.ms(end))
    # Known already, effective after the quarter: not in any population of it.
    row(source, company.person('Marguerite Dubreuil'), 'leaver', when.ms('2026-10-15T16:00'), recorded=when.ms('2026-09-28T09:00'))
    source.bad(when.ms('2026-08-12'), 'E1044,"merge cell lost, see sheet 2",joiner', 'wrong column count')
