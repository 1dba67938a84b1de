"""Personal data and secrets where people and programs leave them: free text, statements, job arguments, command lines."""
import base64
import json

from . import aws, company, github, hr, linux, okta, postgres, product, sidekiq, when
from .dice import Dice

DICE = Dice('planted')


def luhn(prefix, length=16):
    """A card number that passes the Luhn check."""
    body = prefix + DICE.text(length - 1 - len(prefix), '0123456789')
    total = sum(int(d) if i % 2 else sum(divmod(int(d) * 2, 10)) for i, d in enumerate(reversed(body), start=0))
    return body + str(-total % 10)


def iban(country, account):
    """An account number that passes the check of ISO 13616 (mod 97)."""
    digits = ''.join(str(int(c, 36)) for c in account + country + '00')
    return f'{country}{98 - int(digits) % 97:02d}{account}'


def grouped(text):
    return ' '.join(text[i:i + 4] for i in range(0, len(text), 4))


def jwt():
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value, separators=(',', ':')).encode()).decode().rstrip('=')  # noqa: E731
    return '.'.join([part({'alg': 'HS256', 'typ': 'JWT'}), part({'sub': 'u_planted', 'iat': 1785500000, 'jti': DICE.hex(12)}), DICE.text(43)])


UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'


def private_key():
    lines = [DICE.text(64) for _ in range(4)]
    return '-----BEGIN RSA PRIVATE KEY-----\n' + '\n'.join(lines) + '\n-----END RSA PRIVATE KEY-----', lines


def write(quarter):
    in_product(quarter)
    in_okta(quarter)
    in_github(quarter)
    in_aws(quarter)
    in_linux(quarter)
    in_postgres(quarter)
    in_sidekiq(quarter)
    damage(quarter)


def in_product(quarter):
    w = product.Writer(quarter, 'planted/product')
    phone, card, account, social = '+44 20 7946 0958', luhn('4539'), iban('DE', '370400440532013417'), '123-45-6789'
    token, (key, key_lines) = jwt(), private_key()
    tenant = company.TENANT['larkfield']
    user = tenant.users[1]

    def note(text, message, planted, **more):
        entry = w.emit(when.ms(text), 'ledger.entry.update', product.customer_actor(user), session=user['session'], tenant=tenant.id, surface='ui',
                       targets=more.pop('targets', [{'type': 'entry', 'id': f'ent_{w.dice.hex(12)}', 'name': 'Journal entry 7781'}]),
                       origin=product.origin(user['ip'], user['agent'], 'app-1'), approval=product.approval('not_required'), policy=product.policy('3', 'pol-tenant-self'),
                       message=message, **more)
        for kind, value, *forms in planted:
            quarter.plant(kind, value, entry, forms)

    note('2026-07-06T09:14:20.100', f'Please call {phone} or write to h.novotna@mailplanted.example.org before booking',
         [('phone', phone, '442079460958', '+442079460958'), ('email', 'h.novotna@mailplanted.example.org')])
    note('2026-07-14T11:32:45.310', f'Paid with card {grouped(card)}, refund to {grouped(account)}', [('card', grouped(card), card), ('iban', grouped(account), account)])
    note('2026-07-24T13:05:10.990', None, [('ssn', social), ('card', luhn_amex)], reason=f'SSN {social} given by the customer, amex {luhn_amex}')
    note('2026-08-04T08:44:02.007', f'curl -H "Authorization: Bearer {token}" failed', [('jwt', token)])
    note('2026-08-12T10:20:36.441', f'Key pasted by the customer:\n{key}\nplease rotate', [('private_key', line) for line in key_lines])
    note('2026-08-21T15:51:13.218', None, [('email', 'petty.cash@mailplanted.example.org')],
         targets=[{'type': 'entry', 'id': f'ent_{w.dice.hex(12)}', 'name': 'Petty cash (ask petty.cash@mailplanted.example.org)'}])
    note('2026-09-02T09:09:09.090', None, [('url_credentials', 'sftpuser:Zx81-northsea'), ('ipv4', '198.51.100.201')],
         changes=[{'field': 'bank_feed_url', 'before': '', 'after': 'https://sftpuser:Zx81-northsea@feeds.example.com/in'},
                  {'field': 'allowed_from', 'before': '', 'after': 'from 198.51.100.201 only'}])
    # The address is complete only after JSON's own escapes are read.
    entry = w.emit(when.ms('2026-09-10T12:12:12.120'), 'ledger.invoice.create', product.customer_actor(user), session=user['session'], tenant=tenant.id, surface='ui',
                   origin=product.origin(user['ip'], user['agent'], 'app-1'), message='Copy to escaped.reader@mailplanted.example.org')
    entry.data = entry.data.replace(b'escaped.reader@mailplanted', b'escaped.reader\\u0040mailplanted')
    quarter.plant('email', 'escaped.reader@mailplanted.example.org', entry)


