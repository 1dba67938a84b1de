"""The answer: expected.json for tests, planted.json for the leak test, sources.yaml, and the tables of samples/README.md."""
import json
import os

from . import company, product, when
from .when import DAY, HOUR

SOURCES = [
    # id, parser, paths, instance, expected interval in hours, calendar, extra settings
    ('okta', 'okta', ['okta/*.jsonl'], 'tallyharbor.okta.example.com', 3, 'office', {}),
    ('product_audit', 'product_audit', ['product_audit/*.jsonl'], 'tallyharbor-production', 4, 'always', {}),
    ('github_audit', 'github_audit', ['github_audit/*.jsonl'], 'tallyharbor', None, None, {}),
    ('aws_cloudtrail', 'aws_cloudtrail', ['aws_cloudtrail/*.json.gz'], '111122223333', 8, 'always', {}),
    ('aws_cloudtrail_single', 'aws_cloudtrail', ['aws_cloudtrail/*.jsonl'], '111122223333', None, None, {}),
    ('linux_auth', 'linux_auth', ['linux_auth/auth.log*'], 'bastion-1', 12, 'always', {'modified': '2026-10-01T00:00:00Z'}),
    ('postgresql', 'postgresql', ['postgresql/*.csv'], 'ledger-primary', None, None, {}),
    ('postgresql_replica', 'postgresql', ['postgresql/*.log'], 'ledger-replica', 26, 'always', {}),
    ('sidekiq', 'sidekiq', ['sidekiq/worker-1-*.log'], 'worker-1', 4, 'always', {}),
    ('sidekiq_reports', 'sidekiq', ['sidekiq/reports-*.log'], 'reports-1', 26, 'always', {}),
    ('github_webhook', 'github_webhook', ['github_webhook/*.jsonl'], 'tallyharbor', None, None, {}),
    ('github_actions', 'github_actions', ['github_actions/*.jsonl'], 'tallyharbor', None, None, {}),
    ('jira', 'atlassian_jira', ['jira/*.audit.log'], 'tickets.tallyharbor.example.com', None, None, {}),
    ('journal', 'systemd_journal', ['journal/*.jsonl'], 'hosts', 26, 'always', {}),
    ('hr', 'hr_csv', ['hr/export.csv'], 'people-system', None, None, {}),
]


def write(quarter):
    answer = build(quarter)
    quarter.put('expected.json', pretty(answer))
    quarter.put('planted.json', pretty(planted(quarter)))
    quarter.put('sources.yaml', sources_yaml().encode())
    readme = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'README.md')
    if os.path.abspath(quarter.folder) == os.path.join(os.path.dirname(readme), 'quarter'):
        fill_readme(readme, quarter, answer)


def pretty(value):
    return (json.dumps(value, indent=1, ensure_ascii=False) + '\n').encode()


def build(quarter):
    assert {s[0] for s in SOURCES} == set(quarter.sources)
    sources = {}
    for identifier, parser, *_ in SOURCES:
        source = quarter.sources[identifier]
        sources[identifier] = {'parser': parser, 'files': sorted(source.files())} | source.counts() | {
            'quarantine': [e.place() | {'reason': e.reason} for e in ordered(source, 'bad')],
            'duplicate_records': [e.place() for e in ordered(source, 'duplicate')],
            'reused_ids': [e.place() for e in ordered(source, 'reused')]}
    totals = {key: sum(s[key] for s in sources.values()) for key in ('records', 'parsed', 'quarantined', 'duplicates', 'skipped', 'events')}
    return {'version': 1, 'period': {'start': when.iso(when.START, False), 'endExclusive': when.iso(when.END, False)}, 'totals': totals, 'sources': sources,
            'identicalLines': quarter.facts['identical_lines'], 'silence': silence(quarter), 'incident': incident(quarter), 'findings': findings(quarter),
            'reports': {'EP-01': coverage(quarter), 'EP-03': leavers(quarter), 'EP-17': customer_access(quarter)}}


def ordered(source, kind):
    return sorted((e for e in source.entries if e.kind == kind), key=lambda e: (e.file, e.line))


def place(quarter, entry, what=None):
    return {'source': quarter.source_of(entry)} | entry.place() | ({'what': what} if what else {})


