"""Jira Data Center's audit files with full coverage: issues made and moved from one status to the next."""
from . import company, when
from .dice import Dice

SITE = 'https://tickets.tallyharbor.example.com'


def log(quarter):
    return quarter.source('jira', lambda at: f'jira/{when.month(at)}-01.audit.log')


class Writer:
    def __init__(self, quarter, name):
        self.quarter, self.source, self.dice = quarter, log(quarter), Dice(name)

    def emit(self, at, person, said, issue, changed=(), tags=(), more=()):
        number = int(''.join(c for c in issue if c.isdigit()))
        event = {'affectedObjects': [{'name': issue, 'type': 'ISSUE', 'id': str(40_000 + sum(map(ord, issue[:3])) * 100 + number)}, *more],
                 'auditType': {'action': said, 'actionI18nKey': 'jira.auditing.' + said.lower().replace(' ', '.'), 'area': 'END_USER_ACTIVITY', 'category': 'issue',
                               'categoryI18nKey': 'jira.auditing.category.issue', 'level': 'FULL'},
                 'author': {'name': person.email, 'type': 'ApplicationUser', 'id': f'JIRAUSER{11000 + int(person.employee_id[1:])}',
                            'uri': f'{SITE}/secure/ViewProfile.jspa?name={person.email}', 'avatarUri': ''},
                 'changedValues': [{'key': key, 'i18nKey': key.lower(), 'from': before, 'to': after} for key, before, after in changed],
                 'extraAttributes': [], 'method': 'Browser', 'source': person.address(self.dice), 'system': SITE,
                 'timestamp': {'epochSecond': at // 1000, 'nano': at % 1000 * 1_000_000}, 'version': '1.0'}
        return self.source.add(at, event, tags=tags)

    def created(self, at, person, issue, tags=()):
        return self.emit(at, person, 'Issue created', issue, tags=tags)

    def moved(self, at, person, issue, before, after, tags=()):
        return self.emit(at, person, 'Issue updated', issue, [('Status', before, after)], tags=tags)