def in_okta(quarter):
    w = okta.Writer(quarter, 'planted/okta')
    member, token = company.person('Thandiwe Mbekwa'), jwt()
    entry = w.emit(when.ms('2026-07-21T09:40:18.221'), 'user.authentication.sso', 'User single sign on to app', member, member.home, member.browser, w.session(),
                   uri='/oauth2/v1/authorize', debug={'url': f'/oauth2/v1/authorize?login_hint=t.mbekwa.private@mailplanted.example.org&id_token_hint={token}'})
    quarter.plant('email', 't.mbekwa.private@mailplanted.example.org', entry)
    quarter.plant('jwt', token, entry)
    entry = w.emit(when.ms('2026-08-27T14:18:55.702'), 'user.session.start', 'User login to Okta', member, member.home, member.browser, 'unknown', result='FAILURE',
                   reason='VERIFICATION_ERROR: code sent to (202) 555-0143 and recovery.box@mailplanted.example.org')
    quarter.plant('phone', '(202) 555-0143', entry, ['2025550143', '+12025550143'])
    quarter.plant('email', 'recovery.box@mailplanted.example.org', entry)


def in_github(quarter):
    w = github.Writer(quarter, 'planted/github')
    token, member = 'ghp_' + DICE.text(36), company.person('Hannah Oberlander')
    place = {'repo': 'tallyharbor/exports', 'repo_id': 610_015_838, 'public_repo': False, 'visibility': 'private'}
    entry = w.emit(when.ms('2026-07-29T10:48:33.019'), 'pull_request.create', member, pull_request_id=2_000_041_199, **place,
                   pull_request_title=f'Remove {token} and ops.leak@mailplanted.example.org from fixtures', pull_request_url='https://github.com/tallyharbor/exports/pull/1329')
    quarter.plant('github_token', token, entry)
    quarter.plant('email', 'ops.leak@mailplanted.example.org', entry)


def in_aws(quarter):
    w = aws.Writer(quarter, 'planted/aws')
    key, lead = 'AKIA' + DICE.text(16, UPPER), company.person('Bastien Charpentier')
    at = when.ms('2026-07-30T12:31:07')
    identity = aws.assumed('AWSReservedSSO_PlatformAdmin_0f3a91c2d4e5b677', lead.email, w.dice, at)
    entry = w.emit(at, 'DeleteAccessKey', 'iam.amazonaws.com', identity, company.OFFICE[0], 'aws-cli/2.17.9', {'userName': 'backup-svc', 'accessKeyId': key}, read_only=False,
                   error=('NoSuchEntityException', f'The Access Key with id {key} cannot be found, contact aws.owner@mailplanted.example.org'))
    quarter.plant('aws_key', key, entry)
    quarter.plant('email', 'aws.owner@mailplanted.example.org', entry)
    entry = w.emit(at + 9 * when.MINUTE, 'GetObject', 's3.amazonaws.com', identity, company.OFFICE[0], 'aws-cli/2.17.9',
                   {'bucketName': 'tallyharbor-uploads', 'key': 'inbox/jane.uploader@mailplanted.example.org/scan.pdf'}, category='Data', error=('AccessDenied', 'Access Denied'))
    quarter.plant('email', 'jane.uploader@mailplanted.example.org', entry)