STEPS = [
    ('incident sign-in', 'Priya Ramanathan signs in from the office with her second factor'),
    ('incident console session', 'her console session starts, same session id'),
    ('incident takeover', 'the same session from another network, country and browser, without a sign-in'),
    ('incident roaming', 'Okta notes the roaming client'),
    ('incident console sign-on', 'single sign-on to the console from the new address'),
    ('incident resume', 'the console resumes the session from the new address'),
    ('incident impersonation', 'impersonates a user of Brightmoor Clinics: no ticket, approval pending'),
    ('incident read 1', 'searches bank accounts as that user'), ('incident read 2', 'reads a bank feed'), ('incident read 3', 'reads the customer list'),
    ('incident read 4', 'looks for the export settings'),
    ('incident export', 'queues a full export: no approval at all, decided by the old policy version 6'),
    ('incident job start', 'the worker starts the job'),
    ('incident select public.customers', 'the worker reads customers'), ('incident select public.invoices', 'invoices'),
    ('incident select public.invoice_lines', 'invoice lines'), ('incident select public.bank_accounts', 'bank accounts'),
    ('incident object put', 'the archive is written to the bucket'), ('incident job done', 'the job is done'), ('incident export complete', 'the product notes 61377 rows'),
    ('incident object get', 'the archive leaves: fetched from the intruder\'s address'), ('incident impersonation end', 'the impersonation ends'),
    ('incident sign-out', 'the session is signed out from the intruder\'s address'), ('incident response', 'two days later Security clears her sessions (SEC-882)'),
]


def incident(quarter):
    steps = [place(quarter, quarter.tagged(tag), what) for tag, what in STEPS]
    return {'ids': quarter.facts['incident_ids'], 'steps': sorted(steps, key=lambda s: s['time'])}


def findings(quarter):
    one = lambda tag, what: place(quarter, quarter.tagged(tag), what)  # noqa: E731
    return {'selfApprovedRoleGrant': one('self-approved role grant', 'Gareth Llewelyn grants himself billing_admin, approved by himself (IAM-455)'),
            'breakGlass': {'reviewed': [one('break-glass reviewed', 'bg_7k2m9q, INC-118')], 'reviews': [one('break-glass review', 'review of bg_7k2m9q')],
                           'unreviewed': [one('break-glass unreviewed', 'bg_x4h8tn, INC-131: nobody reviewed it')]},
            'signInAfterLeaving': one('sign-in after leaving', 'Tobias Lindqvist signs in two days after his last')}


def coverage(quarter):
    """One gap; a report that needs a source with a gap is incomplete, whatever else it finds."""
    gaps = silence(quarter)
    return {'sources': len(SOURCES), 'exceptions': len(gaps), 'outcome': 'incomplete', 'exceptionItems': [{'source': g['source'], 'day': g['from'][:10], 'reasons': ['gap']} for g in gaps]}


def leavers(quarter):
    """Every leaver of the quarter by system; an exception is: later than 24 hours, never, or a sign-in after the end."""
    items = []
    for name, (end, taken) in company.LEAVERS.items():
        member, end = company.person(name), when.ms(end)
        assert when.START <= end < when.END
        for system, moment in taken.items():
            login = {'okta': member.email, 'github': member.github, 'linux': member.linux}[system]
            item = {'employee_id': member.employee_id, 'email': member.email, 'system': system, 'login': login, 'end': when.iso(end, False), 'reasons': []}
            if not moment:
                item['reasons'].append('none')
            else:
                entry = quarter.tagged(f'disable {system} {name}')
                item |= {'disabled': place(quarter, entry), 'lag_seconds': (entry.at - end) // 1000}
                if entry.at - end > 24 * HOUR:
                    item['reasons'].append('late')
            if system == 'okta':
                logins = [e for e in quarter.sources['okta'].entries if e.kind == 'event' and e.at >= end and session_start(e, member.email)]
                if logins:
                    item['reasons'].append('login_after_end')
                    item['logins_after_end'] = [place(quarter, e) for e in logins]
            items.append(item)
    exceptions = [i for i in items if i['reasons']]
    assert [(i['email'].split('.')[0], i['system'], i['reasons']) for i in exceptions] == [('tobias', 'okta', ['late', 'login_after_end']), ('anouk', 'linux', ['none'])]
    return {'limit_hours': 24, 'leavers': len(company.LEAVERS), 'population': len(items), 'exceptions': len(exceptions), 'outcome': 'exceptions', 'items': items}


def session_start(entry, email):
    event = json.loads(entry.data)
    return event['eventType'] == 'user.session.start' and event['outcome']['result'] == 'SUCCESS' and event['actor']['alternateId'] == email


def customer_access(quarter):
    """Successful access of own staff to a customer's data; the rules are evaluated here, independent of what was planted."""
    population, exceptions = [], []
    for entry in sorted(quarter.sources['product_audit'].entries, key=lambda e: e.at):
        if entry.kind != 'event':
            continue
        event = json.loads(entry.data)
        if event['action'] not in product.ACCESS or event['outcome'] != 'success':
            continue
        population.append(event['id'])
        given = event.get('approval', {})
        reasons = []
        if not given.get('ref'):
            reasons.append('no_ticket')
        if given.get('state') not in ('approved', 'break_glass'):
            reasons.append('export_without_approval' if event['action'] == 'customer.data.export' else 'no_approval')
        if given.get('by') == event['actor'].get('email'):
            reasons.append('self_approved')
        if given.get('expires') and when.ms(event['time']) > when.ms(given['expires']):
            reasons.append('outside_window')
        if reasons:
            assert any(t.startswith('ep17 ') for t in entry.tags), (event, reasons)
            exceptions.append(place(quarter, entry) | {'action': event['action'], 'tenant': event['tenant'], 'actor': event['actor']['email'], 'reasons': reasons})
    assert len(exceptions) == sum(t.startswith('ep17 ') for e in quarter.sources['product_audit'].entries for t in e.tags)
    return {'actions': list(product.ACCESS), 'population': len(population), 'exceptions': len(exceptions), 'outcome': 'exceptions', 'exceptionItems': exceptions,
            'populationIds': population}


def office_hours(start, end):
    """Milliseconds of Monday to Friday, 08:00 to 18:00, between two moments."""
    total = 0
    for day in range(start // DAY * DAY, end, DAY):
        if when.is_weekday(day):
            total += max(0, min(end, day + 18 * HOUR) - max(start, day + 8 * HOUR))
    return total


def silence(quarter):
    """Silences longer than a source's interval. Exactly one is in the quarter; the edges of the quarter count too."""
    found = []
    for identifier, _, _, _, hours, calendar, _ in SOURCES:
        if not hours:
            continue
        times = [when.START] + sorted(e.at for e in quarter.sources[identifier].entries if e.kind == 'event') + [when.END]
        for before, after in zip(times, times[1:]):
            quiet = office_hours(before, after) if calendar == 'office' else after - before
            if quiet > hours * HOUR:
                found.append({'source': identifier, 'from': when.iso(before), 'to': when.iso(after), 'seconds': (after - before) // 1000, 'expected_interval': f'{hours}h'})
    assert [f['source'] for f in found] == ['sidekiq'] and 9 * 3600 <= found[0]['seconds'] < 9.2 * 3600, found
    return found


def planted(quarter):
    strings = [{'kind': kind, 'value': value, 'also': forms} | place(quarter, entry) for kind, value, forms, entry in quarter.planted]
    for item in strings:
        item.pop('event_id', None)
    return {'version': 1, 'strings': strings, 'identities': {kind: sorted(values) for kind, values in sorted(quarter.identities.items())}}


def sources_yaml():
    out = ['# Where the quarter\'s records come from. Paths are relative to this file.', 'version: 1', 'sources:']
    for identifier, parser, paths, instance, hours, calendar, extra in SOURCES:
        out += [f'  - id: {identifier}', f'    parser: {parser}', f'    paths: [{", ".join(json.dumps(p) for p in paths)}]', f'    instance: {json.dumps(instance)}', '    timezone: UTC']
        if hours:
            out += [f'    expected_interval: {hours}h', f'    calendar: {calendar}']
        for key, value in extra.items():
            out.append(f'    {key}: {value}')
    return '\n'.join(out) + '\n'


def fill_readme(path, quarter, answer):
    text = open(path, encoding='utf-8').read()
    begin, end = '<!-- answer: written by generate.py -->\n', '<!-- end of answer -->\n'
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    with open(path, 'w', encoding='utf-8') as file:
        file.write(head + begin + '\n'.join(tables(answer)) + '\n' + end + tail)


def where(item):
    record = f', record {item["record"]}' if 'record' in item else f':{item["line"]}'
    return f'`{item["file"]}`{record}'


def tables(answer):
    yield from ('### Counts', '', '| source | parser | records | parsed | quarantined | duplicates | skipped | events |', '|---|---|---|---|---|---|---|---|')
    for name, s in answer['sources'].items():
        yield f'| {name} | {s["parser"]} | {s["records"]} | {s["parsed"]} | {s["quarantined"]} | {s["duplicates"]} | {s["skipped"]} | {s["events"]} |'
    t = answer['totals']
    yield from (f'| **all** | | {t["records"]} | {t["parsed"]} | {t["quarantined"]} | {t["duplicates"]} | {t["skipped"]} | {t["events"]} |', '')
    yield from ('Quarantined:', '')
    for s in answer['sources'].values():
        for q in s['quarantine']:
            yield f'- {where(q)}: {q["reason"]}'
    yield from ('', 'Delivered twice (same id, same bytes: counted as duplicate, not stored again), and one id used again with other bytes (kept and flagged):', '')
    for s in answer['sources'].values():
        for d in s['duplicate_records']:
            yield f'- duplicate: {where(d)} `{d["event_id"]}`'
        for d in s['reused_ids']:
            yield f'- re-used id: {where(d)} `{d["event_id"]}`'
    ids = answer['incident']['ids']
    yield from ('', '### The incident', '', '| link | value |', '|---|---|')
    for key, value in ids.items():
        yield f'| {key} | `{value}` |'
    yield from ('', '| time | what | where | event id |', '|---|---|---|---|')
    for step in answer['incident']['steps']:
        yield f'| {step["time"]} | {step["what"]} | {where(step)} | {"`" + step["event_id"] + "`" if "event_id" in step else ""} |'
    f, gap = answer['findings'], answer['silence'][0]
    yield from ('', '### The rest of the story', '')
    grant, glass, after = f['selfApprovedRoleGrant'], f['breakGlass'], f['signInAfterLeaving']
    yield f'- Self-approved role grant: {grant["what"]}. {grant["time"]}, {where(grant)}.'
    yield f'- Break-glass, reviewed the next day: {glass["reviewed"][0]["what"]}, {where(glass["reviewed"][0])}; review {where(glass["reviews"][0])}.'
    yield f'- Break-glass, never reviewed: {glass["unreviewed"][0]["what"]}. {glass["unreviewed"][0]["time"]}, {where(glass["unreviewed"][0])}.'
    yield f'- Sign-in after leaving: {after["what"]}. {after["time"]}, {where(after)}.'
    yield f'- Silence: `{gap["source"]}` from {gap["from"]} to {gap["to"]} ({gap["seconds"]} s, expected every {gap["expected_interval"]}). No other source is silent beyond its interval, weekends included.'
    same = answer['identicalLines']
    yield f'- Two identical lines in `{same["file"]}` are two events.'
    yield from ('', '### EP-01 coverage: incomplete, with one exception', '', 'The silence of `sidekiq` above. No other source has a gap.')
    r = answer['reports']['EP-03']
    yield from ('', f'### EP-03 leavers: {r["population"]} items of {r["leavers"]} leavers, {r["exceptions"]} exceptions', '', 'Outcome: exceptions. Limit: 24 hours.', '', '| leaver | system | end | taken away | reasons |', '|---|---|---|---|---|')
    for i in r['items']:
        yield f'| {i["email"]} | {i["system"]} | {i["end"]} | {i.get("disabled", {}).get("time", "never")} | {", ".join(i["reasons"])} |'
    r = answer['reports']['EP-17']
    yield from ('', f'### EP-17 customer data access: {r["population"]} items, {r["exceptions"]} exceptions', '',
                'Population: events of `product_audit` with outcome success and one of the actions ' + ', '.join(f'`{a}`' for a in r['actions']) + '.', '',
                '| time | action | tenant | reasons | where | event id |', '|---|---|---|---|---|---|')
    for e in r['exceptionItems']:
        yield f'| {e["time"]} | {e["action"]} | {e["tenant"]} | {", ".join(e["reasons"])} | {where(e)} | `{e["event_id"]}` |'