def in_linux(quarter):
    w = linux.Writer(quarter, 'planted/linux')
    key, member, (_, key_lines) = 'AKIA' + DICE.text(16, UPPER), company.person('Dmitri Volkonsky'), private_key()
    head = f'{member.linux:>8} : TTY=pts/1 ; PWD=/home/{member.linux} ; USER=root ; COMMAND='
    entry = w.line(when.ms('2026-07-16T13:22:01'), 'sudo', head + '/usr/bin/curl https://mirror:Kelp-4471-tide@mirror.example.com/pool.tgz --resolve mirror.example.com:443:198.51.100.202')
    quarter.plant('url_credentials', 'mirror:Kelp-4471-tide', entry)
    quarter.plant('ipv4', '198.51.100.202', entry)
    entry = w.line(when.ms('2026-09-08T10:02:47'), 'sudo', head + f'/usr/bin/env AWS_ACCESS_KEY_ID={key} /usr/local/bin/backup --notify night.ops@mailplanted.example.org')
    quarter.plant('aws_key', key, entry)
    quarter.plant('email', 'night.ops@mailplanted.example.org', entry)
    text = '#012'.join(['-----BEGIN RSA PRIVATE KEY-----', *key_lines, '-----END RSA PRIVATE KEY-----'])
    entry = w.line(when.ms('2026-09-08T10:09:12'), 'sudo', head + f'/usr/bin/tee /etc/ssl/private/app.key <<< {text}')
    for line in key_lines:
        quarter.plant('private_key', line, entry)


def in_postgres(quarter):
    w = postgres.Primary(quarter, 'planted/postgres')
    keiko, card, account = company.person('Keiko Murasaki'), luhn('5425'), iban('GB', 'NWBK60161331926874')
    at = when.ms('2026-08-13T09:25:50.418')
    session = w.connect(at, keiko.database, '192.0.2.20', 'psql')
    entry = w.statement(at, session, 1, "/* OPS-801 */\nUPDATE public.bank_accounts\n   SET iban = '" + account + "'\n WHERE holder_email = 'iban.holder@mailplanted.example.org'",
                        'UPDATE', 'WRITE')
    quarter.plant('iban', account, entry)
    quarter.plant('email', 'iban.holder@mailplanted.example.org', entry)
    entry = w.statement(at + 40_000, session, 2, f"/* OPS-801 */ SELECT id FROM public.payments WHERE card_number = '{card}' OR ssn = '078-05-1120' OR seen_from = inet '2001:db8:77:1::5a'")
    quarter.plant('card', card, entry)
    quarter.plant('ssn', '078-05-1120', entry)
    quarter.plant('ipv6', '2001:db8:77:1::5a', entry)
    entry = w.row(at + 75_000, session, 'duplicate key value violates unique constraint "customers_email_key"', 'INSERT', 'ERROR', '23505',
                  detail='Key (email)=(dup.key@mailplanted.example.org) already exists.', query="INSERT INTO public.customers (email, phone) VALUES ('dup.key@mailplanted.example.org', '+1-202-555-0178')")
    quarter.plant('email', 'dup.key@mailplanted.example.org', entry)
    quarter.plant('phone', '+1-202-555-0178', entry, ['+12025550178', '2025550178'])
    source = postgres.replica_log(quarter)
    at = when.ms('2026-09-22T10:14:31.207')
    message = postgres.audit('SESSION', 1, 'READ', 'SELECT', "SELECT id\n  FROM public.customers\n WHERE email = 'replica.reader@mailplanted.example.org'\n   AND phone = '+49 30 23125 014'")
    entry = source.add(at, f'{when.postgres(at)} [40117] {keiko.database}@reporting LOG:  ' + message.replace('\n', '\n\t'))
    quarter.plant('email', 'replica.reader@mailplanted.example.org', entry)
    quarter.plant('phone', '+49 30 23125 014', entry, ['+493023125014', '493023125014'])


def in_sidekiq(quarter):
    w = sidekiq.Writer(quarter, 'planted/sidekiq')
    at, token = when.ms('2026-07-27T16:33:21.900'), jwt()
    arguments, failed = w.run(at, 2100, w.job('Mailer::DeliveryJob'),
                              fails=('Net::SMTPFatalError: 550 5.1.1 <bounced.one@mailplanted.example.org> mailbox unknown',
                                     ['InvoiceMailer', {'to': 'job.args@mailplanted.example.org', 'phone': '+33 1 99 00 12 34', 'link_token': token}]))
    quarter.plant('email', 'bounced.one@mailplanted.example.org', failed)
    quarter.plant('email', 'job.args@mailplanted.example.org', arguments)
    quarter.plant('phone', '+33 1 99 00 12 34', arguments, ['+33199001234'])
    quarter.plant('jwt', token, arguments)
    source, at = sidekiq.reports_log(quarter), when.ms('2026-09-18T05:20:44.119')
    entry = source.add(at, f'{when.iso(at)} pid=841 tid=9x2b class=Reports::NightlyPdfJob jid={DICE.hex(24)} elapsed=3.2 WARN: '
                       'PG::ConnectionBad: postgres://reporter:Moss-7719-gate@192.0.2.31:5432/reporting refused, mail pdf.owner@mailplanted.example.org')
    quarter.plant('url_credentials', 'reporter:Moss-7719-gate', entry)
    quarter.plant('email', 'pdf.owner@mailplanted.example.org', entry)


def truncated(source, at, share=0.6):
    """A record cut in the middle, as a full disk leaves it."""
    entry = source.near(at)
    source.bad(entry.at + 1, entry.data[:int(len(entry.data) * share)], 'truncated JSON')


def invalid_text(source, at, find):
    """A well-formed record with a byte that is no UTF-8."""
    entry = source.near(at, lambda e: find in e.data)
    data = entry.data.replace(find, find + b' \xc3\x28', 1)
    source.bad(entry.at + 1, data, 'invalid UTF-8')


def garbage(source, at, seed):
    dice = Dice(f'garbage/{seed}')
    noise = bytes(b for b in (dice.below(256) for _ in range(180)) if b not in (10, 13, 34))
    source.bad(when.ms(at), b'\x1f\x9d\xff\xfe' + noise, 'binary garbage')


def damage(quarter):
    """What must go to quarantine, and what was delivered twice."""
    of = quarter.sources
    truncated(of['okta'], when.ms('2026-07-13T09:00'))
    truncated(of['okta'], when.ms('2026-09-04T12:00'), 0.97)
    invalid_text(of['okta'], when.ms('2026-08-11T09:00'), b'User login to Okta')
    truncated(of['product_audit'], when.ms('2026-08-19T18:00'))
    invalid_text(of['product_audit'], when.ms('2026-07-19T03:00'), b'Entry booked')
    garbage(of['product_audit'], '2026-09-20T22:41:07.500', 'product')
    truncated(of['github_audit'], when.ms('2026-08-24T10:00'), 0.4)
    truncated(of['aws_cloudtrail_single'], when.ms('2026-08-10T00:00'), 0.8)
    garbage(of['linux_auth'], '2026-08-02T12:00:00', 'linux')
    of['postgresql'].bad(when.ms('2026-07-17T12:00:00'), '2026-07-17 12:00:00.004 UTC,"etl","ledger",,,LOG', 'wrong column count')
    invalid_text(of['postgresql_replica'], when.ms('2026-08-30T02:00'), b'INSERT INTO marts.revenue')
    truncated(of['sidekiq'], when.ms('2026-09-27T14:00'), 0.5)

    for source, times in (('okta', ['2026-07-23T09:00', '2026-09-16T13:00']), ('product_audit', ['2026-07-11T04:00', '2026-09-05T20:00']),
                          ('github_audit', ['2026-09-15T11:00']), ('aws_cloudtrail', ['2026-07-19T02:00'])):
        for text in times:
            of[source].duplicate(of[source].near(when.ms(text)), 4 * when.MINUTE + 1)
    entry = of['product_audit'].near(when.ms('2026-08-29T06:00'), lambda e: b'Entry booked' in e.data)
    of['product_audit'].add(entry.at + 3 * when.MINUTE, entry.data.replace(b'Entry booked', b'Entry booked again'), entry.event_id, 'reused', [f'reused {entry.event_id}'])


luhn_amex = luhn('3782', 15)
